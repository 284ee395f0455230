package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;

/** The moments at which a run ends, whatever the guest does: a number of instructions, and a tick. */
public final class Limits {

    private static final long NONE = Long.MAX_VALUE;

    private final Clock clock;
    private long instructions = NONE;
    private long tick = NONE;

    Limits(Clock clock) {
        this.clock = clock;
    }

    void limitInstructions(long number) {
        instructions = number;
    }

    /** Ends the run at this tick of the clock. */
    public void limitTime(long newTick) {
        tick = newTick;
    }

    /** Returns the tick of the clock at which the run ends; {@link Long#MAX_VALUE} for none. */
    public long lastTick() {
        return tick;
    }

    boolean isTimeOver() {
        return clock.now() >= tick;
    }

    /** Returns the limit that is reached, or null. */
    Turn.Stop reached() {
        return clock.instructions() >= instructions ? Turn.Stop.INSTRUCTION_LIMIT
                : isTimeOver() ? Turn.Stop.TIME_LIMIT : null;
    }

    /** Returns the ticks until a limit is reached by execution. */
    long ticksLeft() {
        return Math.min(instructions - clock.instructions(), tick - clock.now());
    }

    /** Returns a tick, or the limit if that comes first. */
    long before(long due) {
        return Math.min(due, tick);
    }
}
