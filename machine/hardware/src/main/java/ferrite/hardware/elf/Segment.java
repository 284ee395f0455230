package ferrite.hardware.elf;

import java.util.Locale;

/**
 * A loadable segment of an image: bytes of the file that belong at a physical address, and zeroes behind them.
 *
 * @param pa       physical address of the first byte
 * @param va       virtual address at which the image expects that byte
 * @param file     the whole file, not a copy: to be read only, from {@code offset}, {@code fileSize} bytes
 * @param offset   where in the file the segment's bytes start
 * @param fileSize how many bytes come from the file
 * @param memSize  how many bytes the segment has in memory, at least {@code fileSize}; those behind are zero. It may be
 *                 gigabytes: compare it with the memory there is, do not allocate it
 * @param flags    the {@code PF_} bits
 */
public record Segment(long pa, long va, byte[] file, int offset, int fileSize, long memSize, int flags) {
    public static final int PF_X = 1;
    public static final int PF_W = 2;
    public static final int PF_R = 4;

    /** The physical address behind the last byte. */
    public long endPa() {
        return pa + memSize;
    }

    /** Whether the segment contains this virtual address. */
    public boolean containsVa(long address) {
        return address >= va && address - va < memSize;
    }

    /** Whether the segment contains this physical address. */
    public boolean containsPa(long address) {
        return address >= pa && address - pa < memSize;
    }

    boolean isExecutable() {
        return (flags & PF_X) != 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "pa 0x%08x..0x%08x", pa, endPa() - 1);
    }
}
