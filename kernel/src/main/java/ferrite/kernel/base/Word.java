package ferrite.kernel.base;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;

/** A number of 32 bits that is read as an {@code int}, or an array of them. */
@DriverApi
public record Word(String name, int offset, int count, boolean signed) implements Field {

    @Override
    public String type() {
        return signed ? "int" : "unsigned int";
    }

    @Override
    public int width() {
        return 4;
    }

    public int get(ReadableMemory memory, long base) {
        return memory.load32(base + offset);
    }

    public int get(ReadableMemory memory, long base, long index) {
        return memory.load32(base + offset + 4 * index);
    }

    public void set(KernelMemory memory, long base, int value) {
        memory.store32(base + offset, value);
    }

    public void set(KernelMemory memory, long base, long index, int value) {
        memory.store32(base + offset + 4 * index, value);
    }

    /** Adds to the number with a load and a store. The caller holds the lock that protects it. */
    public void add(KernelMemory memory, long base, int change) {
        memory.store32(base + offset, memory.load32(base + offset) + change);
    }

    /** Adds to the number in one step. Returns the old number. */
    public int amoAdd(KernelMemory memory, long base, int change) {
        return memory.amoAdd32(base + offset, change);
    }

    /** Sets the number in one step. Returns the old number. */
    public int amoSwap(KernelMemory memory, long base, int value) {
        return memory.amoSwap32(base + offset, value);
    }

    /** Sets bits in one step. Returns the old number. */
    public int amoOr(KernelMemory memory, long base, int bits) {
        return memory.amoOr32(base + offset, bits);
    }

    /** Keeps bits in one step, and clears all others. Returns the old number. */
    public int amoAnd(KernelMemory memory, long base, int bits) {
        return memory.amoAnd32(base + offset, bits);
    }
}
