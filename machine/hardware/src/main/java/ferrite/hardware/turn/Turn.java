package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The turn: exactly one hart executes at any instant, and exactly one host thread, the one that holds the turn, touches the machine.
 *
 * <p>A hart runs for a slice; when it is over, {@link Interleaving} says who is next. Machine code is run by whichever thread holds the
 * turn; Java code by the {@link Strand} that holds its stack, to which the turn is handed. Everybody who runs spends the clock's budget and
 * comes to {@link #checkpoint} when it is gone: there events fire, slices end, interrupts are taken and the debugger is served.
 *
 * <p>The thread that calls {@link #run} is the controller. It gets the turn back when something stops the machine, and
 * may then look at it, snapshot it, restore it, or run on; stopping changes nothing about the run.
 */
public final class Turn implements Saveable {

    /** Why the machine gave the turn back. */
    public enum Stop {
        /** The guest switched the machine off. */
        POWERED_OFF,
        /** Every hart waits, and nothing that is due will wake one. */
        ALL_WAIT,
        /** Every hart waits, and the controller asked to be told. */
        QUIET,
        /** The guest wants a line of input that has not come yet. */
        INPUT_WANTED,
        /** {@code --max-instructions} ran out. */
        INSTRUCTION_LIMIT,
        /** A debugger asked for it. */
        HALTED,
        /** A hart took a trap whose handler cannot be fetched. */
        CRASHED,
        /** The kernel cannot go on, or our own code failed. */
        PANIC
    }

    /** Something that comes from outside when so many things have happened and it is so late. */
    private record TimedInput(long event, long tick, Runnable action) { }

    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final Clock clock;
    private final List<Hart> harts;
    private final Interleaving interleaving;
    private final ScheduleLog schedule = new ScheduleLog();
    private final LinkedBlockingQueue<Runnable> posts = new LinkedBlockingQueue<>();
    private volatile boolean refusingPosts;
    private final Strand[] onHart;
    private final List<Strand> strands = new ArrayList<>();
    private final ArrayDeque<TimedInput> inputs = new ArrayDeque<>();
    private Supervisor supervisor;
    private Consumer<Hart> onSelect = hart -> { };
    private Strand controller;
    private Hart hart;
    private int previousHart = -1;
    private long sliceStart;
    private long sliceEnd;
    private long traps;
    private long instructionLimit = NO_LIMIT;
    private boolean stopWhenQuiet;
    private WaitPacer pacer;
    /** Frames are being taken away: of one killed task, or, when {@code closing}, of all. */
    private boolean unwinding;
    private boolean closing;
    private Stop stop;
    private Throwable panic;

    public Turn(Clock clock, List<Hart> harts, Interleaving interleaving) {
        this.clock = clock;
        this.harts = List.copyOf(harts);
        this.interleaving = interleaving;
        this.onHart = new Strand[harts.size()];
    }

    /** Makes Java the S-mode software of every hart. */
    public void install(Supervisor newSupervisor) {
        supervisor = newSupervisor;
        harts.forEach(Hart::openGate);
    }

    void onSelect(Consumer<Hart> listener) {
        onSelect = listener;
    }

    /** The hart whose turn it is; null when none has it. */
    public Hart hart() {
        return hart;
    }

    public List<Hart> harts() {
        return harts;
    }

    /** The number of things that have happened: events fired, traps taken, slices ended. It names a moment of a run. */
    public long eventNumber() {
        return clock.firedEvents() + traps + schedule.slices();
    }

    /** SHA-256 over the hart and length of every slice so far. */
    public byte[] scheduleDigest() {
        return schedule.digest();
    }

    // ---- the controller's side ----

    /** Runs the machine until something stops it. To be called by one thread at a time, which gives away the turn until then. */
    public Stop run() {
        return run(false);
    }

    /** As {@link #run}, but stops too when every hart waits, whatever is due later. */
    public Stop runUntilQuiet() {
        return run(true);
    }

    private Stop run(boolean untilQuiet) {
        if (panic != null) {
            return Stop.PANIC;
        }
        stop = null;
        stopWhenQuiet = untilQuiet;
        controller = Strand.ofCurrentThread();
        if (hart == null) {
            chooseHart();
        }
        passTurn(controller);
        return stop;
    }

    /** Makes the machine give the turn back to the controller, before the next access. The first reason stands. */
    public void stop(Stop reason) {
        if (stop == null) {
            stop = reason;
        }
        clock.interruptSoon();
    }

    /** Why the turn is about to go back to the controller; null when nothing has asked for it. For a {@linkplain #post posted} request that looks. */
    public Stop stopping() {
        return stop;
    }

    /** Ends the run after so many instructions over all harts. */
    public void limitInstructions(long instructions) {
        instructionLimit = instructions;
    }

    /** What broke, after {@link Stop#PANIC}. */
    public Throwable panic() {
        return panic;
    }

    /**
     * Has something done by the thread that holds the turn, soon, between two accesses. It must only look, or give input that is recorded with
     * its moment. May be called by any thread.
     *
     * @throws RejectedExecutionException when nobody will do it, because of {@link #refusePosts}
     */
    public void post(Runnable request) {
        posts.add(request);
        if (refusingPosts && posts.remove(request)) {
            throw new RejectedExecutionException("the machine's run has ended");
        }
    }

    /** Does what was posted, and refuses what will be: for a controller that does not run the machine again. */
    public void refusePosts() {
        refusingPosts = true;
        servePosts();
    }

    /** Serves one posted request, waiting for it: for a controller that has nothing else to do. */
    public void servePost() throws InterruptedException {
        posts.take().run();
    }

    /**
     * Has input given to the machine at a moment of the run: the first one at which whoever has the turn looks up, so many things have happened, and it is so
     * late. The event number and the tick at which input was recorded are such a moment. To be called by the controller, in the order of the moments.
     *
     * @param event see {@link #eventNumber}
     * @param tick  the machine's time
     */
    public void inputAt(long event, long tick, Runnable input) {
        inputs.add(new TimedInput(event, tick, input));
    }

    /** Forgets the {@linkplain #inputAt input} whose moment has not come. To be called by the controller. */
    public void dropInputs() {
        inputs.clear();
    }

    private void giveInputs() {
        while (!inputs.isEmpty() && inputs.peek().event <= eventNumber() && inputs.peek().tick <= clock.now()) {
            inputs.poll().action.run();
        }
    }

    /**
     * From now on, time in which every hart waits is not skipped but takes as long as it would for a person, if it is long enough to be noticed; requests
     * that are {@linkplain #post posted} meanwhile are served at once. Input that one of them gives is at a moment that the host's clock has chosen; nothing
     * else about the run differs.
     *
     * @param hostClock tells nanoseconds of the host
     */
    public void paceWaits(LongSupplier hostClock) {
        pacer = new WaitPacer(hostClock);
    }

    private void servePosts() {
        for (Runnable request = posts.poll(); request != null; request = posts.poll()) {
            request.run();
        }
    }

    // ---- strands: what the kernel does with Java stacks ----

    /** A Java stack for a task. It runs when it is switched to. */
    public Strand newStrand(String name, Runnable body) {
        Strand[] self = new Strand[1];
        self[0] = Strand.create(name, () -> runStrand(self[0], body));
        strands.add(self[0]);
        return self[0];
    }

    private void runStrand(Strand strand, Runnable body) {
        try {
            if (!unwinding) {
                body.run();                           // when it returns, others have the turn: nothing may be touched
            }
        } catch (Unwind unwound) {
            return;                                   // whoever unwinds waits for this
        } catch (Throwable broken) {                  // nobody above: the machine cannot go on
            strands.remove(strand);
            crash(broken);
        }
    }

    private void crash(Throwable broken) {
        panic = broken;
        stop = Stop.PANIC;
        controller.giveTurn();
    }

    /** The strand that runs on the hart whose turn it is. */
    public Strand current() {
        return onHart[hart.id()];
    }

    /** Gives this hart to another strand; returns when this one is switched to again, perhaps on another hart. */
    public void switchTo(Strand next) {
        Strand me = onHart[hart.id()];
        onHart[hart.id()] = next;
        next.giveTurn();
        me.awaitTurn();
        throwIfUnwinding();
    }

    /** Gives this hart to another strand, and ends the calling one, which must return at once. */
    public void endWith(Strand next) {
        strands.remove(onHart[hart.id()]);
        onHart[hart.id()] = next;
        next.giveTurn();
    }

    /** Says whose Java stack a hart runs on; used when a kernel attaches to a machine that waits. */
    public void bind(int hartId, Strand strand) {
        onHart[hartId] = strand;
    }

    /** Takes away every Java stack. The machine's state is untouched. To be called by the controller. */
    public void unwindAll() {
        clock.settle();
        unwinding = true;
        closing = true;
        for (Strand strand : List.copyOf(strands)) {
            if (strand.hasStarted()) {
                strand.giveTurn();
                strand.awaitEnd();
            }
        }
        strands.clear();
        Arrays.fill(onHart, null);
        unwinding = false;
        closing = false;
    }

    /** Starts to take the running strand's frames away, down to who catches {@link Unwind} and calls {@link #unwound}. */
    public Unwind unwind() {
        clock.settle();
        unwinding = true;
        return new Unwind();
    }

    /** Whether it is one task that loses its frames, and the machine goes on. */
    public boolean isKilling() {
        return unwinding && !closing;
    }

    /** The frames are gone; accesses work again. */
    public void unwound() {
        unwinding = false;
    }

    /** The hart whose turn it is, for an access of Java code that runs on it. */
    Hart running() {
        throwIfUnwinding();
        return hart;
    }

    private void throwIfUnwinding() {
        if (unwinding) {
            clock.settle();
            throw new Unwind();
        }
    }

    // ---- what those who run call ----

    /** To be called when the budget is spent. Returns, perhaps much later and on another hart, with a budget of at least one. */
    void checkpoint() {
        for (;;) {
            throwIfUnwinding();
            lookUp();
            if (stop != null || sliceIsOver()) {
                Strand me = onHart[hart.id()];
                if (sliceIsOver()) {
                    chooseHart();
                }
                passTurn(me);
                continue;
            }
            int interrupt = hart.interruptToTake();
            if (interrupt != 0) {
                takeInJava(interrupt, 0);
                continue;
            }
            grant();
            if (clock.budget > 0) {
                return;
            }
        }
    }

    /** The hart only waits for another: its slice ends. */
    void relax() {
        interleaving.noProgress(hart.id());
        sliceEnd = clock.now();
        clock.interruptSoon();
    }

    /** WFI for Java: returns when an interrupt that this hart enables is pending, whether or not it may be taken. */
    void waitForInterrupt() {
        while (hart.csrs().pendingEnabled() == 0) {
            hart.setWaiting(true);
            Strand me = onHart[hart.id()];
            clock.settle();
            chooseHart();
            passTurn(me);
        }
    }

    /** A trap is taken while Java runs on the hart. Returns when its handler has. */
    void takeInJava(int cause, int tval) {
        traps++;
        hart.trap(cause, tval);
        if (hart.mode() == PrivilegeMode.S) {
            supervisor.trap(cause, tval);
        } else {
            runFirmware();
        }
    }

    /** Firmware's handler is machine code: it runs until it returns to where Java was. */
    private void runFirmware() {
        Strand me = onHart[hart.id()];
        int id = hart.id();
        onHart[id] = null;
        while (!(hart.pc() == Gate.JAVA && hart.mode() == PrivilegeMode.S)) {
            switch (hart.run()) {
                case WAITING -> sliceEnd = clock.now();
                case GATE -> requireReturnTo(Gate.JAVA);
                case CRASHED -> stop(Stop.CRASHED);
                case BUDGET_SPENT -> { }
            }
            lookUp();
            if (stop != null || sliceIsOver()) {
                onHart[id] = me;
                if (sliceIsOver()) {
                    chooseHart();
                }
                passTurn(me);
                onHart[id] = null;
            }
            grant();
        }
        onHart[id] = me;
    }

    /** Firmware that comes to another address of the gate would stay there for ever. */
    private void requireReturnTo(int pc) {
        if (hart.pc() != pc) {
            panicAtGate();
        }
    }

    private void lookUp() {
        clock.settle();
        clock.fireDue();
        giveInputs();
        servePosts();
        if (clock.instructions() >= instructionLimit) {
            stop(Stop.INSTRUCTION_LIMIT);
        }
    }

    private boolean sliceIsOver() {
        return clock.now() >= sliceEnd;
    }

    private void grant() {
        clock.grant(Math.min(sliceEnd - clock.now(), instructionLimit - clock.instructions()));
    }

    /** Lets whoever has the turn run, until {@code me} has it again or the machine stops. */
    private void passTurn(Strand me) {
        for (;;) {
            if (stop != null) {
                if (me == controller) {
                    return;
                }
                controller.giveTurn();
                me.awaitTurn();
                throwIfUnwinding();
                continue;
            }
            Strand next = onHart[hart.id()];
            if (next == me) {
                return;
            }
            if (next == null) {
                runMachineCode();
                continue;
            }
            next.giveTurn();
            me.awaitTurn();
            throwIfUnwinding();
        }
    }

    /** Runs the current hart's machine code to the end of its slice, or until Java takes over. */
    private void runMachineCode() {
        do {
            grant();
            switch (hart.run()) {
                case WAITING -> sliceEnd = clock.now();
                case GATE -> {
                    arriveAtGate();
                    return;
                }
                case CRASHED -> stop(Stop.CRASHED);
                case BUDGET_SPENT -> { }
            }
            lookUp();
            if (stop != null) {
                return;
            }
        } while (!sliceIsOver());
        chooseHart();
    }

    private void arriveAtGate() {
        if (hart.pc() != Gate.ENTRY) {
            panicAtGate();
            return;
        }
        int hartId = (int) hart.argument(0);
        long deviceTree = hart.argument(1);
        hart.enterJava();
        onHart[hart.id()] = newStrand("hart " + hart.id(), () -> supervisor.start(hartId, deviceTree));
    }

    private void panicAtGate() {
        panic = new IllegalStateException("hart " + hart.id() + " jumped to gate address 0x"
                + Integer.toHexString(hart.pc()) + ", where nothing is exported");
        stop(Stop.PANIC);
    }

    /** Ends the current slice and begins the next; when every hart waits, lets time pass until one does not. */
    private void chooseHart() {
        endSlice();
        int runnable = runnable();
        while (runnable == 0) {
            long due = clock.nextDue();
            if (stopWhenQuiet || due == Long.MAX_VALUE) {
                stop(stopWhenQuiet ? Stop.QUIET : Stop.ALL_WAIT);
                return;
            }
            passTime(due);
            clock.fireDue();
            giveInputs();
            runnable = runnable();
            if (stop != null && runnable == 0) {
                return;
            }
        }
        beginSlice(harts.get(interleaving.nextHart(runnable, previousHart)));
    }

    /** Lets time pass up to a tick while every hart waits; less, when a request has made one run or the machine stop. */
    private void passTime(long due) {
        TimedInput input = inputs.peek();
        long end = input != null && input.event <= eventNumber() ? Math.min(due, input.tick) : due;
        while (pacer != null && clock.now() < end && runnable() == 0 && stop == null) {
            Runnable request = pacer.await(posts, end - clock.now());
            if (request == null) {
                break;
            }
            clock.jumpTo(Math.min(clock.now() + pacer.waited(), end));
            request.run();
        }
        if (runnable() == 0 && stop == null) {
            clock.jumpTo(end);
        }
    }

    private int runnable() {
        int runnable = 0;
        for (Hart candidate : harts) {
            if (candidate.isRunnable()) {
                runnable |= 1 << candidate.id();
            }
        }
        return runnable;
    }

    private void beginSlice(Hart next) {
        hart = next;
        hart.setWaiting(false);
        hart.beginTurn();
        sliceStart = clock.now();
        sliceEnd = sliceStart + interleaving.sliceTicks();
        onSelect.accept(hart);
    }

    private void endSlice() {
        if (hart != null) {
            hart.endTurn();
            schedule.add(hart.id(), clock.now() - sliceStart);
            previousHart = hart.id();
            hart = null;
        }
    }

    /** A fault of a Java access, as a trap of the hart. Returns when the access is to be tried again. */
    void fault(Trap trap) {
        takeInJava(trap.cause(), trap.tval());
    }

    @Override
    public void save(StateWriter out) {
        if (hart != null && hasJavaStacks()) {
            throw new IllegalStateException("a snapshot can only be taken while every hart waits; hart " + hart.id() + " is running");
        }
        interleaving.save(out);
        schedule.save(out);
        out.put32(previousHart);
        out.put64(traps);
        out.put32(hart == null ? -1 : hart.id());
        out.put64(sliceStart);
        out.put64(sliceEnd);
    }

    private boolean hasJavaStacks() {
        return Arrays.stream(onHart).anyMatch(Objects::nonNull);
    }

    @Override
    public void restore(StateReader in) {
        hart = null;
        panic = null;
        interleaving.restore(in);
        schedule.restore(in);
        previousHart = in.get32(-1, harts.size() - 1);
        traps = in.get64(0, Clock.LAST_TICK);
        int running = in.get32(-1, harts.size() - 1);
        sliceStart = in.get64(0, clock.now());
        sliceEnd = in.get64(sliceStart, Clock.LAST_TICK);
        if (running >= 0) {
            hart = harts.get(running);
            hart.beginTurn();
            onSelect.accept(hart);
        }
    }
}
