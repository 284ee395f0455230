package ferrite.hardware.turn;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.IntConsumer;

/** A policy with a listener, which is told each choice and changes nothing. */
public final class HeardInterleaving implements Interleaving {

    private final Interleaving policy;
    private IntConsumer listener = hart -> { };

    public HeardInterleaving(Interleaving policy) {
        this.policy = policy;
    }

    /** Has the hart of each slice told from now on, when the slice begins, after earlier listeners. */
    public void onSlice(IntConsumer newListener) {
        listener = listener.andThen(newListener);
    }

    @Override
    public int nextHart(int runnable, int previous) {
        int hart = policy.nextHart(runnable, previous);
        listener.accept(hart);
        return hart;
    }

    @Override
    public int sliceTicks(boolean machineCode, boolean alone) {
        return policy.sliceTicks(machineCode, alone);
    }

    @Override
    public void noProgress(int hart) {
        policy.noProgress(hart);
    }

    @Override
    public void save(StateWriter out) {
        policy.save(out);
    }

    @Override
    public void restore(StateReader in) {
        policy.restore(in);
    }
}
