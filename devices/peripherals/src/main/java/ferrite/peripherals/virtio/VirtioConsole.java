package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The console device (section 5.3) with one port: a queue of buffers to receive into, and a queue of buffers to send.
 * The device puts each received byte into a buffer of its own, as soon as the driver provides one.
 */
public final class VirtioConsole implements VirtioDevice, QueueServer.Work {

    /** The other end. Each method is called during a run, on the thread that has the turn. */
    public interface Host {

        /** Takes a byte that the driver sends. */
        void send(int value);

        /**
         * Reports that the driver has a buffer to receive into. A host that has a byte gives it with {@link
         * VirtioConsole#receive}, at any time. A host that may have one later asks for another call with {@link
         * VirtioConsole#askAgainIn}. No answer means that no byte will come.
         */
        void awaited();
    }

    private static final int CONSOLE = 3;
    private static final int F_EMERG_WRITE = 2;
    /** cols 16, rows 16, max_nr_ports 32, emerg_wr 32. */
    private static final int CONFIGURATION_BYTES = 12;
    private static final int EMERG_WRITE = 8;

    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final int PIECE_BYTES = 4096;
    private static final int TICKS_PER_PIECE = 10 * Clock.TICKS_PER_MICROSECOND;
    private static final int CHARACTER_TICKS = 10 * Clock.TICKS_PER_MICROSECOND;

    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int OVERRUN_BYTES = 8;

    private final Host host;
    private final ClockEvent characterDue;
    private final DeviceFaults faults;
    private Transport transport;
    private QueueServer transmitter;
    /** The buffer for the next received byte, or null. */
    private DescriptorChain receiving;
    /** True while the host has been asked for a byte and has not answered. */
    private boolean asked;

    public VirtioConsole(Host host, Clock clock) {
        this(host, clock, DeviceFaults.none());
    }

    /** @param faults of the bytes that it receives */
    public VirtioConsole(Host host, Clock clock, DeviceFaults faults) {
        this.host = host;
        this.faults = faults;
        this.characterDue = clock.newEvent("virtio console", this::ask);
    }

    @Override
    public int id() {
        return CONSOLE;
    }

    @Override
    public String kind() {
        return "console";
    }

    @Override
    public long features() {
        return 1L << F_EMERG_WRITE;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public void connect(Transport toTransport) {
        transport = toTransport;
        transmitter = toTransport.server(TRANSMIT, this);
    }

    @Override
    public byte[] configuration() {
        return ByteBuffer.allocate(CONFIGURATION_BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 1).array();
    }

    /** Sends the byte of an emergency write, in every state of driver and device (section 5.3.4). */
    @Override
    public void storeConfiguration(int offset, int width, int value) {
        if (offset != EMERG_WRITE) {
            throw new BusFault(VirtioRegisters.CONFIG + offset, width,
                    "only emerg_wr can be written in a console's configuration");
        }
        host.send(value & 0xff);
    }

    @Override
    public void look(int queue) {
        if (queue == TRANSMIT) {
            transmitter.look();
        } else {
            expect();
        }
    }

    @Override
    public void stop(int queue) {
        if (queue == TRANSMIT) {
            transmitter.stop();
        } else {
            receiving = null;
            asked = false;
            characterDue.cancel();
        }
    }

    @Override
    public int inFlight(int queue) {
        return queue == TRANSMIT ? transmitter.inFlight() : receiving == null ? 0 : 1;
    }

    // ---- sending ----

    @Override
    public void require(DescriptorChain chain) {
        if (chain.writable().count() > 0) {
            throw new DriverError("a buffer to send is writable for the device; the device must only read it");
        }
    }

    @Override
    public long begin(DescriptorChain chain) {
        return TICKS_PER_PIECE;
    }

    @Override
    public long step(DescriptorChain chain) {
        byte[] bytes = new byte[(int) Math.min(PIECE_BYTES, chain.readable().left())];
        chain.readable().read(bytes, bytes.length);
        for (byte value : bytes) {
            host.send(value & 0xff);
        }
        return chain.readable().left() == 0 ? QueueServer.DONE : TICKS_PER_PIECE;
    }

    // ---- receiving ----

    /** Takes a buffer, if the device has none, and schedules the request for a byte. */
    private void expect() {
        if (receiving == null) {
            DescriptorChain chain = transport.queue(RECEIVE).take();
            if (chain != null) {
                requireRoom(chain);
            }
            receiving = chain;
        }
        if (receiving != null && !asked && !characterDue.isScheduled()) {
            faults.next();
            if (faults.is(FaultKind.SPURIOUS)) {
                transport.interrupt();
            }
            characterDue.scheduleIn(CHARACTER_TICKS + (faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0));
        }
    }

    private static void requireRoom(DescriptorChain chain) {
        if (chain.readable().count() > 0 || chain.writable().bytes() == 0) {
            throw new DriverError("a buffer to receive into has " + chain.readable().count()
                    + " parts for the device to read, and room for "
                    + chain.writable().bytes() + " bytes; none and at least one would be right");
        }
    }

    private void ask() {
        if (isRemoved()) {
            return;
        }
        asked = true;
        host.awaited();
    }

    /** Returns true if the driver has a buffer for a byte. */
    public boolean isAwaited() {
        return receiving != null;
    }

    /** Returns true if the host has been asked for a byte and has not answered. */
    public boolean isUnanswered() {
        return asked;
    }

    /** Gives the byte that the driver waits for. */
    public void receive(int value) {
        transport.guarded(() -> {
            asked = false;
            characterDue.cancel();
            DriverError.requireHealth(faults.is(FaultKind.ERROR));
            DescriptorChain filled = receiving;
            receiving = null;
            fill(filled, value);
            if (faults.is(FaultKind.LOST)) {
                transport.queue(RECEIVE).giveSilently(filled);
            } else {
                transport.queue(RECEIVE).give(filled);
            }
            expect();
        });
    }

    /** Puts a byte into its buffer. The byte of a short transfer is lost. */
    private void fill(DescriptorChain chain, int value) {
        if (!faults.is(FaultKind.SHORT)) {
            chain.writable().write(new byte[] {(byte) (faults.is(FaultKind.WRONG) ? value ^ 1 : value)}, 1);
        }
        if (faults.is(FaultKind.OVERRUN)) {
            chain.writable().writePast(new byte[OVERRUN_BYTES]);
        }
    }

    @Override
    public boolean isRemoved() {
        return faults.is(FaultKind.REMOVED);
    }

    /** Calls {@link Host#awaited} again after some ticks, if the driver has a buffer then. */
    public void askAgainIn(long ticks) {
        asked = false;
        characterDue.scheduleIn(ticks);
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        transmitter.save(out);
        DescriptorChain.save(out, receiving);
        out.putBoolean(asked);
        faults.save(out);
    }

    @Override
    public void restore(StateReader in) {
        transmitter.restore(in);
        receiving = DescriptorChain.restore(in, transport.memory());
        asked = in.getBoolean();
        faults.restore(in);
        if (receiving == null) {
            StateReader.requireThat(!asked && !characterDue.isScheduled(),
                    "a byte is expected, but no buffer was taken for it");
        } else {
            transport.queue(RECEIVE).requireReady();
            DriverError.refuse(() -> requireRoom(receiving));
            StateReader.requireThat(receiving.writable().done() == 0,
                    "a buffer to receive into already holds a byte, but was not given back");
        }
    }
}
