package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;

/**
 * A virtio-mmio slot without a device (Virtual I/O Device 1.2, section 4.2.2). Device id 0 tells a driver to go on to
 * the next slot. As on QEMU's virt machine, the other registers read as zero and ignore stores.
 */
public final class EmptySlot implements BusDevice {

    private final boolean legacy;

    /** @param legacy whether the slot has the legacy interface */
    public EmptySlot(boolean legacy) {
        this.legacy = legacy;
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        return switch ((int) offset) {
            case VirtioRegisters.MAGIC_VALUE -> VirtioRegisters.VIRT;
            case VirtioRegisters.VERSION -> legacy ? VirtioRegisters.LEGACY : VirtioRegisters.NOT_LEGACY;
            case VirtioRegisters.VENDOR_ID -> VirtioRegisters.QEMU;
            default -> 0;
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw new BusFault(offset, width, "a virtio device has only registers of one word");
        }
    }
}
