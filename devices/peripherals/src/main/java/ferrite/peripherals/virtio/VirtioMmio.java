package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Virtio over the memory bus, version 2 (Virtual I/O Device 1.2, section 4.2): the registers of a {@link VirtioDevice},
 * and its queues. On demand the registers are those of the legacy interface, version 1 (section 4.2.4).
 *
 * <p>A driver's mistake stops the device until its reset: DEVICE_NEEDS_RESET is set, and {@link #broken} gives the
 * reason.
 */
public final class VirtioMmio implements BusDevice, Saveable {

    public static final long BYTES = VirtioRegisters.BYTES;
    public static final String COMPATIBLE = "virtio,mmio";

    private static final int NO_SHARED_MEMORY = -1;
    private static final int ALL_ONES = -1;

    private final String name;
    private final VirtioDevice device;
    private final IrqLine irq;
    private final FeatureNegotiation features;
    private final List<VirtQueue> queues = new ArrayList<>();
    /** Null unless the interface is the legacy one. */
    private final LegacySetup legacy;

    private int status;
    private int interruptStatus;
    private int queueSel;
    private String broken = "";

    /** @param name the bus master's name in reports of memory accesses */
    public VirtioMmio(String name, VirtioDevice device, PhysicalBus bus, Clock clock, IrqLine irq) {
        this(name, device, bus, clock, irq, false);
    }

    /** @param isLegacy whether the interface is the legacy one */
    public VirtioMmio(String name, VirtioDevice device, PhysicalBus bus, Clock clock, IrqLine irq, boolean isLegacy) {
        this.name = name;
        this.legacy = isLegacy ? new LegacySetup(device.queues()) : null;
        this.device = device;
        this.irq = irq;
        this.features = new FeatureNegotiation(device.features(), isLegacy);
        GuestMemory memory = new GuestMemory(bus, new BusMaster(name, 32));
        for (int number = 0; number < device.queues(); number++) {
            queues.add(new VirtQueue(number, memory, this::isNegotiated, () -> raise(VirtioRegisters.USED_BUFFER)));
        }
        device.connect(new Transport(memory, clock));
    }

    private final class Transport implements VirtioDevice.Transport {

        private final GuestMemory memory;
        private final Clock clock;

        Transport(GuestMemory memory, Clock clock) {
            this.memory = memory;
            this.clock = clock;
        }

        @Override
        public VirtQueue queue(int number) {
            return queues.get(number);
        }

        @Override
        public QueueServer server(int queue, QueueServer.Work work) {
            return new QueueServer(name + " queue " + queue, queues.get(queue), memory, work, clock,
                    action -> () -> guarded(action));
        }

        @Override
        public boolean isNegotiated(int feature) {
            return VirtioMmio.this.isNegotiated(feature);
        }

        @Override
        public void guarded(Runnable action) {
            VirtioMmio.this.guarded(action);
        }

        @Override
        public GuestMemory memory() {
            return memory;
        }

        @Override
        public void interrupt() {
            raise(VirtioRegisters.USED_BUFFER);
        }
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        if (device.isRemoved()) {
            return ALL_ONES >>> Integer.SIZE - Byte.SIZE * width;
        }
        if (offset >= VirtioRegisters.CONFIG) {
            return configuration((int) offset - VirtioRegisters.CONFIG, width);
        }
        requireWord(offset, width);
        requireInterface(offset, width, "read");
        return switch ((int) offset) {
            case VirtioRegisters.MAGIC_VALUE -> VirtioRegisters.VIRT;
            case VirtioRegisters.VERSION -> legacy == null ? VirtioRegisters.NOT_LEGACY : VirtioRegisters.LEGACY;
            case VirtioRegisters.QUEUE_PFN -> isQueue() ? legacy.pfn(queueSel) : 0;
            case VirtioRegisters.DEVICE_ID -> device.id();
            case VirtioRegisters.VENDOR_ID -> VirtioRegisters.QEMU;
            case VirtioRegisters.DEVICE_FEATURES -> features.offeredInWindow();
            case VirtioRegisters.QUEUE_NUM_MAX -> isQueue() ? VirtQueue.MAX_SIZE : 0;
            case VirtioRegisters.QUEUE_READY -> isQueue() && queues.get(queueSel).isReady() ? 1 : 0;
            case VirtioRegisters.INTERRUPT_STATUS -> interruptStatus;
            case VirtioRegisters.STATUS -> status;
            case VirtioRegisters.SHM_LEN_LOW, VirtioRegisters.SHM_LEN_HIGH, VirtioRegisters.SHM_BASE_LOW,
                    VirtioRegisters.SHM_BASE_HIGH -> NO_SHARED_MEMORY;
            case VirtioRegisters.CONFIG_GENERATION -> 0;
            default -> throw noRegister(offset, width, "has no register to read here");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        if (device.isRemoved()) {
            return;
        }
        if (offset >= VirtioRegisters.CONFIG) {
            device.storeConfiguration((int) offset - VirtioRegisters.CONFIG, width, value);
            return;
        }
        requireWord(offset, width);
        requireInterface(offset, width, "write");
        switch ((int) offset) {
            case VirtioRegisters.GUEST_PAGE_SIZE -> guarded(() -> legacy.setPageSize(value));
            case VirtioRegisters.QUEUE_ALIGN -> guarded(() -> setAlign(value));
            case VirtioRegisters.QUEUE_PFN -> guarded(() -> setPfn(value));
            case VirtioRegisters.DEVICE_FEATURES_SEL -> features.selectOffered(value);
            case VirtioRegisters.DRIVER_FEATURES_SEL -> features.selectAccepted(value);
            case VirtioRegisters.QUEUE_SEL -> queueSel = value;
            case VirtioRegisters.SHM_SEL -> { }        // no device has a shared memory region
            case VirtioRegisters.INTERRUPT_ACK -> acknowledge(value);
            case VirtioRegisters.STATUS -> guarded(() -> setStatus(value));
            case VirtioRegisters.DRIVER_FEATURES -> guarded(() -> acceptFeatures(value));
            case VirtioRegisters.QUEUE_READY -> guarded(() -> setReady(value));
            case VirtioRegisters.QUEUE_NOTIFY -> guarded(() -> notified(value));
            case VirtioRegisters.QUEUE_NUM -> guarded(() -> queueToSetUp().setSize(value));
            case VirtioRegisters.QUEUE_DESC_LOW, VirtioRegisters.QUEUE_DESC_HIGH, VirtioRegisters.QUEUE_DRIVER_LOW,
                    VirtioRegisters.QUEUE_DRIVER_HIGH, VirtioRegisters.QUEUE_DEVICE_LOW,
                    VirtioRegisters.QUEUE_DEVICE_HIGH -> guarded(() -> queueToSetUp().setAddress((int) offset, value));
            default -> throw noRegister(offset, width, "has no register to write here");
        }
    }

    private int configuration(int offset, int width) {
        byte[] bytes = device.configuration();
        if (offset + width > bytes.length) {
            throw new BusFault(VirtioRegisters.CONFIG + offset, width,
                    "the configuration of this device has " + bytes.length + " bytes");
        }
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[offset + i] & 0xff) << 8 * i;
        }
        return value;
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width, "has only registers of one word");
        }
    }

    /** Refuses registers that the other interface has. */
    private void requireInterface(long offset, int width, String how) {
        boolean isForLegacy = offset == VirtioRegisters.GUEST_PAGE_SIZE || offset == VirtioRegisters.QUEUE_ALIGN
                || offset == VirtioRegisters.QUEUE_PFN;
        boolean isForOther = offset == VirtioRegisters.QUEUE_READY || offset >= VirtioRegisters.QUEUE_DESC_LOW;
        if (legacy == null ? isForLegacy : isForOther) {
            throw noRegister(offset, width, (legacy == null ? "" : "of the legacy interface ") + "has no register to "
                    + how + " here");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "a virtio device " + why);
    }

    // ---- status and features (sections 2.1 and 2.2) ----

    private void setStatus(int value) {
        if (value == 0) {
            reset();
            return;
        }
        int cleared = status & VirtioRegisters.DRIVERS_STATUS & ~value;
        if (cleared != 0) {
            throw new DriverError("the status bits 0x" + Integer.toHexString(cleared)
                    + " cannot be cleared alone; writing 0 clears all bits");
        }
        int set = value & VirtioRegisters.DRIVERS_STATUS & ~status;
        if ((set & VirtioRegisters.FEATURES_OK) != 0 && !features.isAgreeable()) {
            set &= ~VirtioRegisters.FEATURES_OK;
        }
        boolean agreed = legacy != null || ((status | set) & VirtioRegisters.FEATURES_OK) != 0;
        if ((set & VirtioRegisters.DRIVER_OK) != 0 && !agreed) {
            throw new DriverError("DRIVER_OK is set without FEATURES_OK");
        }
        status |= set;
        if ((set & VirtioRegisters.DRIVER_OK) != 0 && isRunning()) {
            lookAtQueues();
        }
    }

    /** Looks at all ready queues. A driver may have made buffers available before it set DRIVER_OK. */
    private void lookAtQueues() {
        for (int number = 0; number < queues.size(); number++) {
            if (queues.get(number).isReady()) {
                device.look(number);
            }
        }
    }

    private void acceptFeatures(int value) {
        if ((status & VirtioRegisters.FEATURES_OK) != 0) {
            throw new DriverError("features are accepted after FEATURES_OK");
        }
        features.accept(value);
        if (legacy != null) {
            features.dropOthers();
        }
    }

    private boolean isNegotiated(int feature) {
        return (legacy != null || (status & VirtioRegisters.FEATURES_OK) != 0) && features.isAccepted(feature);
    }

    private void reset() {
        stopQueues();
        queues.forEach(VirtQueue::reset);
        if (legacy != null) {
            legacy.reset();
        }
        status = 0;
        features.reset();
        queueSel = 0;
        broken = "";
        interruptStatus = 0;
        irq.set(false);
    }

    private void stopQueues() {
        for (int number = 0; number < queues.size(); number++) {
            device.stop(number);
        }
    }

    // ---- queues ----

    private boolean isQueue() {
        return queueSel >= 0 && queueSel < queues.size();
    }

    private VirtQueue selected() {
        if (!isQueue()) {
            throw new DriverError("queue " + Integer.toUnsignedString(queueSel)
                    + " is selected; the device has only " + queues.size());
        }
        return queues.get(queueSel);
    }

    private VirtQueue queueToSetUp() {
        VirtQueue queue = selected();
        if (queue.isReady()) {
            throw new DriverError("queue " + queueSel + " is already ready; it can be set up only before that");
        }
        return queue;
    }

    private void setReady(int value) {
        VirtQueue queue = selected();
        if (value == 1 && !queue.isReady()) {
            queue.enable();
        } else if (value == 0) {
            device.stop(queueSel);
            queue.disable();
        } else if (value != 1) {
            throw new DriverError("QueueReady is written as " + Integer.toUnsignedString(value)
                    + "; 0 or 1 would be right");
        }
    }

    private void setAlign(int value) {
        queueToSetUp();
        legacy.setAlign(queueSel, value);
    }

    private void setPfn(int value) {
        if (value != 0) {
            legacy.enable(queueSel, queueToSetUp(), value);
        } else {
            VirtQueue queue = selected();
            device.stop(queueSel);
            legacy.disable(queueSel, queue);
        }
    }

    /** A legacy driver may use its queues before DRIVER_OK (section 3.1.2). */
    private void notified(int number) {
        if (legacy == null && (status & VirtioRegisters.DRIVER_OK) == 0) {
            throw new DriverError("a queue is notified before DRIVER_OK is set");
        }
        if (number < 0 || number >= queues.size() || !queues.get(number).isReady()) {
            throw new DriverError("queue " + Integer.toUnsignedString(number) + " is notified, but it is not ready");
        }
        if (isRunning()) {
            device.look(number);
        }
    }

    private boolean isRunning() {
        return (status & VirtioRegisters.DEVICE_NEEDS_RESET) == 0;
    }

    /** Runs an action that may find a driver's mistake. A device that needs a reset keeps the first mistake. */
    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (DriverError error) {
            needReset(error.getMessage());
        }
        if (device.isRemoved()) {
            interruptStatus = 0;
            irq.set(false);
        }
    }

    private void needReset(String why) {
        if (isRunning()) {
            broken = why;
            status |= VirtioRegisters.DEVICE_NEEDS_RESET;
            stopQueues();
            if ((status & VirtioRegisters.DRIVER_OK) != 0) {
                raise(VirtioRegisters.CONFIGURATION_CHANGE);
            }
        }
    }

    // ---- interrupts ----

    private void raise(int why) {
        interruptStatus |= why;
        irq.set(true);
    }

    private void acknowledge(int dealtWith) {
        interruptStatus &= ~dealtWith;
        if (interruptStatus == 0) {
            irq.set(false);
        }
    }

    // ---- looking ----

    VirtioDevice device() {
        return device;
    }

    int status() {
        return status;
    }

    int interruptStatus() {
        return interruptStatus;
    }

    FeatureNegotiation features() {
        return features;
    }

    List<VirtQueue> queues() {
        return queues;
    }

    /** Returns the reason why the device needs a reset; empty if it needs none. */
    String broken() {
        return broken;
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {status, interruptStatus, queueSel});
        features.save(out);
        out.putBytes(broken.getBytes(StandardCharsets.UTF_8));
        if (legacy != null) {
            legacy.save(out);
        }
        queues.forEach(queue -> queue.save(out));
        device.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[3];
        in.getInts(words);
        status = StateReader.bitsOf(words[0], VirtioRegisters.DRIVERS_STATUS | VirtioRegisters.DEVICE_NEEDS_RESET);
        interruptStatus = StateReader.bitsOf(words[1],
                VirtioRegisters.USED_BUFFER | VirtioRegisters.CONFIGURATION_CHANGE);
        queueSel = words[2];
        features.restore(in);
        broken = new String(in.getBytes(), StandardCharsets.UTF_8);
        if (legacy != null) {
            legacy.restore(in);
        }
        queues.forEach(queue -> queue.restore(in));
        device.restore(in);
        requireSense();
    }

    /** Refuses saved state with chains in flight in a device that is not set up or needs a reset. */
    private void requireSense() {
        boolean agreed = (status & VirtioRegisters.FEATURES_OK) != 0;
        StateReader.requireThat(!agreed || features.isAgreeable(),
                "driver and device agreed on features that " + device.kind() + " does not offer");
        StateReader.requireThat(legacy != null || agreed || (status & VirtioRegisters.DRIVER_OK) == 0,
                "DRIVER_OK is set without FEATURES_OK");
        StateReader.requireThat(isRunning() == broken.isEmpty(),
                "DEVICE_NEEDS_RESET is " + (isRunning() ? "not set, because " : "set, because ") + broken);
        for (int number = 0; number < queues.size(); number++) {
            StateReader.requireThat(device.inFlight(number) == 0
                    || isRunning() && (legacy != null || (status & VirtioRegisters.DRIVER_OK) != 0),
                    "a chain of queue " + number
                            + " is in flight while the status is 0x" + Integer.toHexString(status));
        }
    }
}
