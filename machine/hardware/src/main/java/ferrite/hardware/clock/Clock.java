package ferrite.hardware.clock;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Virtual time, and the one budget that everything which runs counts down.
 *
 * <p>A tick is one instruction (or one access of the Java kernel) on whichever hart has the turn, and lasts 10 ns. Time moves by spending
 * {@link #budget} and, when every hart waits, by {@link #jumpTo}. A budget never reaches past the next event, so that whoever spends
 * it stops in time: {@code now = settled + granted - budget} at every moment.
 *
 * <p>Single owner: only the thread that holds the turn may call in. Events that fall on the same tick fire in the order in which they were scheduled.
 */
public final class Clock implements Saveable {

    public static final int NANOSECONDS_PER_TICK = 10;
    public static final int TICKS_PER_SECOND = 1_000_000_000 / NANOSECONDS_PER_TICK;
    public static final int TICKS_PER_MICROSECOND = 1000 / NANOSECONDS_PER_TICK;

    /** No run comes to this tick, which is 1,400 years away, so that moments can be added to and subtracted from each other. */
    public static final long LAST_TICK = 1L << 62;

    private static final int LARGEST_GRANT = 1 << 30;
    /** What software compares with a later moment than this never comes; a run that has jumped here still has as long to go. */
    private static final long LAST_COMPARISON = LAST_TICK / 2;

    /** Ticks left until somebody must look up: a slice ends, an event is due, an interrupt or a debugger waits. Spent by decrementing. */
    public int budget;

    private int granted;
    private long settledTicks;
    private long jumpedTicks;
    private long mtimeOffset;
    private long sequence;
    private long firedEvents;
    private final List<ClockEvent> events = new ArrayList<>();

    /** The current tick. */
    public long now() {
        return settledTicks + (granted - budget);
    }

    /** The machine's real-time counter, which software sees as {@code mtime} and {@code time}: it ticks with the clock, from wherever software has set it. */
    public long mtime() {
        return now() + mtimeOffset;
    }

    /** Sets the real-time counter. Who compares with it has to look again. */
    public void setMtime(long value) {
        mtimeOffset = value - now();
    }

    /**
     * Schedules {@code event} for when the outcome of {@code mtime >= compare} (unsigned) next changes, or not at all if that is beyond any
     * run's end.
     */
    public void scheduleComparison(ClockEvent event, long compare) {
        boolean reached = Long.compareUnsigned(mtime(), compare) >= 0;
        long ticks = (reached ? 0 : compare) - mtime();               // to the counter's wrapping round, or to the value
        if (ticks > 0 && ticks < LAST_COMPARISON - now()) {
            event.scheduleIn(ticks);
        } else {
            event.cancel();
        }
    }

    /** Instructions retired by all harts so far: time, less what was skipped while every hart waited. */
    public long instructions() {
        return now() - jumpedTicks;
    }

    /** How many events have fired. */
    public long firedEvents() {
        return firedEvents;
    }

    /**
     * Makes an event that can be scheduled again and again. Events belong to the machine's configuration: they are
     * made while it is built, in a fixed order.
     */
    public ClockEvent newEvent(String name, Runnable action) {
        ClockEvent event = new ClockEvent(this, name, action);
        events.add(event);
        return event;
    }

    /** Takes back what is left of the budget, without letting time pass. */
    public void settle() {
        settledTicks = now();
        granted = 0;
        budget = 0;
    }

    /** Grants at most {@code ticks}, and not past the next event. */
    public void grant(long ticks) {
        settle();
        granted = (int) Math.min(Math.min(ticks, LARGEST_GRANT), nextDue() - settledTicks);
        budget = granted;
    }

    /** Makes whoever spends the budget look up before its next tick. */
    public void interruptSoon() {
        settle();
    }

    /** When the next event is due, or {@link Long#MAX_VALUE}. */
    public long nextDue() {
        long next = Long.MAX_VALUE;
        for (ClockEvent event : events) {
            next = Math.min(next, event.due);
        }
        return next;
    }

    /** Lets time pass without instructions, because every hart waits. */
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
            event.sequence = in.get64(0, sequence);
        }
    }
}
