package ferrite.peripherals.rtc;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.FaultKind;

/** A Goldfish real-time clock. Its time is the machine's own: it never asks the host. */
public final class Rtc implements BusDevice, Saveable {

    public static final String COMPATIBLE = "google,goldfish-rtc";
    public static final long BYTES = RtcRegisters.BYTES;

    private static final long NANOSECONDS_PER_TICK = 1_000_000_000L / Clock.TICKS_PER_SECOND;
    private static final long LOW = 0xffff_ffffL;
    private static final long SLOW_NANOSECONDS = 1_000_000_000L;
    /** A register of a clock that was pulled out. */
    private static final int ALL_ONES = -1;

    private final Clock clock;
    private final IrqLine irq;
    private final ClockEvent alarmDue;
    private final DeviceFaults faults;
    /** The time at the machine's start. */
    private long offset;
    private long alarm;
    private int latchedHigh;
    private boolean enabled;
    private boolean pending;
    private boolean removed;

    /** @param start the time at the machine's start, in nanoseconds since 1970 */
    public Rtc(Clock clock, IrqLine irq, long start) {
        this(clock, irq, start, DeviceFaults.none());
    }

    /**
     * @param start  the time at the machine's start, in nanoseconds since 1970
     * @param faults of its alarms
     */
    public Rtc(Clock clock, IrqLine irq, long start, DeviceFaults faults) {
        this.clock = clock;
        this.faults = faults;
        this.irq = irq;
        this.offset = start;
        this.alarmDue = clock.newEvent("rtc alarm", this::ring);
    }

    private long time() {
        return offset + clock.now() * NANOSECONDS_PER_TICK;
    }

    /** Raises the interrupt of an alarm that is over, unless it gets lost, or the clock is pulled out instead. */
    private void ring() {
        removed |= faults.is(FaultKind.REMOVED);
        pending |= !faults.is(FaultKind.LOST);
        drive();
    }

    private void drive() {
        irq.set(pending && enabled && !removed);
    }

    // ---- registers ----

    @Override
    public int load(long offsetOfRegister, int width) {
        int value = peek(offsetOfRegister, width);
        if (offsetOfRegister == RtcRegisters.TIME_LOW) {
            latchedHigh = (int) (time() >>> 32);
        }
        return value;
    }

    @Override
    public int peek(long register, int width) {
        requireWord(register, width);
        if (removed) {
            return ALL_ONES;
        }
        return switch ((int) register) {
            case RtcRegisters.TIME_LOW -> (int) time();
            case RtcRegisters.TIME_HIGH -> latchedHigh;
            case RtcRegisters.ALARM_LOW -> (int) alarm;
            case RtcRegisters.ALARM_HIGH -> (int) (alarm >>> 32);
            case RtcRegisters.IRQ_ENABLED -> enabled ? 1 : 0;
            case RtcRegisters.ALARM_STATUS -> alarmDue.isScheduled() ? 1 : 0;
            default -> throw new BusFault(register, width, "the real-time clock has no register to read here");
        };
    }

    @Override
    public void store(long register, int width, int value) {
        requireWord(register, width);
        if (removed) {
            return;
        }
        switch ((int) register) {
            case RtcRegisters.TIME_LOW -> offset += withLow(time(), value) - time();
            case RtcRegisters.TIME_HIGH -> offset += withHigh(time(), value) - time();
            case RtcRegisters.ALARM_LOW -> setAlarm(withLow(alarm, value));
            case RtcRegisters.ALARM_HIGH -> alarm = withHigh(alarm, value);
            case RtcRegisters.IRQ_ENABLED -> enabled = (value & 1) != 0;
            case RtcRegisters.CLEAR_ALARM -> alarmDue.cancel();
            case RtcRegisters.CLEAR_INTERRUPT -> pending = false;
            default -> throw new BusFault(register, width, "the real-time clock has no register to write here");
        }
        drive();
    }

    private static void requireWord(long register, int width) {
        if (width != 4) {
            throw new BusFault(register, width, "the real-time clock has only registers of one word");
        }
    }

    private static long withLow(long time, int low) {
        return time & ~LOW | low & LOW;
    }

    private static long withHigh(long time, int high) {
        return time & LOW | (long) high << 32;
    }

    /** Sets the alarm. One that is past rings at once. */
    private void setAlarm(long time) {
        alarm = time;
        faults.next();
        if (faults.is(FaultKind.SPURIOUS)) {
            pending = true;
        }
        long left = time - time() + (faults.is(FaultKind.SLOW) ? SLOW_NANOSECONDS : 0);
        if (left <= 0) {
            alarmDue.cancel();
            ring();
        } else {
            alarmDue.scheduleIn((left - 1) / NANOSECONDS_PER_TICK + 1);
        }
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.put64(offset);
        out.put64(alarm);
        out.putInts(new int[] {latchedHigh});
        out.putBoolean(enabled);
        out.putBoolean(pending);
        faults.save(out);
        if (faults.areAny()) {
            out.putBoolean(removed);
        }
    }

    @Override
    public void restore(StateReader in) {
        offset = in.get64();
        alarm = in.get64();
        int[] words = new int[1];
        in.getInts(words);
        latchedHigh = words[0];
        enabled = in.getBoolean();
        pending = in.getBoolean();
        faults.restore(in);
        removed = faults.areAny() && in.getBoolean();
    }
}
