package ferrite.hardware.devicetree;

import java.util.Locale;

/**
 * A range of physical addresses, as in the {@code reg} property and the memory reservation block of a device tree. Both
 * numbers are unsigned 64-bit. A user with a narrower bus checks them first.
 */
public record Region(long address, long size) {
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "0x%x+0x%x", address, size);
    }
}
