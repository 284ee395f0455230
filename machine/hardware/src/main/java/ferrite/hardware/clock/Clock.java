package ferrite.hardware.clock;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Virtual time, and the single budget that all execution counts down.
 *
 * <p>A tick is one instruction (or one memory access of the Java kernel) on the hart that has the turn, and lasts 10
 * ns. Time advances when {@link #budget} is spent and, while every hart waits, through {@link #jumpTo}. A budget never
 * reaches past the next event, so the running code stops in time. At every moment {@code now = settled + granted -
 * budget}.
 *
 * <p>Single owner: only the thread that holds the turn may call it. Events of the same tick fire in the order in which
 * they were scheduled.
 */
public final class Clock implements Saveable {

    public static final int NANOSECONDS_PER_TICK = 10;
    public static final int TICKS_PER_SECOND = 1_000_000_000 / NANOSECONDS_PER_TICK;
    public static final int TICKS_PER_MICROSECOND = 1000 / NANOSECONDS_PER_TICK;

    /**
     * The last possible tick, 1,400 years away. No run reaches it, and sums and differences of ticks do not overflow.
     */
    public static final long LAST_TICK = 1L << 62;

    private static final int MAX_GRANT = 1 << 30;
    /** The last tick for which a comparison is scheduled. A run that has jumped here still has as many ticks left. */
    private static final long LAST_COMPARISON = LAST_TICK / 2;

    /**
     * Ticks left until the end of the slice, the next event, an interrupt or a debugger's stop. Running code decrements
     * it.
     */
    public int budget;

    private int granted;
    private long settledTicks;
    private long jumpedTicks;
    private long mtimeOffset;
    /** The ticks in which the real-time counter advances by one. */
    private int ticksPerCount = 1;
    private long sequence;
    private long firedEvents;
    private final List<ClockEvent> events = new ArrayList<>();

    /** Returns the current tick. */
    public long now() {
        return settledTicks + (granted - budget);
    }

    /**
     * Returns the machine's real-time counter, which software reads as {@code mtime} and {@code time}. It advances with
     * the clock, from the value that software has set.
     */
    public long mtime() {
        return (ticksPerCount == 1 ? now() : now() / ticksPerCount) + mtimeOffset;
    }

    /**
     * Sets the frequency of the real-time counter, which must divide {@link #TICKS_PER_SECOND}. It belongs to the
     * machine's configuration.
     */
    public void countAt(int hertz) {
        ticksPerCount = TICKS_PER_SECOND / hertz;
    }

    /** Returns the ticks in which the real-time counter advances by one. */
    public int ticksPerCount() {
        return ticksPerCount;
    }

    /** Sets the real-time counter. Each timer that compares with it must then check again. */
    public void setMtime(long value) {
        mtimeOffset = value - now() / ticksPerCount;
    }

    /**
     * Schedules {@code event} for the next change of {@code mtime >= compare} (unsigned). The event is cancelled if
     * that is beyond the end of any run.
     */
    public void scheduleComparison(ClockEvent event, long compare) {
        boolean reached = Long.compareUnsigned(mtime(), compare) >= 0;
        long counts = (reached ? 0 : compare) - mtime(); // until the counter wraps round, or reaches the value
        if (counts > 0 && counts < (LAST_COMPARISON - now()) / ticksPerCount) {
            event.scheduleIn(counts * ticksPerCount - now() % ticksPerCount);
        } else {
            event.cancel();
        }
    }

    /**
     * Returns the number of instructions retired by all harts. It is the time without the ticks skipped while every
     * hart waited.
     */
    public long instructions() {
        return now() - jumpedTicks;
    }

    /** Returns the number of events that have fired. */
    public long firedEvents() {
        return firedEvents;
    }

    /**
     * Creates an event, which may be scheduled any number of times. Events belong to the machine's configuration: they
     * are created while the machine is built, in a fixed order.
     */
    public ClockEvent newEvent(String name, Runnable action) {
        ClockEvent event = new ClockEvent(this, name, action);
        events.add(event);
        return event;
    }

    /** Takes back the rest of the budget without letting time pass. */
    public void settle() {
        settledTicks = now();
        granted = 0;
        budget = 0;
    }

    /** Grants at most {@code ticks}, and never past the next event. */
    public void grant(long ticks) {
        settle();
        granted = (int) Math.min(Math.min(ticks, MAX_GRANT), nextDue() - settledTicks);
        budget = granted;
    }

    /** Ends the budget, so that the running code checks for events before its next tick. */
    public void interruptSoon() {
        settle();
    }

    /** Returns the tick of the next event, or {@link Long#MAX_VALUE}. */
    public long nextDue() {
        long next = Long.MAX_VALUE;
        for (ClockEvent event : events) {
            next = Math.min(next, event.due);
        }
        return next;
    }

    /** Lets time pass without instructions, while every hart waits. */
    public void jumpTo(long ticks) {
        settle();
        if (ticks > settledTicks) {
            jumpedTicks += ticks - settledTicks;
            settledTicks = ticks;
        }
    }

    /** Fires every event that is due, earliest first. */
    public void fireDue() {
        for (ClockEvent event = firstDue(); event != null; event = firstDue()) {
            event.due = Long.MAX_VALUE;
            firedEvents++;
            event.action.run();
        }
    }

    void schedule(ClockEvent event, long ticks) {
        event.due = Math.max(ticks, now());
        event.sequence = sequence++;
        if (event.due < settledTicks + granted) {
            interruptSoon();
        }
    }

    private ClockEvent firstDue() {
        long now = now();
        ClockEvent first = null;
        for (ClockEvent event : events) {
            if (event.due <= now && (first == null || event.isBefore(first))) {
                first = event;
            }
        }
        return first;
    }

    @Override
    public void save(StateWriter out) {
        settle();
        out.put64(settledTicks);
        out.put64(jumpedTicks);
        out.put64(mtimeOffset);
        out.put64(sequence);
        out.put64(firedEvents);
        for (ClockEvent event : events) {
            out.put64(event.due);
            out.put64(event.sequence);
        }
    }

    @Override
    public void restore(StateReader in) {
        granted = 0;
        budget = 0;
        settledTicks = in.get64(0, LAST_TICK);
        jumpedTicks = in.get64(0, settledTicks);
        mtimeOffset = in.get64();
        sequence = in.get64(0, LAST_TICK);
        firedEvents = in.get64(0, LAST_TICK);
        for (ClockEvent event : events) {
            event.due = in.get64(0, Long.MAX_VALUE);
            StateReader.requireThat(event.due <= LAST_TICK || event.due == Long.MAX_VALUE,
                    "an event is due after the end of time");
            event.sequence = in.get64(0, sequence);
        }
    }
}
