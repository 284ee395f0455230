package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The Java stacks of a machine, and which of them has the turn. Code may misbehave: it keeps the turn, accesses the
 * machine in another thread, or does not end when it is unwound. The machine ends nevertheless.
 */
public final class Strands {

    /** Accesses that one task may attempt while it is unwound. A driver that catches every error attempts more. */
    private static final int MAX_UNWINDS = 10_000;

    private final Turn turn;
    private final Clock clock;
    private final Strand[] onHart;
    private final List<Strand> strands = new ArrayList<>();
    private volatile Strand controller;
    /** The thread that has the turn. Null before the first run. */
    private volatile Strand holder;
    private volatile boolean running;
    /** Frames are being unwound: those of one killed task, or all of them if {@code closing}. */
    private boolean unwinding;
    private boolean closing;
    private int unwinds;
    /** The strands that lost the turn without giving it up, and those of them that are still to be named. */
    private final List<Strand> abandoned = new CopyOnWriteArrayList<>();
    private final List<Strand> unended = new CopyOnWriteArrayList<>();

    Strands(Turn turn, Clock clock, int harts) {
        this.turn = turn;
        this.clock = clock;
        this.onHart = new Strand[harts];
    }

    /** Begins a run. The calling thread is the controller. */
    void begin() {
        controller = Strand.ofCurrentThread();
        holder = controller;
        running = true;
    }

    void end() {
        running = false;
    }

    Strand controller() {
        return controller;
    }

    /** Creates a Java stack for a task. It runs when it is switched to. */
    public Strand newStrand(String name, Runnable body) {
        Strand[] self = new Strand[1];
        self[0] = Strand.create(name, () -> run(self[0], body));
        strands.add(self[0]);
        return self[0];
    }

    private void run(Strand strand, Runnable body) {
        try {
            if (!unwinding) {
                body.run(); // when it returns, another strand has the turn: nothing may be touched
            }
        } catch (Unwind unwound) {
            return;                                   // the unwinding thread waits for this end
        } catch (Throwable broken) {                  // no caller above: the machine cannot continue
            if (!abandoned.contains(strand)) {
                strands.remove(strand);
                crash(broken);
            }
        }
    }

    private void crash(Throwable broken) {
        turn.fail(broken);
        handTo(controller);
    }

    /**
     * Begins the machine's own work on the stack of a hart's strand, for which there must be room. Returns the strand;
     * null if that work goes on already, in an interrupt that the strand handles, or no strand runs.
     *
     * @throws StackOverflowError if the stack is nearly full
     */
    Strand withRoom(Hart hart) {
        Strand strand = hart == null ? null : onHart[hart.id()];
        return strand != null && strand.enterCheckpoint() ? strand : null;
    }

    /** Gives the turn to another strand. */
    void handTo(Strand next) {
        holder = next;
        next.giveTurn();
    }

    /** Returns the strand that runs on a hart; null while machine code does. */
    public Strand on(int hartId) {
        return onHart[hartId];
    }

    /** Binds a strand to a hart. A kernel calls this when it attaches to a machine that waits. */
    public void bind(int hartId, Strand strand) {
        onHart[hartId] = strand;
    }

    boolean isOnAnyHart() {
        return Arrays.stream(onHart).anyMatch(Objects::nonNull);
    }

    /**
     * Gives the hart that has the turn to another strand. It returns when the calling strand is switched to again,
     * perhaps on another hart.
     */
    public void switchTo(Strand next) {
        try {
            Strand me = onHart[turn.hart().id()];
            onHart[turn.hart().id()] = next;
            handTo(next);
            me.awaitTurn();
            throwIfUnwinding();
        } catch (VirtualMachineError cutOff) {
            turn.fail(cutOff);                        // perhaps two strands believe that they have the turn
            throw cutOff;
        }
    }

    /** Gives the hart that has the turn to another strand, and ends the calling one, which must return at once. */
    public void endWith(Strand next) {
        strands.remove(onHart[turn.hart().id()]);
        onHart[turn.hart().id()] = next;
        handTo(next);
    }

    // ---- unwinding ----

    /**
     * Unwinds every Java stack. The machine's state does not change. The controller calls this. A stack that does not
     * end, because its code catches every error or loops, is abandoned, see {@link #unended}.
     */
    public void unwindAll() {
        clock.settle();
        unwinding = true;
        closing = true;
        for (Strand strand : List.copyOf(strands)) {
            if (strand.hasStarted() && !unwind(strand)) {
                break;                                // it may keep the host's only processor from the others
            }
        }
        strands.clear();
        Arrays.fill(onHart, null);
        holder = Strand.ofCurrentThread();
        unwinding = false;
        closing = false;
    }

    /** Unwinds a strand. Returns whether it leaves its processor to others. */
    private boolean unwind(Strand strand) {
        unwinds = 0;
        handTo(strand);
        boolean isOver = strand.awaitEnd();
        if (!isOver) {
            abandoned.add(strand);
        }
        if (abandoned.contains(strand)) {
            unended.add(strand);
        }
        return isOver;
    }

    /** Returns the strands that did not end with the machine. Their threads are daemons. */
    public List<Strand> unended() {
        return List.copyOf(unended);
    }

    /**
     * Begins to unwind the running strand's frames, down to the frame that catches {@link Unwind} and calls {@link
     * #unwound}.
     */
    public Unwind unwind() {
        clock.settle();
        unwinding = true;
        unwinds = 0;
        return new Unwind();
    }

    /** Tells whether every Java stack is being unwound, because the machine has come to its end. */
    public boolean isClosing() {
        return closing;
    }

    /** Tells whether only one task is being unwound, so that the machine continues. */
    public boolean isKilling() {
        return unwinding && !closing;
    }

    /** Ends the unwinding. Accesses work again. */
    public void unwound() {
        unwinding = false;
    }

    void throwIfUnwinding() {
        if (unwinding) {
            clock.settle();
            if (++unwinds > MAX_UNWINDS) {
                leave();
            }
            throw new Unwind();
        }
    }

    /** Leaves the running strand where it is, for ever: its code catches every error and goes on. */
    private void leave() {
        Strand me = holder;
        abandoned.add(me);
        if (!closing) {
            unwinding = false;
            strands.remove(me);
            crash(new IllegalStateException("a task was ended, and its code at " + turn.callSite()
                    + " catches every error and goes on; catch what the code throws itself, never Error or Throwable"));
        }
        me.stayForEver();
    }

    // ---- the thread that has the turn ----

    /** Checks that the calling thread has the turn. Otherwise the access is refused, and the run ends. */
    void requireTurn() {
        if (!haveTurn()) {
            refuse();
        }
    }

    /** Tells whether the calling thread has the turn, or no thread has had it yet. */
    boolean haveTurn() {
        Strand has = holder;
        return has == null || has.isCurrent();
    }

    private void refuse() {
        abandoned.stream().filter(Strand::isCurrent).forEach(Strand::stayForEver);
        IllegalStateException refused = new IllegalStateException("the host thread '" + Thread.currentThread().getName()
                + "' accessed the machine at " + turn.callSite() + ", and another thread has the turn: only tasks, "
                + "handlers, timers and work items may, in the thread that the kernel calls them in; kthread_run makes "
                + "a task");
        turn.failFromOutside(refused, refused);
        throw refused;
    }

    // ---- for threads that watch the run: any thread may call these ----

    /** Returns a number that changes while the machine runs. Only a change has a meaning. */
    public long progress() {
        return clock.now();
    }

    /** Tells whether a run is under way that should make progress. */
    public boolean shouldProgress() {
        return running && !turn.waits().isPaused();
    }

    /** Returns the strand that has the turn; null if the controller has it. */
    public Strand holder() {
        Strand has = holder;
        return has == controller ? null : has;
    }

    /** Returns the Java frames of the controller, innermost first; none before the first run. */
    public StackTraceElement[] controllerStack() {
        Strand controls = controller;
        return controls == null ? new StackTraceElement[0] : controls.stack();
    }

    /**
     * Ends the run although a strand keeps the turn: the controller gets it, and {@link Turn#run} returns {@link
     * Turn.Stop#PANIC}. The strand's next access does not return. Only one thread may call this, once.
     *
     * @return whether that strand still had the turn
     */
    public boolean abandon(Strand stuck, Throwable failure) {
        if (!running || holder != stuck || stuck == controller) {
            return false;
        }
        if (turn.hasFailed()) {
            unended.add(stuck);                       // the failure that counts names other code
        }
        abandoned.add(stuck);
        strands.remove(stuck);
        crash(failure);
        return true;
    }
}
