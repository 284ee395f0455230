package ferrite.hardware.model;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;

/** An effect of a device at a later moment of virtual time. It has one due moment at most, which is saved. */
public final class TimedEvent {

    private final ModelDevice device;
    private final String name;
    private final Runnable effect;
    private ClockEvent event;

    TimedEvent(ModelDevice device, String name, Runnable effect) {
        this.device = device;
        this.name = name;
        this.effect = effect;
    }

    /**
     * Schedules the effect, in place of any earlier schedule.
     *
     * @param ticks the time from now, at least 1 and at most 2^61; a tick is 10 ns
     *     ({@link Clock#TICKS_PER_MICROSECOND})
     */
    public void scheduleIn(long ticks) {
        device.requireCall();
        if (ticks < 1 || ticks > Clock.LAST_TICK / 2) {
            throw new ModelException("the event " + name + " is scheduled " + ticks + " ticks from now; 1 to "
                    + Clock.LAST_TICK / 2 + " would be right, and an event that is not to come is not scheduled");
        }
        event.scheduleIn(ticks);
    }

    public void cancel() {
        device.requireCall();
        event.cancel();
    }

    public boolean isScheduled() {
        return event.isScheduled();
    }

    /** Returns the time until the effect, while it is scheduled. */
    long ticksLeft() {
        return event.ticksLeft();
    }

    @Override
    public String toString() {
        return name;
    }

    void connect(Clock clock) {
        event = clock.newEvent(device.name() + " " + name,
                () -> device.call(effect, () -> "at the event " + name));
    }
}
