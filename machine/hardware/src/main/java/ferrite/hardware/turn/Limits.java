package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;

/** The ends of a run that the guest does not choose: a number of instructions, a tick, and a loop without end. */
public final class Limits {

    private static final long NONE = Long.MAX_VALUE;

    private final Clock clock;
    private long instructions = NONE;
    private long tick = NONE;
    /** Null unless harts that spin for ever are looked for. */
    private SpinWatch spins;

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

    /** Ends the run when all harts spin for ever. It is for machines without a Java kernel. */
    public void watchSpins(SpinWatch watch) {
        spins = watch;
    }

    /** Tells whether all harts spin for ever. To be called before a hart runs. */
    boolean isSpinning(Hart hart) {
        return spins != null && spins.look(hart);
    }

    /** Ends a look at spinning harts, because the machine has returned to another moment. */
    void restored() {
        if (spins != null) {
            spins.forget();
        }
    }

    boolean isTimeOver() {
        return clock.now() >= tick;
    }

    /** Stops a run that has reached a limit. */
    void stopIfReached(Turn turn) {
        if (clock.instructions() >= instructions) {
            turn.stop(Turn.Stop.INSTRUCTION_LIMIT);
        } else if (isTimeOver()) {
            turn.stop(Turn.Stop.TIME_LIMIT);
        }
    }

    /** Returns the ticks until a limit is reached by execution. */
    long ticksLeft() {
        long left = Math.min(instructions - clock.instructions(), tick - clock.now());
        return spins == null ? left : Math.min(left, spins.ticksLeft());
    }

    /** Returns a tick, or the limit if that comes first. */
    long before(long due) {
        return Math.min(due, tick);
    }
}
