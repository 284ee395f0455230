package ferrite.peripherals.virtio;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.IntPredicate;

/**
 * A split virtqueue (section 2.7), from the device's side. The driver puts heads of descriptor chains into its area,
 * the available ring. The device takes them and, when it is done, puts them into its own area, the used ring. Indices
 * count to 65535 and begin again.
 *
 * <pre>
 * driver's area:  flags 16 | idx 16 | ring: head 16, ... | used_event 16
 * device's area:  flags 16 | idx 16 | ring: head 32, length 32, ... | avail_event 16
 * </pre>
 */
final class VirtQueue implements Saveable {

    /** The value of QueueNumMax. */
    static final int MAX_SIZE = 256;

    private static final int IDX = 2;
    private static final int RING = 4;
    private static final int USED_ENTRY_BYTES = 8;
    /** In the driver's flags: do not interrupt. In the device's flags: do not notify. */
    private static final int SUPPRESSED = 1;

    private final int number;
    private final GuestMemory memory;
    private final IntPredicate negotiated;
    private final Runnable interrupt;

    private boolean ready;
    private int size;
    private long table;
    private long driver;
    private long device;
    /** The indices of the next entries in the two rings. */
    private int nextAvailable;
    private int nextUsed;

    /**
     * @param negotiated returns true if a feature, by its bit number, is in use
     * @param interrupt  notifies the driver of a used buffer
     */
    VirtQueue(int number, GuestMemory memory, IntPredicate negotiated, Runnable interrupt) {
        this.number = number;
        this.memory = memory;
        this.negotiated = negotiated;
        this.interrupt = interrupt;
    }

    // ---- set-up through the transport's registers ----

    boolean isReady() {
        return ready;
    }

    void setSize(int value) {
        size = value;
    }

    /** Sets one half of one of the three addresses. */
    void setAddress(int register, int value) {
        switch (register) {
            case VirtioRegisters.QUEUE_DESC_LOW -> table = low(table, value);
            case VirtioRegisters.QUEUE_DESC_HIGH -> table = high(table, value);
            case VirtioRegisters.QUEUE_DRIVER_LOW -> driver = low(driver, value);
            case VirtioRegisters.QUEUE_DRIVER_HIGH -> driver = high(driver, value);
            case VirtioRegisters.QUEUE_DEVICE_LOW -> device = low(device, value);
            case VirtioRegisters.QUEUE_DEVICE_HIGH -> device = high(device, value);
            default -> throw new IllegalArgumentException("register " + register + " does not hold half of an address");
        }
    }

    private static long low(long address, int value) {
        return address & 0xffff_ffff_0000_0000L | value & 0xffff_ffffL;
    }

    private static long high(long address, int value) {
        return address & 0xffff_ffffL | (long) value << 32;
    }

    /** Lets the device use the queue from now on, if it is well formed (section 2.7). */
    void enable() {
        requireWellFormed();
        nextAvailable = 0;
        nextUsed = 0;
        ready = true;
    }

    /** As {@link #enable}, for a queue of the legacy interface: its parts lie one after the other. */
    void enableInOneRange(long base, int align) {
        table = base;
        driver = base + (long) DescriptorChain.DESCRIPTOR_BYTES * (size & 0xffff_ffffL);
        device = driver + RING + 2 * (size & 0xffff_ffffL) + 2 + align - 1 & -(long) align;
        enable();
    }

    private void requireWellFormed() {
        if (size < 1 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
            throw new DriverError("queue " + number + " would have " + Integer.toUnsignedString(size)
                    + " descriptors; a power of two up to " + MAX_SIZE + " would be right");
        }
        requireArea(table, 16, (long) DescriptorChain.DESCRIPTOR_BYTES * size, "descriptor table");
        requireArea(driver, 2, RING + 2L * size + 2, "driver's area");
        requireArea(device, 4, RING + (long) USED_ENTRY_BYTES * size + 2, "device's area");
    }

    private void requireArea(long address, int alignment, long length, String what) {
        if (address % alignment != 0) {
            throw new DriverError("the " + what + " of queue " + number + " is at 0x" + Long.toHexString(address)
                    + "; a multiple of " + alignment + " would be right");
        }
        memory.require(address, length, "the " + what + " of queue " + number);
    }

    /** Stops the device from using the queue. The driver's settings stay. */
    void disable() {
        ready = false;
    }

    /** Returns the queue to its state at power-on. */
    void reset() {
        ready = false;
        size = 0;
        table = 0;
        driver = 0;
        device = 0;
        nextAvailable = 0;
        nextUsed = 0;
    }

    // ---- buffers ----

    /**
     * Takes the next chain. If there is none, asks the driver to notify the device of the next one and returns null.
     */
    DescriptorChain take() {
        int waiting = memory.load16(driver + IDX) - nextAvailable & 0xffff;
        if (waiting > size) {
            throw new DriverError("the driver offers " + waiting + " chains in queue " + number
                    + ", which has only " + size + " descriptors");
        }
        if (waiting == 0) {
            listen();
            return null;
        }
        doNotListen();
        int head = memory.load16(driver + RING + 2L * (nextAvailable % size));
        nextAvailable = nextAvailable + 1 & 0xffff;
        return DescriptorChain.walk(memory, table, size, head, negotiated.test(VirtioRegisters.F_INDIRECT_DESC));
    }

    /** Asks for a notification: the device has taken all chains (section 2.7.10). */
    private void listen() {
        if (negotiated.test(VirtioRegisters.F_EVENT_IDX)) {
            memory.store16(device + RING + (long) USED_ENTRY_BYTES * size, nextAvailable);
        } else {
            memory.store16(device, 0);
        }
    }

    /**
     * Asks for no notifications: the device itself looks for the next chain when it is done. With event indices, the
     * old index already says so.
     */
    private void doNotListen() {
        if (!negotiated.test(VirtioRegisters.F_EVENT_IDX)) {
            memory.store16(device, SUPPRESSED);
        }
    }

    /** Gives a finished chain back to the driver (section 2.7.8). */
    void give(DescriptorChain chain) {
        int index = nextUsed;
        giveSilently(chain);
        if (isInterruptWanted(index)) {
            interrupt.run();
        }
    }

    /** Gives a finished chain back, and loses the interrupt. */
    void giveSilently(DescriptorChain chain) {
        long entry = device + RING + (long) USED_ENTRY_BYTES * (nextUsed % size);
        memory.store32(entry, chain.head());
        memory.store32(entry + 4, (int) chain.writable().done());
        nextUsed = nextUsed + 1 & 0xffff;
        memory.store16(device + IDX, nextUsed);
    }

    /** Returns true if the driver wants an interrupt for a used entry (section 2.7.7.2). */
    private boolean isInterruptWanted(int index) {
        if (negotiated.test(VirtioRegisters.F_EVENT_IDX)) {
            return memory.load16(driver + RING + 2L * size) == index;
        }
        return (memory.load16(driver) & SUPPRESSED) == 0;
    }

    // ---- looking ----

    /**
     * The state of a queue, for the {@code virtio} command.
     *
     * @param available the driver's index, read from RAM
     * @param taken     the device's position in the available ring
     * @param used      the device's index
     */
    record Look(int size, long table, long driver, long device, int available, int taken, int used) { }

    /** Returns the queue's state, or null if the device may not use the queue. */
    Look look() {
        return ready ? new Look(size, table, driver, device, memory.peek16(driver + IDX), nextAvailable, nextUsed)
                : null;
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putBoolean(ready);
        out.putInts(new int[] {size, nextAvailable, nextUsed});
        out.put64(table);
        out.put64(driver);
        out.put64(device);
    }

    @Override
    public void restore(StateReader in) {
        ready = in.getBoolean();
        int[] words = new int[3];
        in.getInts(words);
        size = words[0];
        nextAvailable = StateReader.bitsOf(words[1], 0xffff);
        nextUsed = StateReader.bitsOf(words[2], 0xffff);
        table = in.get64();
        driver = in.get64();
        device = in.get64();
        if (ready) {
            DriverError.refuse(this::requireWellFormed);
        }
    }

    /** Refuses saved state with a chain in flight in a queue that the device may not use. */
    void requireReady() {
        StateReader.requireThat(ready, "a chain of queue " + number + " is in flight, but the queue is not ready");
    }
}
