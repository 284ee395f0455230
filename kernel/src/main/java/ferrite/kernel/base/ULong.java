package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;

/**
 * C's {@code unsigned long}, of 32 bits here, or an array of them: counts of pages, frame numbers, and addresses that
 * are not virtual.
 */
@DriverApi
public record ULong(String name, int offset, int count) implements Field {

    @Override
    public String type() {
        return "unsigned long";
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

    public void set(KernelMemory memory, long base, long value) {
        memory.storeAddress(base + offset, value);
    }

    public void set(KernelMemory memory, long base, long index, long value) {
        memory.storeAddress(base + offset + 4 * index, value);
    }

    /** Adds to the number with a load and a store. The caller holds the lock that protects it. */
    public void add(KernelMemory memory, long base, long change) {
        memory.storeAddress(base + offset, memory.loadAddress(base + offset) + change);
    }

    /** Adds to an element with a load and a store. The caller holds the lock that protects it. */
    public void add(KernelMemory memory, long base, long index, long change) {
        long address = base + offset + 4 * index;
        memory.storeAddress(address, memory.loadAddress(address) + change);
    }
}
