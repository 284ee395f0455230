package ferrite.hardware.turn;

import ferrite.hardware.state.Saveable;

/**
 * Policy that chooses the next hart and the length of its slice. It depends only on its arguments, its state and the
 * seed.
 */
public interface Interleaving extends Saveable {

    /** The longest slice while several harts may run. */
    int MAX_SHARED_TICKS = 5000;

    /**
     * Chooses one of the runnable harts.
     *
     * @param runnable a bit for each runnable hart; not zero
     * @param previous the hart of the last slice, or -1
     */
    int nextHart(int runnable, int previous);

    /**
     * Returns the length of the next slice in ticks, from one to {@link #MAX_SHARED_TICKS}. It may be more for a hart
     * that is alone.
     *
     * @param machineCode whether all harts execute machine code. With a kernel in Java, the next hart may need another
     *                    thread of the host, which costs as much as some hundred instructions.
     * @param alone       whether the hart is the only one that may run. A longer slice ends when another one may.
     */
    int sliceTicks(boolean machineCode, boolean alone);

    /** Notes that a hart only waits for another hart ({@code cpuRelax}), or ran long without any other event. */
    default void noProgress(int hart) { }
}
