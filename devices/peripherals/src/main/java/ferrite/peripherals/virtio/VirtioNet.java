package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.report.Report;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;
import ferrite.peripherals.net.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The network device (section 5.1) with one pair of queues: buffers that the device receives frames into, and frames to
 * send. It offloads nothing, and receives every frame, whatever its destination.
 *
 * <p>A header comes before each frame. A frame that arrives while the driver has no buffer, or one that it does not fit
 * into, is lost.
 */
public final class VirtioNet implements VirtioDevice, QueueServer.Work, Wire.Card {

    /** The address that the first card of QEMU has. */
    public static final long DEFAULT_MAC = 0x5254_0012_3456L;
    public static final int MAC_BYTES = 6;

    private static final int NETWORK = 1;
    private static final int F_MAC = 5;
    private static final int F_STATUS = 16;
    /** mac 6 bytes, status 16 bits. */
    private static final int CONFIGURATION_BYTES = 8;
    private static final short S_LINK_UP = 1;

    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    /** flags 8, gso_type 8, hdr_len 16, gso_size 16, csum_start 16, csum_offset 16, num_buffers 16 (section 5.1.6). */
    private static final int HEADER_BYTES = 12;
    /** The header for a driver that has not accepted VERSION_1 (section 5.1.6.1): without num_buffers. */
    private static final int OLD_HEADER_BYTES = 10;
    private static final int NEEDS_CSUM = 1;
    private static final int OVERRUN_BYTES = 8;
    private static final int SET_UP_TICKS = 2 * Clock.TICKS_PER_MICROSECOND;

    private final long mac;
    private final Wire wire;
    private final Clock clock;
    private final DeviceFaults faults;
    /** The frame that is a second late; null for none. Frames that come meanwhile go past it. */
    private byte[] late;
    private ClockEvent lateArrival;
    /** The fault of the frame that is being sent; null for none. */
    private FaultKind sending;
    private boolean removed;
    private Transport transport;
    private QueueServer transmitter;
    /** True while the driver uses the queue of buffers to receive into. */
    private boolean listening;
    /** The buffer for the next frame, or null. It is taken when a frame arrives. */
    private DescriptorChain receiving;
    private long received;
    private long sent;
    private long lost;

    /**
     * @param mac  the address in 48 bits, its first byte highest
     * @param wire the cable, which this plugs in
     */
    public VirtioNet(long mac, Wire wire, Clock clock) {
        this(mac, wire, clock, DeviceFaults.none());
    }

    /** @param faults of its frames */
    public VirtioNet(long mac, Wire wire, Clock clock, DeviceFaults faults) {
        this.mac = mac;
        this.wire = wire;
        this.clock = clock;
        this.faults = faults;
    }

    @Override
    public int id() {
        return NETWORK;
    }

    @Override
    public String kind() {
        return "net";
    }

    @Override
    public long features() {
        return 1L << F_MAC | 1L << F_STATUS;
    }

    @Override
    public int queues() {
        return 2;
    }

    @Override
    public void connect(Transport toTransport) {
        transport = toTransport;
        transmitter = toTransport.server(TRANSMIT, this);
        wire.plugInto(this, clock);
        if (faults.areAny()) {
            lateArrival = clock.newEvent("late frame", () -> store(takeLate(), null));
        }
    }

    @Override
    public byte[] configuration() {
        ByteBuffer space = ByteBuffer.allocate(CONFIGURATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < MAC_BYTES; i++) {
            space.put(i, (byte) (mac >>> 8 * (MAC_BYTES - 1 - i)));
        }
        return space.putShort(MAC_BYTES, S_LINK_UP).array();
    }

    @Override
    public void describe(Report report) {
        report.number("frames received", received).number("frames sent", sent).number("frames lost", lost);
    }

    @Override
    public void look(int queue) {
        if (queue == TRANSMIT) {
            transmitter.look();
        } else {
            listening = true;
        }
    }

    @Override
    public void stop(int queue) {
        if (queue == TRANSMIT) {
            transmitter.stop();
        } else {
            listening = false;
            receiving = null;
        }
    }

    @Override
    public int inFlight(int queue) {
        return queue == TRANSMIT ? transmitter.inFlight() : receiving == null ? 0 : 1;
    }

    private int headerBytes() {
        return transport.isNegotiated(VirtioRegisters.F_VERSION_1) ? HEADER_BYTES : OLD_HEADER_BYTES;
    }

    // ---- sending ----

    @Override
    public void require(DescriptorChain chain) {
        long frame = chain.readable().bytes() - headerBytes();
        if (chain.writable().count() > 0) {
            throw new DriverError("a frame to send is writable for the device; the device must only read it");
        }
        if (frame < Wire.HEADER_BYTES || frame > Wire.MAX_FRAME_BYTES) {
            throw new DriverError("a frame to send has " + chain.readable().bytes() + " bytes with its header of "
                    + headerBytes() + "; " + Wire.HEADER_BYTES + " to " + Wire.MAX_FRAME_BYTES + " more than those "
                    + "would be right");
        }
    }

    @Override
    public long begin(DescriptorChain chain) {
        sending = faults.ofNext();
        removed |= sending == FaultKind.REMOVED;
        if (sending == FaultKind.SPURIOUS) {
            transport.interrupt();
        }
        return SET_UP_TICKS + Wire.ticks((int) chain.readable().left())
                + (sending == FaultKind.SLOW ? Clock.TICKS_PER_SECOND : 0);
    }

    @Override
    public boolean losesInterrupt() {
        return sending == FaultKind.LOST;
    }

    @Override
    public boolean isRemoved() {
        return removed;
    }

    @Override
    public long step(DescriptorChain chain) {
        if (removed) {
            return QueueServer.NEVER;
        }
        byte[] bytes = new byte[(int) chain.readable().left()];
        chain.readable().read(bytes, bytes.length);
        if ((bytes[0] & NEEDS_CSUM) != 0 || bytes[1] != 0) {
            throw new DriverError("the header of a frame asks for a checksum or for segments, but no such feature was "
                    + "negotiated");
        }
        DriverError.requireHealth(sending == FaultKind.ERROR);
        sent++;
        byte[] frame = Arrays.copyOfRange(bytes, headerBytes(), bytes.length);
        wire.send(spoilt(frame, sending));
        return QueueServer.DONE;
    }

    // ---- faults ----

    /** Returns a frame, or a part of it, or one with an inverted bit. */
    private static byte[] spoilt(byte[] frame, FaultKind fault) {
        if (fault == null) {
            return frame;
        }
        byte[] copy = fault == FaultKind.SHORT ? Arrays.copyOf(frame, Math.max(Wire.HEADER_BYTES, frame.length / 2))
                : frame.clone();
        copy[copy.length - 1] ^= (byte) (fault == FaultKind.WRONG ? 1 : 0);
        return copy;
    }

    private byte[] takeLate() {
        byte[] frame = late;
        late = null;
        return frame;
    }

    /** Holds a frame back for a second. Another one that is late meanwhile is lost. */
    private void holdBack(byte[] frame) {
        if (late == null) {
            late = frame;
            lateArrival.scheduleIn(Clock.TICKS_PER_SECOND);
        } else {
            lost++;
        }
    }

    // ---- receiving ----

    @Override
    public void receive(byte[] frame) {
        if (removed) {
            return;
        }
        FaultKind fault = faults.ofNext();
        if (fault == FaultKind.SLOW) {
            holdBack(frame);
        } else {
            removed |= fault == FaultKind.REMOVED;
            store(spoilt(frame, fault), fault);
        }
    }

    private void store(byte[] frame, FaultKind fault) {
        transport.guarded(() -> {
            if (removed) {
                return;
            }
            DriverError.requireHealth(fault == FaultKind.ERROR);
            if (fault == FaultKind.SPURIOUS) {
                transport.interrupt();
            }
            if (listening && receiving == null) {
                DescriptorChain chain = transport.queue(RECEIVE).take();
                if (chain != null) {
                    requireRoom(chain);
                }
                receiving = chain;
            }
            if (receiving == null || receiving.writable().bytes() < headerBytes() + frame.length) {
                lost++;
                return;
            }
            DescriptorChain filled = receiving;
            receiving = null;
            filled.writable().write(header(), headerBytes());
            filled.writable().write(frame, frame.length);
            if (fault == FaultKind.OVERRUN) {
                filled.writable().writePast(new byte[OVERRUN_BYTES]);
            }
            received++;
            if (fault == FaultKind.LOST) {
                transport.queue(RECEIVE).giveSilently(filled);
            } else {
                transport.queue(RECEIVE).give(filled);
            }
        });
    }

    private void requireRoom(DescriptorChain chain) {
        if (chain.readable().count() > 0 || chain.writable().bytes() < headerBytes()) {
            throw new DriverError("a buffer to receive a frame into has " + chain.readable().count()
                    + " parts for the device to read, and room for " + chain.writable().bytes() + " bytes; none and at "
                    + "least " + headerBytes() + " would be right");
        }
    }

    /** Returns the header of a received frame, which is in one buffer. */
    private static byte[] header() {
        return ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putShort(OLD_HEADER_BYTES, (short) 1).array();
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        transmitter.save(out);
        out.putBoolean(listening);
        DescriptorChain.save(out, receiving);
        out.put64(received);
        out.put64(sent);
        out.put64(lost);
        saveFaults(out);
        wire.save(out);
    }

    private void saveFaults(StateWriter out) {
        faults.save(out);
        if (faults.areAny()) {
            FaultKind.save(out, sending);
            out.putBoolean(removed);
            out.putBytes(late == null ? new byte[0] : late);
        }
    }

    private void restoreFaults(StateReader in) {
        faults.restore(in);
        if (faults.areAny()) {
            sending = FaultKind.restore(in);
            removed = in.getBoolean();
            byte[] frame = in.getBytes();
            late = frame.length == 0 ? null : Wire.requireFrame(frame);
            StateReader.requireThat((late != null) == lateArrival.isScheduled(), "a frame is late, and none arrives");
        }
    }

    @Override
    public void restore(StateReader in) {
        transmitter.restore(in);
        listening = in.getBoolean();
        receiving = DescriptorChain.restore(in, transport.memory());
        received = in.get64(0, Long.MAX_VALUE);
        sent = in.get64(0, Long.MAX_VALUE);
        lost = in.get64(0, Long.MAX_VALUE);
        restoreFaults(in);
        wire.restore(in);
        if (listening) {
            transport.queue(RECEIVE).requireReady();
        }
        if (receiving != null) {
            StateReader.requireThat(listening && receiving.writable().done() == 0,
                    "a buffer to receive into was taken in a queue that is not used, or already holds a frame");
            DriverError.refuse(() -> requireRoom(receiving));
        }
    }
}
