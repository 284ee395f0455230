package ferrite.hardware.turn;

import ferrite.hardware.hart.Hart;
import java.util.List;
import java.util.function.Consumer;

/** The harts that a debugger lets run, and the hart that it steps. */
final class Restriction {

    /** Every hart may run. */
    static final int NONE = -1;

    /**
     * The most ticks between two looks at the requests of a debugger. The JVM's own interpreter, in which everything
     * runs at first, needs up to a microsecond for a tick.
     */
    private static final int TICKS_FOR_DEBUGGER = 8000;

    private int allowed = NONE;
    /** The hart after whose next instruction the debugger wants a stop, or null. */
    private Hart stepping;
    private long ticksBefore;
    private Runnable observer;
    private long observedTicks = Long.MAX_VALUE;
    /** The ticks after which requests of a debugger are served. */
    private long servedTicks = Long.MAX_VALUE;
    private Consumer<Hart> onStepped = hart -> { };
    /** The hart whose instructions are counted, or null, and the modes in which they count. */
    private Hart counted;
    private int countedModes;
    private long left;
    /** The counted hart's ticks and mode at the last check, before the next instruction. */
    private long countedTicks;
    private int modeBefore;
    private Consumer<Hart> onCounted = hart -> { };

    void onStepped(Consumer<Hart> listener) {
        onStepped = listener;
    }

    /**
     * Restricts the next run.
     *
     * @param harts a bit for each hart that may run
     * @param step  the hart to step, or null
     */
    void set(int harts, Hart step) {
        allowed = harts;
        stepping = step;
        ticksBefore = step == null ? 0 : step.ticks();
    }

    /** Lets every hart run. A step goes on. */
    void allowAll() {
        allowed = NONE;
    }

    /** Tells whether a step is under way. */
    boolean isStepping() {
        return stepping != null;
    }

    /** Tells whether another hart than this one is stepped. */
    boolean stepsOther(Hart hart) {
        return stepping != null && stepping != hart;
    }

    /** Lets a hart run no more until the next {@link #set}. */
    void exclude(Hart hart) {
        allowed &= ~(1 << hart.id());
    }

    boolean allows(Hart hart) {
        return (allowed >> hart.id() & 1) != 0;
    }

    /** Tells whether one of the harts may not run. */
    boolean stopsSome(List<Hart> harts) {
        return !harts.stream().allMatch(this::allows);
    }

    /** Has an observer, or null, called after at most this number of ticks, again and again. */
    void observe(Runnable newObserver, long ticks) {
        observer = newObserver;
        observedTicks = ticks;
    }

    /** Has requests served often enough for a debugger that is attached, or not. */
    void serveOften(boolean often) {
        servedTicks = often ? TICKS_FOR_DEBUGGER : Long.MAX_VALUE;
    }

    /** Calls the observer. Returns the end of a wait, or an earlier tick at which to call it again. */
    long observeBefore(long end, long now) {
        if (observer == null) {
            return end;
        }
        observer.run();
        return Math.min(end, now + observedTicks);
    }

    /** Returns how many of these ticks a hart may spend before the next check. */
    long limit(Hart hart, long ticks) {
        return hart == stepping || hart == counted ? Math.min(ticks, 1)
                : Math.min(ticks, Math.min(observedTicks, servedTicks));
    }

    /**
     * Counts the instructions of a hart, one by one, in the next runs.
     *
     * @param hart   the hart, or null to count no more
     * @param number instructions, at least 1
     * @param modes  the modes in which they count, a bit for each mode's number
     * @param done   is told when the last one is done
     */
    void count(Hart hart, long number, int modes, Consumer<Hart> done) {
        counted = hart;
        left = number;
        countedModes = modes;
        onCounted = done;
        countedTicks = hart == null ? 0 : hart.ticks();
        modeBefore = hart == null ? 0 : hart.mode();
    }

    private void checkCount() {
        if (counted.ticks() != countedTicks && (countedModes >> modeBefore & 1) != 0 && --left == 0) {
            Hart done = counted;
            counted = null;
            onCounted.accept(done);
        } else {
            countedTicks = counted.ticks();
            modeBefore = counted.mode();
        }
    }

    /** Calls the observer, and ends the step or the count if the hart has spent a tick. */
    void check() {
        if (counted != null) {
            checkCount();
        }
        if (observer != null) {
            observer.run();
        }
        if (stepping != null && stepping.ticks() != ticksBefore) {
            stepped();
        }
    }

    /** Takes the interrupt that stands for the step of a hart in machine code, if there is one. It ends the step. */
    boolean takesInterrupt(Hart hart) {
        boolean takes = hart == stepping && !hart.isAtGate() && hart.takeInterrupt();
        if (takes) {
            stepped();
        }
        return takes;
    }

    private void stepped() {
        Hart done = stepping;
        stepping = null;
        onStepped.accept(done);
    }
}
