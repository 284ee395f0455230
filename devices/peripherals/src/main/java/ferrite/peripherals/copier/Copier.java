package ferrite.peripherals.copier;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.ViolationSink;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;

/**
 * A copy engine that masters the bus. It fetches descriptors from memory one after the other and copies from memory to
 * memory as they say: {@value #BURST_BYTES} bytes every {@value #BURST_TICKS} ticks.
 *
 * <p>The engine has 24 to 32 address wires. An address that needs more wires is reported as a violation and fails the
 * chain, and nothing is copied for its descriptor.
 */
public final class Copier implements BusDevice, Saveable {

    /** Device tree: the compatible string, and the property that holds the number of address wires. */
    public static final String COMPATIBLE = "ferrite,copier";
    public static final String ADDRESS_WIDTH = "ferrite,addrwidth";
    public static final long BYTES = CopierRegisters.BYTES;
    public static final int BURST_BYTES = 256;
    public static final int BURST_TICKS = 32;

    private static final int SLOW_TICKS = 1_000_000 * Clock.TICKS_PER_MICROSECOND;
    private static final int OVERRUN_BYTES = 8;
    private static final int ALL_ONES = -1;

    private final String name;
    private final PhysicalBus bus;
    private final IrqLine irq;
    private final int wires;
    private final ViolationSink violations;
    private final DeviceFaults faults;
    private final ClockEvent work;
    private final byte[] burst = new byte[BURST_BYTES];

    private BusMaster master;
    private int first;
    private int status;
    private int error;
    private int errorAddress;
    private int copied;
    private int done;
    /** The current descriptor, or the next one to fetch. {@link #left} is 0 until its descriptor has been fetched. */
    private long descriptor;
    private long source;
    private long target;
    private int left;
    private long next;

    public Copier(String name, PhysicalBus bus, Clock clock, IrqLine irq, int wires, ViolationSink violations) {
        this(name, bus, clock, irq, wires, violations, DeviceFaults.none());
    }

    /** @param faults of its chains */
    public Copier(String name, PhysicalBus bus, Clock clock, IrqLine irq, int wires, ViolationSink violations,
            DeviceFaults faults) {
        if (wires < CopierRegisters.MIN_BITS || wires > 32) {
            throw new IllegalArgumentException(name + ": a copy engine has " + CopierRegisters.MIN_BITS
                    + " to 32 address wires, not " + wires);
        }
        this.name = name;
        this.bus = bus;
        this.irq = irq;
        this.wires = wires;
        this.violations = violations;
        this.faults = faults;
        this.work = clock.newEvent(name, this::step);
        this.master = new BusMaster(name, wires);
        bus.describeRequests(name, this::request);
    }

    // ---- registers ----

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireWord(offset, width);
        if (faults.is(FaultKind.REMOVED)) {
            return ALL_ONES;
        }
        return switch ((int) offset) {
            case CopierRegisters.WIRES -> wires;
            case CopierRegisters.WIDTH -> master.addressBits();
            case CopierRegisters.DESCRIPTOR -> first;
            case CopierRegisters.STATUS -> status;
            case CopierRegisters.ERROR -> error;
            case CopierRegisters.ERROR_ADDRESS -> errorAddress;
            case CopierRegisters.COPIED -> copied;
            case CopierRegisters.DESCRIPTORS -> done;
            default -> throw noRegister(offset, width, "has no register to read here");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        requireWord(offset, width);
        if (faults.is(FaultKind.REMOVED)) {
            return;
        }
        switch ((int) offset) {
            case CopierRegisters.WIDTH -> setWidth(value);
            case CopierRegisters.DESCRIPTOR -> first = value;
            case CopierRegisters.COMMAND -> command(value);
            case CopierRegisters.STATUS -> acknowledge(value);
            default -> throw noRegister(offset, width, "has no register to write here");
        }
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw noRegister(offset, width, "has only registers of one word");
        }
    }

    private static BusFault noRegister(long offset, int width, String why) {
        return new BusFault(offset, width, "the copy engine " + why);
    }

    private void setWidth(int bits) {
        if (bits >= CopierRegisters.MIN_BITS && bits <= wires) {
            master = new BusMaster(name, bits);
        }
    }

    private void acknowledge(int value) {
        if ((value & CopierRegisters.DONE) != 0) {
            status &= ~(CopierRegisters.DONE | CopierRegisters.FAILED);
            irq.set(false);
        }
    }

    private void command(int command) {
        boolean busy = (status & CopierRegisters.BUSY) != 0;
        if (command == CopierRegisters.START && !busy) {
            status = CopierRegisters.BUSY;
            error = CopierRegisters.NO_ERROR;
            errorAddress = 0;
            copied = 0;
            done = 0;
            descriptor = first & 0xffff_ffffL;
            left = 0;
            faults.next();
            if (faults.is(FaultKind.SPURIOUS)) {
                irq.set(true);
                irq.set(false);
            }
            work.scheduleIn(BURST_TICKS + (faults.is(FaultKind.SLOW) ? SLOW_TICKS : 0));
        } else if (command == CopierRegisters.ABORT && busy) {
            fail(CopierRegisters.ABORTED, descriptor);
        }
    }

    // ---- a chain ----

    /** Fetches a descriptor, or moves a burst of the current one. */
    private void step() {
        if (faults.is(FaultKind.REMOVED)) {
            status = 0;
            left = 0;
            return;
        }
        if (faults.is(FaultKind.ERROR)) {
            fail(CopierRegisters.BUS_FAULT, descriptor);
            return;
        }
        try {
            if (left == 0) {
                fetch();
            } else {
                move();
            }
        } catch (BusFault fault) {
            fail(CopierRegisters.BUS_FAULT, fault.pa());
            return;
        }
        if ((status & CopierRegisters.BUSY) != 0) {
            work.scheduleIn(BURST_TICKS);
        }
    }

    private void fetch() {
        if (done == CopierRegisters.MAX_DESCRIPTORS) {
            fail(CopierRegisters.ENDLESS, descriptor);
            return;
        }
        if (descriptor % CopierRegisters.DESCRIPTOR_BYTES != 0) {
            fail(CopierRegisters.BAD_DESCRIPTOR, descriptor);
            return;
        }
        if (!reaches(descriptor, CopierRegisters.DESCRIPTOR_BYTES, false)) {
            return;
        }
        long from = word(CopierRegisters.SOURCE);
        long to = word(CopierRegisters.TARGET);
        long length = word(CopierRegisters.LENGTH);
        next = word(CopierRegisters.NEXT);
        if (length == 0 || length > CopierRegisters.MAX_BYTES || crosses(from, length) || crosses(to, length)) {
            fail(CopierRegisters.BAD_DESCRIPTOR, descriptor);
        } else if (reaches(from, (int) length, false) && reaches(to, (int) length, true)) {
            source = from;
            target = to;
            left = faults.is(FaultKind.SHORT) ? (int) length - (int) length / 2 : (int) length;
        }
    }

    private long word(int offset) {
        return bus.load(master, descriptor + offset, 4) & 0xffff_ffffL;
    }

    private static boolean crosses(long address, long length) {
        return address >>> CopierRegisters.COUNTER_BITS != address + length - 1 >>> CopierRegisters.COUNTER_BITS;
    }

    /** Checks that the wires carry an address. If they do not, reports a violation and fails the chain. */
    private boolean reaches(long address, int bytes, boolean toMemory) {
        if (master.reaches(address + bytes - 1)) {
            return true;
        }
        violations.report(new UnreachableAddress(master, null, name, address,
                address & (1L << master.addressBits()) - 1, bytes, toMemory));
        fail(CopierRegisters.OUT_OF_REACH, address);
        return false;
    }

    private String request() {
        return left == 0 ? "it works on the descriptor at " + Hex.address(descriptor)
                : "it copies from " + Hex.address(source) + " to " + Hex.address(target) + ", " + left
                        + " bytes to go";
    }

    private void move() {
        int bytes = Math.min(left, BURST_BYTES);
        bus.read(master, source, burst, 0, bytes);
        if (faults.is(FaultKind.WRONG)) {
            burst[0] ^= 1;
        }
        bus.write(master, target, burst, 0, bytes);
        source += bytes;
        target += bytes;
        left -= bytes;
        copied += bytes;
        if (left == 0 && faults.is(FaultKind.SHORT)) {
            finish(CopierRegisters.DONE);
        } else if (left == 0) {
            if (faults.is(FaultKind.OVERRUN)) {
                bus.write(master, target, burst, 0, OVERRUN_BYTES);
            }
            bus.store(master, descriptor + CopierRegisters.RESULT, 4, CopierRegisters.COMPLETE);
            done++;
            descriptor = next;
            if (next == 0) {
                finish(CopierRegisters.DONE);
            }
        }
    }

    private void fail(int reason, long address) {
        error = reason;
        errorAddress = (int) address;
        left = 0;
        work.cancel();
        finish(CopierRegisters.DONE | CopierRegisters.FAILED);
    }

    private void finish(int result) {
        status = result;
        if (!faults.is(FaultKind.LOST)) {
            irq.set(true);
        }
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {master.addressBits(), first, status, error, errorAddress, copied, done, (int) descriptor,
                (int) source, (int) target, left, (int) next});
        faults.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[12];
        in.getInts(words);
        StateReader.requireThat(words[0] >= CopierRegisters.MIN_BITS && words[0] <= wires,
                "the copy engine uses " + words[0] + " address wires of " + wires);
        master = new BusMaster(name, words[0]);
        first = words[1];
        status = StateReader.bitsOf(words[2], CopierRegisters.BUSY | CopierRegisters.DONE | CopierRegisters.FAILED);
        error = words[3];
        errorAddress = words[4];
        copied = words[5];
        done = words[6];
        descriptor = words[7] & 0xffff_ffffL;
        source = words[8] & 0xffff_ffffL;
        target = words[9] & 0xffff_ffffL;
        left = words[10];
        next = words[11] & 0xffff_ffffL;
        faults.restore(in);
        requireSense();
    }

    /**
     * Refuses saved state that the engine cannot reach: it works only while busy, and within the limits of a descriptor
     * and of a chain.
     */
    private void requireSense() {
        boolean busy = (status & CopierRegisters.BUSY) != 0;
        StateReader.requireThat(busy == work.isScheduled() && (busy || left == 0),
                "the copy engine's status is " + status + ", with " + left + " bytes left to copy");
        StateReader.requireThat(done >= 0 && done <= CopierRegisters.MAX_DESCRIPTORS,
                done + " descriptors of one chain are done");
        StateReader.requireThat(left >= 0 && left <= CopierRegisters.MAX_BYTES
                && (left == 0 || !crosses(source, left) && !crosses(target, left)
                        && descriptor % CopierRegisters.DESCRIPTOR_BYTES == 0),
                left + " bytes are left to copy from " + Hex.address(source) + " to " + Hex.address(target)
                        + ", as the descriptor at " + Hex.address(descriptor) + " says");
    }
}
