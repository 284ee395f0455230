package ferrite.hardware.turn;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014). The whole state of this generator is one word, so a snapshot can hold it.
 */
public final class SeededRandom implements Saveable {

    private long state;

    public SeededRandom(long seed) {
        this.state = seed;
    }

    public long nextLong() {
        state += 0x9e37_79b9_7f4a_7c15L;
        long z = state;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }

    /** Returns a number from 0 to {@code bound - 1}. */
    public int below(int bound) {
        return (int) ((nextLong() >>> 33) % bound);
    }

    @Override
    public void save(StateWriter out) {
        out.put64(state);
    }

    @Override
    public void restore(StateReader in) {
        state = in.get64();
    }
}
