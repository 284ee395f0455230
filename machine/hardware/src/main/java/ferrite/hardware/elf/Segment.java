package ferrite.hardware.elf;

import java.util.Locale;

/**
 * A loadable segment of an image: bytes of the file that belong at a physical address, and zeroes after them.
 *
 * @param pa       physical address of the first byte
 * @param va       virtual address at which the image expects that byte
 * @param file     the whole file, not a copy; read-only; the segment is the {@code fileSize} bytes at {@code offset}
 * @param offset   offset of the segment's bytes in the file
 * @param fileSize number of bytes from the file
 * @param memSize  number of bytes in memory, at least {@code fileSize}; those past the file's bytes are zero. It may be
 *                 gigabytes: compare it with the size of memory, and do not allocate it
 * @param flags    the {@code PF_} bits
 */
public record Segment(long pa, long va, byte[] file, int offset, int fileSize, long memSize, int flags) {
    public static final int PF_X = 1;
    public static final int PF_W = 2;
    public static final int PF_R = 4;

    /** Returns the physical address just past the last byte. */
    public long endPa() {
        return pa + memSize;
    }

    /** Tells whether the segment contains this virtual address. */
    public boolean containsVa(long address) {
        return address >= va && address - va < memSize;
    }

    /** Tells whether the segment contains this physical address. */
    public boolean containsPa(long address) {
        return address >= pa && address - pa < memSize;
    }

    /** Returns the part of the segment from a physical address on; null if there is none. */
    public Segment from(long address) {
        long less = Math.max(0, address - pa);
        if (less >= memSize) {
            return null;
        }
        int lessOfFile = (int) Math.min(less, fileSize);
        return new Segment(pa + less, va + less, file, offset + lessOfFile, fileSize - lessOfFile, memSize - less,
                flags);
    }

    boolean isExecutable() {
        return (flags & PF_X) != 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "pa 0x%08x..0x%08x", pa, endPa() - 1);
    }
}
