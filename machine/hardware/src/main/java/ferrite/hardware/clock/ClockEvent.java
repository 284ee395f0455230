package ferrite.hardware.clock;

/**
 * An action of a device at a scheduled tick. It has at most one due tick at a time, and its state is saved with the
 * clock.
 */
public final class ClockEvent {

    private final Clock clock;
    private final String name;
    final Runnable action;
    long due = Long.MAX_VALUE;
    long sequence;

    ClockEvent(Clock clock, String name, Runnable action) {
        this.clock = clock;
        this.name = name;
        this.action = action;
    }

    /** Schedules the event {@code ticks} from now, in place of any earlier schedule. */
    public void scheduleIn(long ticks) {
        clock.schedule(this, clock.now() + ticks);
    }

    /** Schedules the event at an absolute tick. A tick in the past means now. */
    public void scheduleAt(long tick) {
        clock.schedule(this, tick);
    }

    public void cancel() {
        due = Long.MAX_VALUE;
    }

    public boolean isScheduled() {
        return due != Long.MAX_VALUE;
    }

    /** Returns the time until a scheduled event is due. */
    public long ticksLeft() {
        return due - clock.now();
    }

    boolean isBefore(ClockEvent other) {
        return due < other.due || due == other.due && sequence < other.sequence;
    }

    @Override
    public String toString() {
        return name;
    }
}
