package ferrite.hardware.devicetree;

/**
 * A range of physical addresses, as the {@code reg} property and the memory reservation block of a device tree hold it.
 * Both numbers are unsigned 64-bit: whoever uses them on a narrower bus checks them first.
 */
public record Region(long address, long size) {
    @Override
    public String toString() {
        return String.format("0x%x+0x%x", address, size);
    }
}
