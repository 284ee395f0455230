package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** The current slice, the schedule so far, and the policy that chooses the next hart. */
final class Slices {

    private final Interleaving interleaving;
    private final ScheduleLog schedule = new ScheduleLog();
    private int previousHart = -1;
    private long start;
    private long end;

    Slices(Interleaving interleaving) {
        this.interleaving = interleaving;
    }

    /** Chooses the hart of the next slice among those with a bit set. */
    int nextHart(int runnable) {
        return interleaving.nextHart(runnable, previousHart);
    }

    /**
     * @param machineCode whether all harts execute machine code
     * @param runnable    a bit for each hart that may run
     */
    void begin(long now, boolean machineCode, int runnable) {
        start = now;
        end = now + interleaving.sliceTicks(machineCode, Integer.bitCount(runnable) == 1);
    }

    /** Makes a slice that only a hart alone can have end now if more harts may run. */
    void share(long now, int runnable) {
        if (end - start > Interleaving.MAX_SHARED_TICKS && Integer.bitCount(runnable) > 1) {
            cut(now);
        }
    }

    void end(int hart, long now) {
        schedule.add(hart, now - start);
        previousHart = hart;
    }

    /** Makes the current slice end now. */
    void cut(long now) {
        end = now;
    }

    /** Returns the ticks that are left of the current slice. */
    long left(long now) {
        return end - now;
    }

    /** Returns the number of slices that have ended. */
    long count() {
        return schedule.slices();
    }

    byte[] digest() {
        return schedule.digest();
    }

    /** Tells the policy that a hart makes no progress. */
    void noProgress(int hart) {
        interleaving.noProgress(hart);
    }

    void savePast(StateWriter out) {
        interleaving.save(out);
        schedule.save(out);
        out.put32(previousHart);
    }

    void saveCurrent(StateWriter out) {
        out.put64(start);
        out.put64(end);
    }

    void restorePast(StateReader in, int harts) {
        interleaving.restore(in);
        schedule.restore(in);
        previousHart = in.get32(-1, harts - 1);
    }

    void restoreCurrent(StateReader in, long now) {
        start = in.get64(0, now);
        end = in.get64(start, Clock.LAST_TICK);
    }
}
