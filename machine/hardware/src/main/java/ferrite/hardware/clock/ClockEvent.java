package ferrite.hardware.clock;

/** Something a device does at a tick of its choosing. It is due at most once at a time; its state is saved with the clock. */
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

    /** Due {@code ticks} from now, whatever it was before. */
    public void scheduleIn(long ticks) {
        clock.schedule(this, clock.now() + ticks);
    }

    /** Due at an absolute tick; one that has passed means now. */
    public void scheduleAt(long tick) {
        clock.schedule(this, tick);
    }

    public void cancel() {
        due = Long.MAX_VALUE;
    }

    public boolean isScheduled() {
        return due != Long.MAX_VALUE;
    }

    boolean isBefore(ClockEvent other) {
        return due < other.due || due == other.due && sequence < other.sequence;
    }

    @Override
    public String toString() {
        return name;
    }
}
