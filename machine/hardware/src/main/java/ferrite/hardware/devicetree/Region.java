package ferrite.hardware.devicetree;

import java.util.Locale;

/**
 * A range of physical addresses, as the {@code reg} property and the memory reservation block of a device tree hold it.
 * Both numbers are unsigned 64-bit: whoever uses them on a narrower bus checks them first.
 */
public record Region(long address, long size) {
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "0x%x+0x%x", address, size);
    }
}
