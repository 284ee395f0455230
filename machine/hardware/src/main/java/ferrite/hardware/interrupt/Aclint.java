package ferrite.hardware.interrupt;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The three devices of the RISC-V ACLINT specification 1.0, each with its own address range. {@link #mswi} and {@link
 * #sswi} raise software interrupts, and {@link #mtimer} compares the clock's real-time counter.
 */
public final class Aclint implements Saveable {

    public static final long SWI_BYTES = 0x4000;
    public static final long MTIMER_BYTES = 0x8000;
    /** Offset of mtime, after the mtimecmp of hart n at 8n. The older CLINT has the same layout. */
    public static final long MTIME = 0x7ff8;

    private final Clock clock;
    private final List<Hart> harts;
    private final int[] msip;
    private final long[] mtimecmp;
    private final List<ClockEvent> timers = new ArrayList<>();

    /** Creates a device whose timers are off until software sets them. */
    public Aclint(Clock clock, List<Hart> harts) {
        this(clock, harts, -1);
    }

    /** @param compare the value of each mtimecmp at reset, unsigned; the specification leaves it open */
    public Aclint(Clock clock, List<Hart> harts, long compare) {
        this.clock = clock;
        this.harts = List.copyOf(harts);
        this.msip = new int[harts.size()];
        this.mtimecmp = new long[harts.size()];
        for (Hart hart : harts) {
            mtimecmp[hart.id()] = compare;
            timers.add(clock.newEvent("mtimer " + hart.id(), () -> arm(hart.id())));
        }
        harts.forEach(hart -> arm(hart.id()));
    }

    /** Returns the device for machine-level software interrupts: one register per hart, with MSIP in bit 0. */
    public BusDevice mswi() {
        return new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return peek(offset, width);
            }

            @Override
            public void store(long offset, int width, int value) {
                int hart = hartAt(offset, width, 4);
                msip[hart] = value & 1;
                harts.get(hart).setInterruptWire(Trap.MACHINE_SOFTWARE, msip[hart] != 0);
            }

            @Override
            public int peek(long offset, int width) {
                return msip[hartAt(offset, width, 4)];
            }
        };
    }

    /**
     * Returns the device for supervisor-level software interrupts. Writing 1 to SETSSIP sets SSIP once. It reads as
     * zero.
     */
    public BusDevice sswi() {
        return new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return peek(offset, width);
            }

            @Override
            public void store(long offset, int width, int value) {
                int hart = hartAt(offset, width, 4);
                if ((value & 1) != 0) {
                    harts.get(hart).raiseSupervisorSoftware();
                }
            }

            @Override
            public int peek(long offset, int width) {
                hartAt(offset, width, 4);
                return 0;
            }
        };
    }

    /** Returns the device with mtime and mtimecmp, each as a pair of words. */
    public BusDevice mtimer() {
        return new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return peek(offset, width);
            }

            @Override
            public void store(long offset, int width, int value) {
                if (width == 4 && (offset & ~4) == MTIME) {
                    clock.setMtime(replaceHalf(clock.mtime(), offset, value));
                    harts.forEach(hart -> arm(hart.id()));
                    harts.forEach(Hart::mtimeChanged);
                    return;
                }
                int hart = hartAt(offset & ~4, width, 8);
                mtimecmp[hart] = replaceHalf(mtimecmp[hart], offset, value);
                arm(hart);
            }

            @Override
            public int peek(long offset, int width) {
                if (width == 4 && (offset & ~4) == MTIME) {
                    return half(clock.mtime(), offset);
                }
                return half(mtimecmp[hartAt(offset & ~4, width, 8)], offset);
            }
        };
    }

    /** Sets the timer wire from the comparison, and schedules an event for its next change. */
    private void arm(int hart) {
        boolean reached = Long.compareUnsigned(clock.mtime(), mtimecmp[hart]) >= 0;
        harts.get(hart).setInterruptWire(Trap.MACHINE_TIMER, reached);
        clock.scheduleComparison(timers.get(hart), mtimecmp[hart]);
    }

    /** The registers of a hart, for an inspector. {@code compare} is mtimecmp, unsigned. */
    public record HartState(int hart, boolean software, long compare) { }

    /** Returns the registers of all harts. */
    public List<HartState> look() {
        return harts.stream().map(hart -> new HartState(hart.id(), msip[hart.id()] != 0, mtimecmp[hart.id()])).toList();
    }

    /** Returns mtime. Only looks. */
    public long mtime() {
        return clock.mtime();
    }

    private int hartAt(long offset, int width, int stride) {
        if (width != 4 || offset % stride != 0 || offset / stride >= harts.size()) {
            throw new BusFault(offset, width, "the ACLINT has no such register here");
        }
        return (int) offset / stride;
    }

    private static int half(long value, long offset) {
        return (int) ((offset & 4) == 0 ? value : value >>> 32);
    }

    private static long replaceHalf(long old, long offset, int value) {
        return (offset & 4) == 0 ? old & 0xffff_ffff_0000_0000L | value & 0xffff_ffffL
                : old & 0xffff_ffffL | (long) value << 32;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(msip);
        for (long value : mtimecmp) {
            out.put64(value);
        }
    }

    @Override
    public void restore(StateReader in) {
        in.getInts(msip);
        for (int i = 0; i < mtimecmp.length; i++) {
            mtimecmp[i] = in.get64();
        }
    }
}
