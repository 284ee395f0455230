package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;

/** A number of 64 bits, in two words: it is neither read nor written in one step. */
@DriverApi
public record U64(String name, int offset, int count) implements Field {

    @Override
    public String type() {
        return "unsigned long long";
    }

    @Override
    public int width() {
        return 8;
    }

    public long get(ReadableMemory memory, long base) {
        return memory.load64(base + offset);
    }

    public void set(KernelMemory memory, long base, long value) {
        memory.store64(base + offset, value);
    }

    /** Adds to the number. The caller holds the lock that protects it. */
    public void add(KernelMemory memory, long base, long change) {
        memory.store64(base + offset, memory.load64(base + offset) + change);
    }
}
