package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** The stimecmp of one hart (extension Sstc). STIP is pending while {@code time >= stimecmp}, unsigned. */
final class SupervisorTimer {

    private final Clock clock;
    private final ClockEvent due;
    private long compare = -1;

    SupervisorTimer(int hartId, Clock clock) {
        this.clock = clock;
        this.due = clock.newEvent("hart" + hartId + " timer", this::comparisonChanged);
    }

    long compare() {
        return compare;
    }

    void setCompare(long value) {
        compare = value;
        clock.scheduleComparison(due, compare);
    }

    boolean isPending() {
        return Long.compareUnsigned(clock.mtime(), compare) >= 0;
    }

    /** Updates the timer after the result of the comparison changed or the counter was set. */
    void comparisonChanged() {
        clock.interruptSoon();
        clock.scheduleComparison(due, compare);
    }

    void save(StateWriter out) {
        out.put64(compare);
    }

    void restore(StateReader in) {
        compare = in.get64();
    }
}
