package ferrite.peripherals.nic;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.net.Wire;

/**
 * A network card that masters the bus: a transmitter and a receiver, each with a ring of descriptors in memory. It acts
 * on what memory holds when it looks: the transmitter after a kick and after each frame, the receiver for each frame.
 * An engine that finds an error stops, and says why in the registers.
 */
public final class Nic implements BusDevice, Saveable, Wire.Card {

    /** Device tree: the compatible string, and the property that holds the number of address wires. */
    public static final String COMPATIBLE = "ferrite,nic";
    public static final String ADDRESS_WIDTH = "ferrite,addrwidth";
    public static final int ADDRESS_BITS = 32;
    public static final long BYTES = NicRegisters.BYTES;

    private static final int ALL_ONES = -1;
    private static final int BROADCAST_HIGH = 0xffff;
    private static final int GROUP_BIT = 1;
    private static final int MAC_LOW_BYTES = 4;
    private static final int MAC_BYTES = 6;

    private final IrqLine irq;
    private final long permanentMac;
    private final Wire wire;
    private final DeviceFaults faults;
    private final NicMemory memory;
    private final NicTransmitter transmitter;
    private final NicReceiver receiver;
    private final ClockEvent sent;
    private final ClockEvent arrived;

    private int control;
    private int cause;
    private int mask;
    private int macLow;
    private int macHigh;
    private int error;
    private int errorAddress;
    private int filtered;
    private boolean removed;

    /** @param faults of its frames */
    public Nic(String name, PhysicalBus bus, Clock clock, IrqLine irq, Plug plug, DeviceFaults faults) {
        this.irq = irq;
        this.permanentMac = plug.mac;
        this.wire = plug.wire;
        this.faults = faults;
        memory = new NicMemory(bus, new BusMaster(name, ADDRESS_BITS));
        transmitter = new NicTransmitter(memory, wire);
        receiver = new NicReceiver(memory);
        sent = clock.newEvent(name + " transmitter", this::send);
        arrived = clock.newEvent(name + " receiver", this::store);
        bus.describeRequests(name, memory::request);
        reset();
        wire.plugInto(this, clock);
    }

    /**
     * The card's socket.
     *
     * @param mac  the address in 48 bits, its first byte highest
     * @param wire the cable, which the card plugs in
     */
    public record Plug(long mac, Wire wire) { }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        if (removed) {
            return ALL_ONES;
        }
        return switch ((int) offset) {
            case NicRegisters.ID -> NicRegisters.MAGIC;
            case NicRegisters.CONTROL -> control;
            case NicRegisters.STATUS -> (wire.isPlugged() ? NicRegisters.LINK_UP : 0)
                    | (sent.isScheduled() ? NicRegisters.TX_BUSY : 0);
            case NicRegisters.CAUSE -> cause;
            case NicRegisters.MASK -> mask;
            case NicRegisters.MAC_LOW -> macLow;
            case NicRegisters.MAC_HIGH -> macHigh;
            case NicRegisters.TX_RING -> (int) transmitter.ring().base();
            case NicRegisters.TX_SIZE -> transmitter.ring().size();
            case NicRegisters.TX_HEAD -> transmitter.ring().head();
            case NicRegisters.RX_RING -> (int) receiver.ring().base();
            case NicRegisters.RX_SIZE -> receiver.ring().size();
            case NicRegisters.RX_HEAD -> receiver.ring().head();
            case NicRegisters.ERROR -> error;
            case NicRegisters.ERROR_ADDRESS -> errorAddress;
            case NicRegisters.LOST -> receiver.lost();
            case NicRegisters.FILTERED -> filtered;
            default -> throw noRegister(offset, width, "has no register to read here");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
        if (removed) {
            return;
        }
        switch ((int) offset) {
            case NicRegisters.CONTROL -> control(value);
            case NicRegisters.CAUSE -> setCause(cause & ~value);
            case NicRegisters.MASK -> {
                mask = value & NicRegisters.CAUSES;
                setCause(cause);
            }
            case NicRegisters.MAC_LOW -> macLow = value;
            case NicRegisters.MAC_HIGH -> macHigh = value & BROADCAST_HIGH;
            case NicRegisters.TX_RING, NicRegisters.TX_SIZE -> setUp(NicRegisters.TX_ENABLE, transmitter.ring(),
                    offset == NicRegisters.TX_RING, value);
            case NicRegisters.RX_RING, NicRegisters.RX_SIZE -> setUp(NicRegisters.RX_ENABLE, receiver.ring(),
                    offset == NicRegisters.RX_RING, value);
            case NicRegisters.TX_KICK -> look();
            default -> throw noRegister(offset, width, "has no register to write here");
        }
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width, "has only registers of one word");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the network card " + why);
    }

    private void control(int value) {
        if ((value & NicRegisters.RESET) != 0) {
            reset();
            return;
        }
        int begun = value & ~control;
        control = value & NicRegisters.CONTROL_BITS;
        if (!isOn(NicRegisters.TX_ENABLE)) {
            sent.cancel();
        }
        if ((begun & NicRegisters.RX_ENABLE) != 0) {
            require(NicRegisters.RX_ENABLE, receiver.ring());
        }
        if ((begun & NicRegisters.TX_ENABLE) != 0 && require(NicRegisters.TX_ENABLE, transmitter.ring())) {
            look();
        }
    }

    private boolean isOn(int bit) {
        return (control & bit) != 0;
    }

    private boolean require(int engine, NicRing ring) {
        boolean right = memory.isRing(ring);
        if (!right) {
            stop(engine, NicRegisters.BAD_RING, ring.base());
        }
        return right;
    }

    private void setUp(int engine, NicRing ring, boolean isBase, int value) {
        if (isOn(engine)) {
            stop(engine, NicRegisters.RING_IN_USE, ring.base());
        } else if (isBase) {
            ring.setBase(value);
        } else {
            ring.setSize(value);
        }
    }

    /** Returns to the state at power-on, but for the cable. */
    private void reset() {
        control = 0;
        mask = 0;
        macLow = 0;
        macHigh = 0;
        for (int i = 0; i < MAC_BYTES; i++) {
            int octet = (int) (permanentMac >>> 8 * (MAC_BYTES - 1 - i)) & 0xff;
            macLow |= i < MAC_LOW_BYTES ? octet << 8 * i : 0;
            macHigh |= i < MAC_LOW_BYTES ? 0 : octet << 8 * (i - MAC_LOW_BYTES);
        }
        error = NicRegisters.NO_ERROR;
        errorAddress = 0;
        filtered = 0;
        transmitter.reset();
        receiver.reset();
        sent.cancel();
        arrived.cancel();
        setCause(0);
    }

    // ---- interrupts and errors ----

    private void setCause(int value) {
        cause = value;
        irq.set((cause & mask) != 0);
    }

    private void stop(int engine, int reason, long address) {
        control &= ~engine;
        if (engine == NicRegisters.TX_ENABLE) {
            sent.cancel();
        }
        error = reason;
        errorAddress = (int) address;
        setCause(cause | NicRegisters.FAILED);
    }

    /** An error of an engine, on the way from its ring to the registers. */
    static final class EngineError extends Exception {

        private static final long serialVersionUID = 1;

        private final int reason;
        private final long address;

        EngineError(int reason, long address) {
            super(null, null, false, false);
            this.reason = reason;
            this.address = address;
        }
    }

    /** A step of an engine. Returns the causes of an interrupt, or the ticks until the next step. */
    @FunctionalInterface
    private interface Step {
        long run() throws EngineError;
    }

    /** Does a step. Returns its result, or -1 after an error, which stops the engine. */
    private long run(int engine, Step step) {
        try {
            return step.run();
        } catch (EngineError found) {
            stop(engine, found.reason, found.address);
        } catch (BusFault fault) {
            stop(engine, NicRegisters.BUS_FAULT, fault.pa());
        }
        return -1;
    }

    private void pulse() {
        irq.set(true);
        setCause(cause);
    }

    /** Pulls the card out: its registers read as ones, and it does nothing any more. */
    private void pullOut() {
        reset();
        removed = true;
    }

    // ---- sending ----

    /** Looks at the next descriptor, unless a frame is being sent. */
    private void look() {
        if (!isOn(NicRegisters.TX_ENABLE) || sent.isScheduled()) {
            return;
        }
        long ticks = run(NicRegisters.TX_ENABLE, () -> transmitter.fetch(faults));
        if (transmitter.isPulledOut()) {
            pullOut();
        } else if (ticks > 0) {
            sent.scheduleIn(ticks);
            if (transmitter.interruptsForNothing()) {
                pulse();
            }
        }
    }

    private void send() {
        long causes = run(NicRegisters.TX_ENABLE, transmitter::send);
        if (causes >= 0) {
            setCause(cause | (int) causes);
            look();
        }
    }

    // ---- receiving ----

    @Override
    public void receive(byte[] frame) {
        if (!isOn(NicRegisters.RX_ENABLE)) {
            return;
        }
        if (!accepts(frame)) {
            filtered++;
        } else if (receiver.queue(frame)) {
            expect();
        }
    }

    private boolean accepts(byte[] frame) {
        int low = 0;
        for (int i = 0; i < MAC_LOW_BYTES; i++) {
            low |= (frame[i] & 0xff) << 8 * i;
        }
        int high = frame[MAC_LOW_BYTES] & 0xff | (frame[MAC_LOW_BYTES + 1] & 0xff) << 8;
        boolean isOwn = low == macLow && high == macHigh;
        boolean isBroadcast = low == ALL_ONES && high == BROADCAST_HIGH;
        boolean isGroup = (frame[0] & GROUP_BIT) != 0;
        return isOwn || isBroadcast || isOn(NicRegisters.PROMISCUOUS) || isGroup && isOn(NicRegisters.ALL_MULTICAST);
    }

    /** Begins with the first frame that waits. */
    private void expect() {
        long ticks = receiver.begin(faults);
        if (receiver.isPulledOut()) {
            pullOut();
            return;
        }
        arrived.scheduleIn(ticks);
        if (receiver.interruptsForNothing()) {
            pulse();
        }
    }

    private void store() {
        long causes = isOn(NicRegisters.RX_ENABLE) ? run(NicRegisters.RX_ENABLE, receiver::store) : receiver.drop();
        if (causes > 0) {
            setCause(cause | (int) causes);
        }
        if (receiver.waiting() > 0) {
            expect();
        }
    }

    @Override
    public void linkChanged() {
        if (!removed) {
            setCause(cause | NicRegisters.LINK_CHANGED);
        }
    }

    // ---- looking ----

    NicMemory memory() {
        return memory;
    }

    NicTransmitter transmitter() {
        return transmitter;
    }

    NicReceiver receiver() {
        return receiver;
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {control, cause, mask, macLow, macHigh, error, errorAddress, filtered});
        out.putBoolean(removed);
        transmitter.save(out);
        receiver.save(out);
        faults.save(out);
        wire.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[8];
        in.getInts(words);
        control = StateReader.bitsOf(words[0], NicRegisters.CONTROL_BITS);
        cause = StateReader.bitsOf(words[1], NicRegisters.CAUSES);
        mask = StateReader.bitsOf(words[2], NicRegisters.CAUSES);
        macLow = words[3];
        macHigh = StateReader.bitsOf(words[4], BROADCAST_HIGH);
        error = words[5];
        StateReader.requireThat(error >= NicRegisters.NO_ERROR && error <= NicRegisters.BUS_FAULT,
                "the network card has error " + error);
        errorAddress = words[6];
        filtered = words[7];
        removed = in.getBoolean();
        transmitter.restore(in);
        receiver.restore(in);
        faults.restore(in);
        wire.restore(in);
        requireSense();
    }

    /** Refuses saved state that the card cannot reach: an engine works only while it is enabled, on a right ring. */
    private void requireSense() {
        StateReader.requireThat(!removed || control == 0 && cause == 0 && receiver.waiting() == 0,
                "the network card was pulled out, and works");
        StateReader.requireThat(!isOn(NicRegisters.TX_ENABLE) || memory.isRing(transmitter.ring()),
                "the network card sends from a ring that is none");
        StateReader.requireThat(!isOn(NicRegisters.RX_ENABLE) || memory.isRing(receiver.ring()),
                "the network card receives into a ring that is none");
        StateReader.requireThat(!sent.isScheduled() || isOn(NicRegisters.TX_ENABLE) && transmitter.hasFrame(),
                "the network card sends a frame, and its transmitter is off");
        StateReader.requireThat(arrived.isScheduled() == receiver.waiting() > 0,
                receiver.waiting() + " frames wait in the network card");
    }
}
