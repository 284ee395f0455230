package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;

/**
 * A virtio-mmio slot with no device in it (Virtual I/O Device 1.2, section 4.2.2): device id 0 tells a driver to go on to the next slot. As in QEMU,
 * whose machine this slot is on, the other registers read as zero and take what is written.
 */
public final class EmptySlot implements BusDevice {

    public static final long BYTES = 0x1000;
    public static final String COMPATIBLE = "virtio,mmio";

    private static final int MAGIC_VALUE = 0;
    private static final int VERSION = 4;
    private static final int VENDOR_ID = 0xc;
    private static final int VIRT = 0x74726976;
    private static final int NOT_LEGACY = 2;
    private static final int QEMU = 0x554d4551;

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        return switch ((int) offset) {
            case MAGIC_VALUE -> VIRT;
            case VERSION -> NOT_LEGACY;
            case VENDOR_ID -> QEMU;
            default -> 0;
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw new BusFault(offset, width, "the registers of a virtio device are words");
        }
    }
}
