package ferrite.hardware.turn;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** The policies available to {@code --interleaving}. */
public enum Interleavings {

    /** Round robin with equal slices. */
    RR {
        @Override
        public Interleaving create(int harts, long seed) {
            return new RoundRobin();
        }
    },
    /** A random hart for a random time. */
    RANDOM {
        @Override
        public Interleaving create(int harts, long seed) {
            return new RandomChoice(seed);
        }
    },
    /** Random priorities that change at random moments. */
    PCT {
        @Override
        public Interleaving create(int harts, long seed) {
            return new Priorities(harts, seed);
        }
    };

    public abstract Interleaving create(int harts, long seed);

    private static int nextAfter(int runnable, int previous) {
        int later = runnable & -1 << previous + 1;
        return Integer.numberOfTrailingZeros(previous < 31 && later != 0 ? later : runnable);
    }

    private static final class RoundRobin implements Interleaving {

        private static final int SLICE = Interleaving.MAX_SHARED_TICKS;
        /** Nine microseconds: so far apart do the harts of a halted machine stand. */
        private static final int SLICE_OF_MACHINE_CODE = 900;
        /** The end of a slice costs translated code as much as some hundred instructions. */
        private static final int SLICE_ALONE = 40_000;

        @Override
        public int nextHart(int runnable, int previous) {
            return nextAfter(runnable, previous);
        }

        @Override
        public int sliceTicks(boolean machineCode, boolean alone) {
            return !machineCode ? SLICE : alone ? SLICE_ALONE : SLICE_OF_MACHINE_CODE;
        }

        @Override
        public void save(StateWriter out) { }

        @Override
        public void restore(StateReader in) { }
    }

    private static final class RandomChoice implements Interleaving {

        private static final int MAX_SLICE = 2000;

        private final SeededRandom random;

        RandomChoice(long seed) {
            random = new SeededRandom(seed);
        }

        @Override
        public int nextHart(int runnable, int previous) {
            int choice = random.below(Integer.bitCount(runnable));
            int left = runnable;
            for (int i = 0; i < choice; i++) {
                left &= left - 1;
            }
            return Integer.numberOfTrailingZeros(left);
        }

        @Override
        public int sliceTicks(boolean machineCode, boolean alone) {
            return 1 + random.below(MAX_SLICE);
        }

        @Override
        public void save(StateWriter out) {
            random.save(out);
        }

        @Override
        public void restore(StateReader in) {
            random.restore(in);
        }
    }

    /**
     * Probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010). The runnable hart with the highest
     * priority runs. At random moments the running hart drops to the lowest priority. A hart without progress drops
     * too, so that it cannot starve the hart that it waits for.
     */
    private static final class Priorities implements Interleaving {

        private static final int SLICE = 500;
        private static final int SLICES_BETWEEN_CHANGES = 64;

        private final SeededRandom random;
        private final int[] priority;
        private int lowest;

        Priorities(int harts, long seed) {
            random = new SeededRandom(seed);
            priority = new int[harts];
            for (int hart = 0; hart < harts; hart++) {
                int other = random.below(hart + 1);
                priority[hart] = priority[other];
                priority[other] = hart + 1;
            }
        }

        @Override
        public int nextHart(int runnable, int previous) {
            if (previous >= 0 && random.below(SLICES_BETWEEN_CHANGES) == 0) {
                noProgress(previous);
            }
            int best = -1;
            for (int hart = 0; hart < priority.length; hart++) {
                if ((runnable >> hart & 1) != 0 && (best < 0 || priority[hart] > priority[best])) {
                    best = hart;
                }
            }
            return best;
        }

        @Override
        public int sliceTicks(boolean machineCode, boolean alone) {
            return SLICE;
        }

        @Override
        public void noProgress(int hart) {
            priority[hart] = --lowest;
        }

        @Override
        public void save(StateWriter out) {
            random.save(out);
            out.putInts(priority);
            out.put32(lowest);
        }

        @Override
        public void restore(StateReader in) {
            random.restore(in);
            in.getInts(priority);
            lowest = in.get32();
        }
    }
}
