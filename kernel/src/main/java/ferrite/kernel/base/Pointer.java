package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;

/**
 * A virtual address, or an array of them.
 *
 * @param target the type that it points to, as C writes it: {@code struct page}, {@code char}, {@link #FUNCTION}
 */
@DriverApi
public record Pointer(String name, int offset, int count, String target) implements Field {

    /** The target of a text address, see {@link TextTable}. */
    public static final String FUNCTION = "void ()";

    @Override
    public String type() {
        return target.equals(FUNCTION) ? "void (*)()" : target.endsWith("*") ? target + "*" : target + " *";
    }

    @Override
    public int width() {
        return 4;
    }

    public long get(ReadableMemory memory, long base) {
        return memory.loadAddress(base + offset);
    }

    public long get(ReadableMemory memory, long base, long index) {
        return memory.loadAddress(base + offset + 4 * index);
    }

    public void set(KernelMemory memory, long base, long address) {
        memory.storeAddress(base + offset, address);
    }

    public void set(KernelMemory memory, long base, long index, long address) {
        memory.storeAddress(base + offset + 4 * index, address);
    }
}
