package ferrite.hardware.bus;

import ferrite.hardware.report.Hex;

/**
 * A range of physical addresses.
 *
 * @param name  the device (or "ram") at these addresses
 * @param base  the first address
 * @param bytes the length, not zero; the range must end within the 32-bit address space
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
