package ferrite.hardware.turn;

import ferrite.hardware.state.Saveable;

/** Decides which hart runs next, and for how long. All it knows beyond its arguments comes from the seed. */
public interface Interleaving extends Saveable {

    /**
     * Chooses one of the harts that can run.
     *
     * @param runnable a bit for each hart that can run; not zero
     * @param previous the hart that ran last, or -1
     */
    int nextHart(int runnable, int previous);

    /** How many ticks the next slice lasts; at least one. */
    int sliceTicks();

    /** A hart said that it only waits for another ({@code cpuRelax}), or ran long without anything else happening. */
    default void noProgress(int hart) { }
}
