package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;

/**
 * A piece of the physical address space.
 *
 * @param name  who answers there
 * @param base  its first address
 * @param bytes its length, not zero; the range does not wrap round the end of the 32-bit space
 */
public record AddressRange(String name, long base, long bytes) {

    public AddressRange {
        if (base < 0 || bytes <= 0 || bytes > (1L << 32) - base) {
            throw new IllegalArgumentException(name + ": a range of " + bytes + " bytes at " + Hex.grouped(base)
                    + " is empty or goes beyond the 32-bit address space");
        }
    }

    public long end() {
        return base + bytes;
    }

    public boolean contains(long pa) {
        return pa >= base && pa < end();
    }

    boolean overlaps(AddressRange other) {
        return base < other.end() && other.base < end();
    }
}
