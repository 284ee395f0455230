package ferrite.hardware.turn;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Halts a machine and lets it run on: the debugger's side of the {@linkplain Turn turn}. A machine has one. Halting and
 * resuming all harts changes nothing about the run, and neither does a step of the hart that has the turn.
 *
 * <p>Three kinds of threads call it. Any thread may {@link #post} a request or {@link #ask} a question. The request
 * then runs on the thread that holds the turn, between two accesses, and may look at the machine, {@link #halt} it and
 * {@link #resume} it. {@link #lookNow} borrows the turn of a controller that waits. The controller, which calls
 * {@link Turn#run}, calls {@link #waitWhileHalted} before each run; while the machine is halted, requests are served
 * there.
 */
public final class RunControl implements DebugPoints.Listener {

    private static final long NO_CRASH = -1;

    private final Turn turn;
    private final DebugPoints points;
    private final ExposedCsrs exposedCsrs = new ExposedCsrs();
    private final List<Consumer<Halt>> listeners = new ArrayList<>();
    private boolean halted;
    private boolean debuggerExpected;
    private Halt lastHalt = Halt.of(Halt.Reason.START, 0);
    /** Whether the listeners were told of the last halt. */
    private boolean told = true;
    private int debuggers;
    private Consumer<Boolean> watcher = isHalted -> { };
    private boolean holdingInterrupts;
    private boolean breakingOnViolation;
    private boolean breakingIfDebugged;
    private boolean standing;
    private boolean killed;
    /** Whether the hart of the last halt may pass the point that it has reached. */
    private boolean passes;
    /** The hart of the last crash that was told, and its instructions until then; negative if there is none. */
    private long toldCrash = NO_CRASH;

    public RunControl(PhysicalBus bus, Turn turn, DebugPoints points) {
        this.turn = turn;
        this.points = points;
        points.onReached(this);
        turn.restriction.onStepped(this::stepped);
        new DeviceWatchpoints(bus, turn, points, this);
    }

    // ---- any thread ----

    /**
     * Has the thread that holds the turn do something soon, between two accesses.
     *
     * @throws RejectedExecutionException when the run has ended, so that no thread would do it
     * @see Posts#add
     */
    public void post(Runnable request) {
        turn.posts().add(request);
    }

    /**
     * Has the thread that holds the turn answer a question, which must only look. The future fails if the question
     * does, or if the run has ended.
     */
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            turn.posts().add(() -> answer(question, answer));
        } catch (RejectedExecutionException ended) {
            answer.completeExceptionally(ended);
        }
        return answer;
    }

    /**
     * Does something that only looks at the machine at once, on the calling thread, if the controller only waits for a
     * request. Returns whether it did; never waits.
     *
     * @see Posts#serveNow
     */
    public boolean lookNow(Runnable request) {
        return turn.posts().serveNow(request);
    }

    private static <T> void answer(Supplier<T> question, CompletableFuture<T> answer) {
        try {
            answer.complete(question.get());
        } catch (RuntimeException | StackOverflowError failed) {
            answer.completeExceptionally(failed);
        }
    }

    // ---- the thread that holds the turn ----

    /** Returns the breakpoints and watchpoints of the machine. */
    public DebugPoints points() {
        return points;
    }

    /** Returns the CSRs that a debugger lists although the harts lack them. */
    public ExposedCsrs exposedCsrs() {
        return exposedCsrs;
    }

    /** Halts the machine before its next access. Before the first run, the machine starts halted. */
    public void halt() {
        halt(Halt.of(Halt.Reason.REQUEST, currentHart()));
    }

    /** Halts the machine before its next access. The first of several reasons counts. A killed machine runs on. */
    public void halt(Halt why) {
        if (killed) {
            return;
        }
        boolean ran = !halted;
        if (ran) {
            lastHalt = why;
            passes = why.reason() == Halt.Reason.BREAKPOINT || why.reason() == Halt.Reason.WATCHPOINT;
            told = false;
        }
        halted = true;
        turn.stop(Turn.Stop.HALTED);
        if (ran) {
            watcher.accept(true);
        }
    }

    /** Lets a halted machine run on, all harts of it. */
    public void resume() {
        resume(Restriction.NONE, null);
    }

    /**
     * Lets a halted machine run on.
     *
     * @param harts    the harts that may run, a bit for each
     * @param stepping a hart after whose next instruction the machine halts, or null. A taken interrupt counts as one.
     */
    public void resume(int harts, Hart stepping) {
        if (passes) {
            turn.harts().get(lastHalt.hart()).passPoints();
        }
        if (stepping != null) {
            stepping.passPoints();
        }
        boolean stood = halted;
        halted = false;
        turn.harts().forEach(hart -> hart.holdInterrupts(holdingInterrupts && hart == stepping));
        turn.restriction.set(harts, stepping);
        if (stood) {
            watcher.accept(false);
        }
    }

    /** Tells whether the machine runs only until a hart has made a step. */
    public boolean isStepping() {
        return !halted && turn.restriction.isStepping();
    }

    /** Ends the run, halted or not, at its controller's next look. Nothing halts the machine any more. */
    public void kill() {
        killed = true;
        resume();
        turn.stop(Turn.Stop.HALTED);
    }

    public boolean isKilled() {
        return killed;
    }

    /** Keeps interrupts from intruding on a stepped hart from now on, or lets them. By default they do. */
    public void holdInterruptsInSteps(boolean hold) {
        holdingInterrupts = hold;
    }

    /** Tells whether interrupts do not intrude on a stepped hart. */
    public boolean holdsInterruptsInSteps() {
        return holdingInterrupts;
    }

    /**
     * Halts the machine after a hart has executed some instructions.
     *
     * @param hart   the hart, or null to count no more
     * @param number instructions, at least 1
     * @param modes  the modes in which they count, a bit for each mode's number
     */
    public void haltAfter(Hart hart, long number, int modes) {
        turn.restriction.count(hart, number, modes, done -> halt(new Halt(Halt.Reason.EVENT, done.id(), null,
                "hart " + done.id() + " has executed " + number + (number == 1 ? " instruction" : " instructions"))));
    }

    /** Forgets that a point was reached, because a debugger has set a hart's pc. The hart may crash once more. */
    public void pcChanged() {
        passes = false;
        toldCrash = NO_CRASH;
    }

    /**
     * Forgets why the machine stands still, because it has been returned to another moment of the run, or to its start.
     *
     * @param hart the hart that a debugger sees first
     */
    public void returned(int hart) {
        pcChanged();
        lastHalt = Halt.of(Halt.Reason.START, hart);
    }

    public boolean isHalted() {
        return halted;
    }

    /** Tells whether the machine stands still, and the controller serves requests. */
    public boolean isStanding() {
        return standing;
    }

    /** Returns the last halt. Before the first one it is {@link Halt.Reason#START}. */
    public Halt lastHalt() {
        return lastHalt;
    }

    /** Returns why the machine stands still, or is about to; null while it runs. */
    public Turn.Stop stopReason() {
        return turn.stopping() != null || !halted ? turn.stopping() : Turn.Stop.HALTED;
    }

    /** Sets the watcher that is told {@code true} at each halt, and {@code false} when the machine runs on. */
    public void watchHalts(Consumer<Boolean> newWatcher) {
        watcher = newWatcher;
    }

    /** Has each halt told to a listener, once, when the machine stands still. */
    public void onHalt(Consumer<Halt> listener) {
        listeners.add(listener);
    }

    /** Ends {@link #onHalt}. */
    public void removeListener(Consumer<Halt> listener) {
        listeners.remove(listener);
    }

    /**
     * Announces a debugger that can resume the machine. Without one, {@code halt} at the prompt would be for ever, and
     * is refused.
     */
    public void expectDebugger() {
        debuggerExpected = true;
    }

    public boolean isDebuggerExpected() {
        return debuggerExpected;
    }

    /**
     * Counts a debugger that has attached, or with -1 one that has left. When the last one leaves a machine that runs,
     * every hart may run.
     */
    public void countDebuggers(int change) {
        debuggers += change;
        turn.restriction.serveOften(debuggers > 0);
        if (debuggers == 0 && !halted) {
            turn.restriction.allowAll();
        }
    }

    /** Tells whether a debugger is attached, which is told of a crash before the run ends. */
    public boolean isDebugged() {
        return debuggers > 0;
    }

    /** Halts the machine at each violation from now on, or does not. */
    public void breakOnViolation(boolean breaks) {
        breakingOnViolation = breaks;
    }

    /** Halts the machine at each violation from now on while a debugger is attached. */
    public void breakOnViolationIfDebugged() {
        breakingIfDebugged = true;
    }

    /** Halts the machine at a violation, if a debugger wants that. The hart that caused it has not gone on. */
    public void violated(String sentence) {
        if (breakingOnViolation || breakingIfDebugged && isDebugged()) {
            halt(new Halt(Halt.Reason.EVENT, currentHart(), null, sentence));
        }
    }

    private int currentHart() {
        return turn.hart() == null ? lastHalt.hart() : turn.hart().id();
    }

    @Override
    public void breakpoint(Hart hart) {
        halt(Halt.of(Halt.Reason.BREAKPOINT, hart.id()));
    }

    @Override
    public void watchpoint(Hart hart, DebugPoints.Watchpoint point, long va, boolean store) {
        halt(new Halt(Halt.Reason.WATCHPOINT, hart.id(), point,
                "hart " + hart.id() + (store ? " stores at " : " loads from ") + Hex.address(va)));
    }

    /** Halts after an access of a device. It names the watchpoint only if a hart has the turn. */
    void deviceAccess(DebugPoints.Watchpoint point, String sentence) {
        halt(new Halt(Halt.Reason.DEVICE_ACCESS, currentHart(), turn.hart() == null ? null : point, sentence));
    }

    @Override
    public void ebreak(Hart hart) {
        halt(Halt.of(Halt.Reason.EBREAK, hart.id()));
    }

    @Override
    public void trap(Hart hart, int cause) {
        halt(new Halt(Halt.Reason.TRAP, hart.id(), null, "hart " + hart.id() + " takes a trap with cause "
                + (cause < 0 ? "interrupt " : "") + (cause & Integer.MAX_VALUE)));
    }

    /** Halts after a step, when the turn says that the hart has made it. */
    private void stepped(Hart hart) {
        halt(Halt.of(Halt.Reason.STEP, hart.id()));
    }

    // ---- the controller ----

    /** Serves requests until the machine is not halted. */
    public void waitWhileHalted() throws InterruptedIOException {
        while (halted) {
            standing = true;
            if (!told) {
                told = true;
                List.copyOf(listeners).forEach(listener -> listener.accept(lastHalt));
            } else {
                serve();
            }
        }
        standing = false;
    }

    /**
     * Halts a machine whose run is about to end, so that a debugger can look at it, or which can only go on when harts
     * that were held may run. Returns whether it did.
     */
    public boolean haltAtEnd(Turn.Stop stop) {
        Hart current = turn.hart();
        if (stop == Turn.Stop.CRASHED && current != null && turn.restriction.stepsOther(current)) {
            turn.restriction.exclude(current);       // its crash is told when it is to run on
            return true;
        }
        boolean halts = stop == Turn.Stop.CRASHED && isDebugged() && isNews(current)
                || stop == Turn.Stop.ALL_WAIT && turn.restriction.stopsSome(turn.harts());
        if (halts) {
            halt(Halt.of(stop == Turn.Stop.CRASHED ? Halt.Reason.CRASH : Halt.Reason.WAITING, currentHart()));
        }
        return halts;
    }

    /** Tells whether a crash is another one than the debugger was told of at the last halt, and takes note of it. */
    private boolean isNews(Hart crashed) {
        long crash = crashed == null ? NO_CRASH : crashed.csrs().retired() * turn.harts().size() + crashed.id();
        boolean isNews = lastHalt.reason() != Halt.Reason.CRASH || crash != toldCrash;
        toldCrash = crash;
        return isNews;
    }

    /** Tells whether a hart could run on, but the debugger does not let it. */
    public boolean holdsRunnable() {
        return turn.harts().stream().anyMatch(hart -> hart.isRunnable() && !turn.restriction.allows(hart));
    }

    /** Serves requests until one has made the condition true. */
    public void serveUntil(BooleanSupplier condition) throws InterruptedIOException {
        while (!condition.getAsBoolean()) {
            serve();
        }
    }

    /** Waits for one request, and serves it. */
    public void serve() throws InterruptedIOException {
        try {
            turn.posts().serveOne();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "the thread that controls the machine was interrupted while it waited for a request");
        }
    }
}
