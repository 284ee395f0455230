package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.SeededRandom;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;

/** The entropy device (section 5.4). Its random bytes come from the seed, so each run gets the same ones. */
public final class VirtioEntropy implements VirtioDevice, QueueServer.Work {

    private static final int ENTROPY = 4;
    /** The maximum number of bytes for one request; a request may get less than its buffers hold (section 5.4.6.2). */
    private static final int MAX_BYTES = 4096;
    private static final int TICKS = 10 * Clock.TICKS_PER_MICROSECOND;
    /** Makes the bytes differ from the random numbers that the interleaving draws from the same seed. */
    private static final long SALT = 0x656e_7472_6f70_7921L;

    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int OVERRUN_BYTES = 8;

    private final SeededRandom random;
    private final DeviceFaults faults;
    private Transport transport;
    private QueueServer requests;

    /** @param seed the machine's seed */
    public VirtioEntropy(long seed) {
        this(seed, DeviceFaults.none());
    }

    /**
     * @param seed   the machine's seed
     * @param faults of its requests
     */
    public VirtioEntropy(long seed, DeviceFaults faults) {
        this.random = new SeededRandom(seed ^ SALT);
        this.faults = faults;
    }

    @Override
    public int id() {
        return ENTROPY;
    }

    @Override
    public String kind() {
        return "entropy";
    }

    @Override
    public long features() {
        return 0;
    }

    @Override
    public int queues() {
        return 1;
    }

    @Override
    public void connect(Transport toTransport) {
        transport = toTransport;
        requests = toTransport.server(0, this);
    }

    @Override
    public byte[] configuration() {
        return new byte[0];
    }

    @Override
    public void look(int queue) {
        requests.look();
    }

    @Override
    public void stop(int queue) {
        requests.stop();
    }

    @Override
    public int inFlight(int queue) {
        return requests.inFlight();
    }

    @Override
    public void require(DescriptorChain chain) {
        if (chain.readable().count() > 0 || chain.writable().bytes() == 0) {
            throw new DriverError("a request for entropy has " + chain.readable().count()
                    + " buffers for the device to read, and room for "
                    + chain.writable().bytes() + " bytes; none and at least one would be right");
        }
    }

    @Override
    public long begin(DescriptorChain chain) {
        faults.next();
        if (faults.is(FaultKind.SPURIOUS)) {
            transport.interrupt();
        }
        return TICKS + (faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0);
    }

    @Override
    public long step(DescriptorChain chain) {
        if (faults.is(FaultKind.REMOVED)) {
            return QueueServer.NEVER;
        }
        DriverError.requireHealth(faults.is(FaultKind.ERROR));
        byte[] bytes = new byte[(int) Math.min(MAX_BYTES, chain.writable().left()) / (faults.is(FaultKind.SHORT)
                ? 2 : 1)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.below(256);
        }
        chain.writable().write(bytes, bytes.length);
        if (faults.is(FaultKind.OVERRUN)) {
            chain.writable().writePast(new byte[OVERRUN_BYTES]);
        }
        return QueueServer.DONE;
    }

    @Override
    public boolean losesInterrupt() {
        return faults.is(FaultKind.LOST);
    }

    @Override
    public boolean isRemoved() {
        return faults.is(FaultKind.REMOVED);
    }

    @Override
    public void save(StateWriter out) {
        random.save(out);
        faults.save(out);
        requests.save(out);
    }

    @Override
    public void restore(StateReader in) {
        random.restore(in);
        faults.restore(in);
        requests.restore(in);
    }
}
