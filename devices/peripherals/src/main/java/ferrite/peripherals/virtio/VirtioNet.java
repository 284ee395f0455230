package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Report;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
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
    private static final int SET_UP_TICKS = 2 * Clock.TICKS_PER_MICROSECOND;

    private final long mac;
    private final Wire wire;
    private final Clock clock;
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
        this.mac = mac;
        this.wire = wire;
        this.clock = clock;
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
        return SET_UP_TICKS + Wire.ticks((int) chain.readable().left());
    }

    @Override
    public long step(DescriptorChain chain) {
        byte[] bytes = new byte[(int) chain.readable().left()];
        chain.readable().read(bytes, bytes.length);
        if ((bytes[0] & NEEDS_CSUM) != 0 || bytes[1] != 0) {
            throw new DriverError("the header of a frame asks for a checksum or for segments, but no such feature was "
                    + "negotiated");
        }
        sent++;
        wire.send(Arrays.copyOfRange(bytes, headerBytes(), bytes.length));
        return QueueServer.DONE;
    }

    // ---- receiving ----

    @Override
    public void receive(byte[] frame) {
        transport.guarded(() -> {
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
            received++;
            transport.queue(RECEIVE).give(filled);
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
        wire.save(out);
    }

    @Override
    public void restore(StateReader in) {
        transmitter.restore(in);
        listening = in.getBoolean();
        receiving = DescriptorChain.restore(in, transport.memory());
        received = in.get64(0, Long.MAX_VALUE);
        sent = in.get64(0, Long.MAX_VALUE);
        lost = in.get64(0, Long.MAX_VALUE);
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
