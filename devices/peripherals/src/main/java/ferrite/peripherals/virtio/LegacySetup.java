package ferrite.peripherals.virtio;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.Arrays;

/**
 * The place of the queues by the legacy interface, version 1 (Virtual I/O Device 1.2, section 4.2.4): a queue is one
 * range of pages, with the device's area at a multiple of QueueAlign.
 */
final class LegacySetup implements Saveable {

    /** QEMU's alignment for drivers that set none, such as xv6's. */
    private static final int DEFAULT_ALIGN = 4096;

    /** The number of bytes in a page of QueuePFN; 0 until the driver tells. A reset leaves it, as in QEMU. */
    private int pageSize;
    private final int[] align;
    private final int[] pfn;

    LegacySetup(int queues) {
        align = new int[queues];
        pfn = new int[queues];
        reset();
    }

    void reset() {
        Arrays.fill(align, DEFAULT_ALIGN);
        Arrays.fill(pfn, 0);
    }

    void setPageSize(int value) {
        requirePowerOfTwo("GuestPageSize", value);
        pageSize = value;
    }

    void setAlign(int queue, int value) {
        requirePowerOfTwo("QueueAlign", value);
        align[queue] = value;
    }

    private static void requirePowerOfTwo(String register, int value) {
        if (value <= 0 || Integer.bitCount(value) != 1) {
            throw new DriverError(register + " is written as " + Integer.toUnsignedString(value)
                    + "; a power of two below 2^31 would be right");
        }
    }

    int pfn(int queue) {
        return pfn[queue];
    }

    /** Gives the device a queue at a page, which is not 0. */
    void enable(int number, VirtQueue queue, int page) {
        if (pageSize == 0) {
            throw new DriverError("QueuePFN is written before GuestPageSize");
        }
        queue.enableInOneRange((page & 0xffff_ffffL) * pageSize, align[number]);
        pfn[number] = page;
    }

    void disable(int number, VirtQueue queue) {
        pfn[number] = 0;
        queue.disable();
    }

    @Override
    public void save(StateWriter out) {
        out.put32(pageSize);
        out.putInts(align);
        out.putInts(pfn);
    }

    @Override
    public void restore(StateReader in) {
        pageSize = in.get32();
        in.getInts(align);
        in.getInts(pfn);
    }
}
