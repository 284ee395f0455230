package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.function.Function;

/** A virtio device in its slot, with RAM and a clock. There is no hart: the test is the driver. */
final class VirtioRig {

    static final long SLOT = 0x1000_8000L;
    static final long RAM = 0x8000_0000L;
    static final int RAM_BYTES = 1 << 20;
    /** Descriptors of a queue, unless a test asks for another number. */
    static final int SIZE = 8;
    /** RAM for a test's own use. */
    static final long BUFFER = RAM + 0x2_0000;

    static final int NEXT = DescriptorChain.F_NEXT;
    static final int WRITE = DescriptorChain.F_WRITE;
    static final int INDIRECT = DescriptorChain.F_INDIRECT;
    static final long VERSION_1 = 1L << VirtioRegisters.F_VERSION_1;
    static final long INDIRECT_DESC = 1L << VirtioRegisters.F_INDIRECT_DESC;
    static final long EVENT_IDX = 1L << VirtioRegisters.F_EVENT_IDX;
    static final int RUNNING = VirtioRegisters.ACKNOWLEDGE | VirtioRegisters.DRIVER | VirtioRegisters.FEATURES_OK
            | VirtioRegisters.DRIVER_OK;

    final Clock clock = new Clock();
    final PhysicalBus bus;
    final BusMaster hart = new BusMaster("hart0", 34);
    final VirtioMmio transport;
    int size = SIZE;
    boolean interrupt;

    VirtioRig(Function<Clock, VirtioDevice> device) {
        this(device, RAM_BYTES);
    }

    VirtioRig(Function<Clock, VirtioDevice> device, int ramBytes) {
        this(device, ramBytes, false);
    }

    private VirtioRig(Function<Clock, VirtioDevice> device, int ramBytes, boolean legacy) {
        bus = new PhysicalBus(new Ram(RAM, ramBytes));
        transport = new VirtioMmio("virtio7", device.apply(clock), bus, clock, level -> interrupt = level, legacy);
        bus.attach("virtio7", SLOT, VirtioMmio.BYTES, transport);
    }

    /** Creates a device with the legacy interface. */
    static VirtioRig legacy(Function<Clock, VirtioDevice> device) {
        return new VirtioRig(device, RAM_BYTES, true);
    }

    static VirtioRig entropy() {
        return new VirtioRig(clock -> new VirtioEntropy(1));
    }

    // ---- registers ----

    int load(int register) {
        return bus.load(hart, SLOT + register, 4);
    }

    void store(int register, int value) {
        bus.store(hart, SLOT + register, 4, value);
    }

    int status() {
        return load(VirtioRegisters.STATUS);
    }

    void addStatus(int bits) {
        store(VirtioRegisters.STATUS, status() | bits);
    }

    boolean needsReset() {
        return (status() & VirtioRegisters.DEVICE_NEEDS_RESET) != 0;
    }

    void acceptFeatures(long features) {
        for (int half = 0; half < 2; half++) {
            store(VirtioRegisters.DRIVER_FEATURES_SEL, half);
            store(VirtioRegisters.DRIVER_FEATURES, (int) (features >>> 32 * half));
        }
    }

    /** Initializes the device with all queues, up to DRIVER_OK (section 3.1.1). */
    VirtioRig start(long features) {
        negotiate(features);
        for (int queue = 0; queue < transport.device().queues(); queue++) {
            setUp(queue);
            store(VirtioRegisters.QUEUE_READY, 1);
        }
        addStatus(VirtioRegisters.DRIVER_OK);
        return this;
    }

    void negotiate(long features) {
        store(VirtioRegisters.STATUS, 0);
        addStatus(VirtioRegisters.ACKNOWLEDGE);
        addStatus(VirtioRegisters.DRIVER);
        acceptFeatures(features | VERSION_1);
        addStatus(VirtioRegisters.FEATURES_OK);
    }

    /** Selects a queue, and sets its size and addresses. */
    void setUp(int queue) {
        store(VirtioRegisters.QUEUE_SEL, queue);
        store(VirtioRegisters.QUEUE_NUM, size);
        setAddress(VirtioRegisters.QUEUE_DESC_LOW, table(queue));
        setAddress(VirtioRegisters.QUEUE_DRIVER_LOW, driver(queue));
        setAddress(VirtioRegisters.QUEUE_DEVICE_LOW, device(queue));
    }

    void setAddress(int low, long address) {
        store(low, (int) address);
        store(low + 4, (int) (address >>> 32));
    }

    // ---- a queue in memory ----

    static long table(int queue) {
        return RAM + 0x1000 + queue * 0x3000L;
    }

    static long driver(int queue) {
        return table(queue) + 0x1000;
    }

    static long device(int queue) {
        return table(queue) + 0x2000;
    }

    /** Writes a descriptor into a table. */
    void descriptor(long table, int index, long address, int length, int flags, int next) {
        long at = table + 16L * index;
        bus.store(hart, at, 4, (int) address);
        bus.store(hart, at + 4, 4, (int) (address >>> 32));
        bus.store(hart, at + 8, 4, length);
        bus.store(hart, at + 12, 2, flags);
        bus.store(hart, at + 14, 2, next);
    }

    /** Makes a chain available without notifying the device. */
    void offer(int queue, int head) {
        int index = available(queue);
        bus.store(hart, driver(queue) + 4 + 2L * (index % size), 2, head);
        setAvailable(queue, index + 1);
    }

    int available(int queue) {
        return bus.load(hart, driver(queue) + 2, 2);
    }

    void setAvailable(int queue, int index) {
        bus.store(hart, driver(queue) + 2, 2, index & 0xffff);
    }

    void notifyDevice(int queue) {
        store(VirtioRegisters.QUEUE_NOTIFY, queue);
    }

    void send(int queue, int head) {
        offer(queue, head);
        notifyDevice(queue);
    }

    int used(int queue) {
        return bus.load(hart, device(queue) + 2, 2);
    }

    int usedId(int queue, int index) {
        return bus.load(hart, device(queue) + 4 + 8L * (index % size), 4);
    }

    int usedLength(int queue, int index) {
        return bus.load(hart, device(queue) + 8 + 8L * (index % size), 4);
    }

    void setDriverFlags(int queue, int flags) {
        bus.store(hart, driver(queue), 2, flags);
    }

    int deviceFlags(int queue) {
        return bus.load(hart, device(queue), 2);
    }

    void setUsedEvent(int queue, int index) {
        bus.store(hart, driver(queue) + 4 + 2L * size, 2, index & 0xffff);
    }

    int availEvent(int queue) {
        return bus.load(hart, device(queue) + 4 + 8L * size, 2);
    }

    // ---- memory and time ----

    byte[] bytes(long pa, int length) {
        byte[] bytes = new byte[length];
        bus.peek(pa, bytes, 0, length);
        return bytes;
    }

    void fill(long pa, byte[] bytes) {
        bus.write(hart, pa, bytes, 0, bytes.length);
    }

    /** Acknowledges the interrupt. Returns true if it was for a used buffer. */
    boolean acknowledge() {
        int why = load(VirtioRegisters.INTERRUPT_STATUS);
        store(VirtioRegisters.INTERRUPT_ACK, why);
        return (why & VirtioRegisters.USED_BUFFER) != 0;
    }

    /** Runs all events until none is scheduled. */
    void finish() {
        while (clock.nextDue() != Long.MAX_VALUE) {
            step();
        }
    }

    /** Runs the next event. */
    void step() {
        clock.jumpTo(clock.nextDue());
        clock.fireDue();
    }

    byte[] save() {
        StateWriter out = new StateWriter();
        List.<Saveable>of(clock, transport).forEach(part -> part.save(out));
        return out.toBytes();
    }

    void restore(byte[] state) {
        StateReader in = new StateReader(state);
        List.<Saveable>of(clock, transport).forEach(part -> part.restore(in));
    }
}
