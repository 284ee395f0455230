package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;

/** A NUL-terminated string inside the record, in ISO 8859-1. {@code count} is its bytes, with the NUL. */
@DriverApi
public record Text(String name, int offset, int count) implements Field {

    @Override
    public String type() {
        return "char";
    }

    @Override
    public int width() {
        return 1;
    }

    @Override
    public int alignment() {
        return 1;
    }

    public String get(ReadableMemory memory, long base) {
        return memory.loadString(base + offset, count);
    }

    /** Stores the text, cut to fit. */
    public void set(KernelMemory memory, long base, String text) {
        memory.storeString(base + offset, text, count);
    }
}
