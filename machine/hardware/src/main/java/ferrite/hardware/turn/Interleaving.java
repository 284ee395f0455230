package ferrite.hardware.turn;

import ferrite.hardware.state.Saveable;

/**
 * Policy that chooses the next hart and the length of its slice. It depends only on its arguments, its state and the
 * seed.
 */
public interface Interleaving extends Saveable {

    /**
     * Chooses one of the runnable harts.
     *
     * @param runnable a bit for each runnable hart; not zero
     * @param previous the hart of the last slice, or -1
     */
    int nextHart(int runnable, int previous);

    /**
     * Returns the length of the next slice in ticks, at least one.
     *
     * @param machineCode whether all harts execute machine code. With a kernel in Java, the next hart may need another
     *                    thread of the host, which costs as much as some hundred instructions.
     */
    int sliceTicks(boolean machineCode);

    /** Notes that a hart only waits for another hart ({@code cpuRelax}), or ran long without any other event. */
    default void noProgress(int hart) { }
}
