package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The turn: exactly one hart executes at any instant. Only one host thread touches the machine, the one that holds the
 * turn.
 *
 * <p>A hart runs for a slice. At its end {@link Interleaving} chooses the next hart. Machine code is run by the thread
 * that holds the turn. Java code is run by the {@link Strand} with its stack, to which the turn is handed. Running code
 * spends the clock's budget and calls {@link #checkpoint} when it is spent. There events fire, slices end, interrupts
 * are taken and the debugger is served.
 *
 * <p>The thread that calls {@link #run} is the controller. It gets the turn back when the machine stops. It may then
 * inspect, snapshot or restore the machine, or continue the run. Stopping does not change the run.
 */
public final class Turn implements Saveable {

    /** The reason why the turn went back to the controller. */
    public enum Stop {
        /** The guest switched the machine off. */
        POWERED_OFF,
        /** Every hart waits, and no scheduled event will wake one. */
        ALL_WAIT,
        /** Every hart waits or rests, and the controller asked to stop then. */
        QUIET,
        /** The guest wants a line of input that has not come yet. */
        INPUT_WANTED,
        /** {@code --max-instructions} ran out. */
        INSTRUCTION_LIMIT,
        /** {@code --max-time} ran out. */
        TIME_LIMIT,
        /** Every hart that runs spins for ever. */
        SPINNING,
        /** A debugger asked for a stop. */
        HALTED,
        /** A hart took a trap, and the handler cannot be fetched. */
        CRASHED,
        /** The kernel cannot continue, or our own code failed. */
        PANIC
    }

    private final Clock clock;
    private final List<Hart> harts;
    private final Slices slices;
    private final Posts posts = new Posts();
    private final Strands strands;
    private final TimedInputs inputs = new TimedInputs();
    private Supervisor supervisor;
    private Consumer<Hart> onSelect = hart -> { };
    private Hart hart;
    private long traps;
    private final Limits limits;
    /** Tells between two slices whether the machine is to stop there, or null. */
    private BooleanSupplier rests;
    private final Waits waits;
    /** The debugger's restriction of the next runs. */
    final Restriction restriction = new Restriction();
    private Stop stop;
    private volatile Throwable panic;
    private final HeapAside heapAside = new HeapAside();

    public Turn(Clock clock, List<Hart> harts, Interleaving interleaving) {
        this.clock = clock;
        this.harts = List.copyOf(harts);
        this.slices = new Slices(interleaving);
        this.waits = new Waits(clock);
        this.limits = new Limits(clock);
        this.strands = new Strands(this, clock, harts.size());
    }

    /** Makes Java the S-mode software of every hart. */
    public void install(Supervisor newSupervisor) {
        supervisor = newSupervisor;
        harts.forEach(Hart::openGate);
    }

    void onSelect(Consumer<Hart> listener) {
        onSelect = listener;
    }

    /** Returns the hart that has the turn, or null. */
    public Hart hart() {
        return hart;
    }

    public List<Hart> harts() {
        return harts;
    }

    /** Returns the number of events fired, traps taken and slices ended. It identifies a moment of a run. */
    public long eventNumber() {
        return clock.firedEvents() + traps + slices.count();
    }

    /** Returns SHA-256 over the hart and length of every slice so far. */
    public byte[] scheduleDigest() {
        return slices.digest();
    }

    // ---- for the controller ----

    /** Runs the machine until it stops. One thread at a time may call this, and it gives up the turn until then. */
    public Stop run() {
        return run(null);
    }

    /** Runs as {@link #run} does, but also stops when every hart waits, even if events are due later. */
    public Stop runUntilQuiet() {
        return run(() -> false);
    }

    /** As {@link #runUntilQuiet()}, and also stops between two slices when {@code rests}, which only looks, says so. */
    public Stop runUntilQuietOr(BooleanSupplier rests) {
        return run(rests);
    }

    private Stop run(BooleanSupplier untilItRests) {
        if (panic != null) {
            return Stop.PANIC;
        }
        stop = limits.isTimeOver() ? Stop.TIME_LIMIT : null;
        rests = untilItRests;
        strands.begin();
        try {
            if (hart == null || !restriction.allows(hart)) {
                chooseHart();
            } else {
                slices.share(clock.now(), runnable());     // the controller may have woken a hart
            }
            passTurn(strands.controller());
        } catch (VirtualMachineError full) {
            fail(full);
        } finally {
            strands.end();
        }
        return panic == null ? stop : Stop.PANIC;
    }

    /** Stops the machine before the next access, and gives the turn to the controller. The first reason counts. */
    public void stop(Stop reason) {
        if (stop == null) {
            stop = reason;
        }
        clock.interruptSoon();
    }

    /** Returns the reason of the coming stop, or null. It is for a {@linkplain Posts#add posted} request. */
    public Stop stopping() {
        return stop;
    }

    /** Ends the run after this number of instructions over all harts. */
    public void limitInstructions(long instructions) {
        limits.limitInstructions(instructions);
    }

    /** Returns the moments at which a run ends. */
    public Limits limits() {
        return limits;
    }

    /** Returns the failure after {@link Stop#PANIC}. */
    public Throwable panic() {
        return panic;
    }

    /** Returns the requests of other threads. */
    public Posts posts() {
        return posts;
    }

    /** Returns the input that is scheduled for moments of the run. */
    public TimedInputs inputs() {
        return inputs;
    }

    /** Returns the passing of time while every hart waits. */
    public Waits waits() {
        return waits;
    }

    /** Returns the Java stacks, and which of them has the turn. */
    public Strands strands() {
        return strands;
    }

    /**
     * Ends the run before the machine's next access because of a failure, which the caller throws, even if it is caught
     * on its way. The first failure counts. Allocates nothing, because the heap may be full.
     */
    public void fail(Throwable failure) {
        heapAside.use();
        if (panic == null) {
            panic = failure;
        }
        stop = Stop.PANIC;
        clock.interruptSoon();
    }

    /** Ends the run for a failure of code without the turn. Any thread may call this, and then throws an exception. */
    public void failFromOutside(Throwable failure, Throwable thrown) {
        RefusedThread.endQuietlyBy(thrown);
        if (panic == null) {
            panic = failure;
        }
        try {
            posts.add(() -> fail(failure));           // soon; otherwise at the end of the run
        } catch (RejectedExecutionException ended) {
            // the run is over
        }
    }

    /** Returns the heap that is set aside for the report of a full heap. */
    public HeapAside heapAside() {
        return heapAside;
    }

    /** Tells whether the machine has failed, so that no code of it may run on. */
    public boolean hasFailed() {
        return panic != null;
    }

    /** Returns the hart that has the turn, for an access by Java code on it. */
    Hart running() {
        strands.throwIfUnwinding();
        return hart;
    }

    /** Returns the source line that led to the calling thread's access. */
    String callSite() {
        return supervisor == null ? "?" : supervisor.callSite();
    }

    // ---- for running code ----

    /**
     * Serves due events when the budget is spent. It returns with a budget, perhaps much later and on another hart.
     */
    void checkpoint() {
        Strand outermost = strands.withRoom(hart);
        try {
            strands.requireTurn();
            serve();
        } catch (VirtualMachineError cutOff) {        // a full stack or heap: the machine's own work is half done
            fail(cutOff);
            throw cutOff;
        } finally {
            Strand.leaveCheckpoint(outermost);
        }
    }

    private void serve() {
        for (;;) {
            strands.throwIfUnwinding();
            serveEvents();
            if (stop != null || sliceIsOver()) {
                Strand me = strands.on(hart.id());
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

    /** Ends the slice of a hart that only waits for another. */
    void relax() {
        slices.noProgress(hart.id());
        slices.cut(clock.now());
        clock.interruptSoon();
    }

    /** Waits as WFI does, for Java, until an interrupt that this hart enables is pending, taken or not. */
    void waitForInterrupt() {
        while (hart.csrs().pendingEnabled() == 0) {
            hart.setWaiting(true);
            Strand me = strands.on(hart.id());
            clock.settle();
            chooseHart();
            passTurn(me);
        }
    }

    /** Takes a trap while Java runs on the hart. It returns after the trap's handler. */
    void takeInJava(int cause, int tval) {
        traps++;
        hart.trap(cause, tval);
        if (hart.mode() == PrivilegeMode.S) {
            supervisor.trap(cause, tval);
        } else {
            runMachineCodeUntil(Gate.JAVA);            // firmware's handler
        }
    }

    /**
     * Runs a program: SRET to U-mode, and machine code until it traps into S-mode.
     *
     * @param x the program's registers x0 to x31, before and after
     */
    void runUser(int[] x) {
        hart.setRegisters(x);
        hart.sret();
        clock.interruptSoon();                         // interrupts may be enabled again, and one may be pending
        awaitUserTrap(x);
    }

    /** As {@link #runUser}, for a program that its hart executes already. */
    void resumeUser(int[] x) {
        grant();
        awaitUserTrap(x);
    }

    private void awaitUserTrap(int[] x) {
        runMachineCodeUntil(Gate.TRAP_VECTOR);
        traps++;
        hart.getRegisters(x);
        hart.enterJava();
    }

    /** Runs machine code on this strand until the hart arrives in S-mode at an address of the gate. */
    private void runMachineCodeUntil(int gate) {
        Strand me = strands.on(hart.id());
        int id = hart.id();
        strands.bind(id, null);
        while (!(hart.pc() == gate && hart.mode() == PrivilegeMode.S)) {
            switch (hart.run()) {
                case WAITING -> slices.cut(clock.now());
                case GATE -> {
                    if (hart.pc() != gate) {           // it would stay there for ever
                        panicAtGate();
                    }
                }
                case CRASHED -> stop(Stop.CRASHED);
                case BUDGET_SPENT -> { }
            }
            serveEvents();
            if (stop != null || sliceIsOver()) {
                strands.bind(id, me);
                if (sliceIsOver()) {
                    chooseHart();
                }
                passTurn(me);
                strands.bind(id, null);
            }
            grant();
        }
        strands.bind(id, me);
    }

    private void serveEvents() {
        clock.settle();
        restriction.check();
        clock.fireDue();
        inputs.deliver(eventNumber(), clock.now());
        posts.serveAll();
        limits.stopIfReached(this);
    }

    private boolean sliceIsOver() {
        return slices.left(clock.now()) <= 0;
    }

    private void grant() {
        clock.grant(restriction.limit(hart, Math.min(slices.left(clock.now()), limits.ticksLeft())));
    }

    /** Lets the owner of the turn run until {@code me} has the turn again or the machine stops. */
    private void passTurn(Strand me) {
        for (;;) {
            if (stop != null) {
                if (me == strands.controller()) {
                    return;
                }
                strands.handTo(strands.controller());
                me.awaitTurn();
                strands.throwIfUnwinding();
                continue;
            }
            Strand next = strands.on(hart.id());
            if (next == me) {
                return;
            }
            if (next == null) {
                runMachineCode();
                continue;
            }
            strands.handTo(next);
            me.awaitTurn();
            strands.throwIfUnwinding();
        }
    }

    /** Runs the current hart's machine code to the end of its slice, or until Java takes over. */
    private void runMachineCode() {
        do {
            if (limits.isSpinning(hart)) {
                stop(Stop.SPINNING);
                return;
            }
            grant();
            switch (clock.budget > 0 && restriction.takesInterrupt(hart) ? Hart.Stop.BUDGET_SPENT : hart.run()) {
                case WAITING -> slices.cut(clock.now());
                case GATE -> {
                    arriveAtGate();
                    return;
                }
                case CRASHED -> stop(Stop.CRASHED);
                case BUDGET_SPENT -> { }
            }
            serveEvents();
            slices.share(clock.now(), runnable());
        } while (stop == null && !sliceIsOver());
        if (stop == null) {
            chooseHart();
        }
    }

    private void arriveAtGate() {
        if (hart.pc() != Gate.ENTRY) {
            panicAtGate();
            return;
        }
        int hartId = (int) hart.argument(0);
        long deviceTree = hart.argument(1);
        hart.enterJava();
        strands.bind(hart.id(), strands.newStrand("hart " + hart.id(), () -> supervisor.start(hartId, deviceTree)));
    }

    private void panicAtGate() {
        panic = new IllegalStateException("hart " + hart.id() + " jumped to gate address 0x"
                + Integer.toHexString(hart.pc()) + ", where nothing is exported");
        stop(Stop.PANIC);
    }

    /** Ends the current slice and begins the next. While every hart waits, it lets time pass. */
    private void chooseHart() {
        endSlice();
        int runnable = runnable();
        if (rests != null && (runnable == 0 || rests.getAsBoolean())) {
            stop(Stop.QUIET);
            return;
        }
        while (runnable == 0) {
            long due = clock.nextDue();
            if (due == Long.MAX_VALUE) {
                stop(Stop.ALL_WAIT);
                return;
            }
            long end = restriction.observeBefore(limits.before(Math.min(due, inputs.nextTick(eventNumber()))),
                    clock.now());
            waits.pass(end, posts, () -> runnable() != 0 || stop != null);
            clock.fireDue();
            inputs.deliver(eventNumber(), clock.now());
            runnable = runnable();
            if (limits.isTimeOver()) {
                stop(Stop.TIME_LIMIT);
            }
            if (stop != null && runnable == 0) {
                return;
            }
        }
        beginSlice(runnable);
    }

    private int runnable() {
        int runnable = 0;
        for (Hart candidate : harts) {
            if (candidate.isRunnable() && restriction.allows(candidate)) {
                runnable |= 1 << candidate.id();
            }
        }
        return runnable;
    }

    private void beginSlice(int runnable) {
        hart = harts.get(slices.nextHart(runnable));
        hart.setWaiting(false);
        hart.beginTurn();
        slices.begin(clock.now(), supervisor == null, runnable);
        onSelect.accept(hart);
    }

    private void endSlice() {
        if (hart != null) {
            hart.endTurn();
            slices.end(hart.id(), clock.now());
            hart = null;
        }
    }

    /** Takes a fault of a Java access as a trap of the hart. It returns when the access is to be retried. */
    void fault(Trap trap) {
        try {
            takeInJava(trap.cause(), trap.tval());
        } catch (VirtualMachineError cutOff) {
            fail(cutOff);
            throw cutOff;
        }
    }

    @Override
    public void save(StateWriter out) {
        if (hart != null && strands.isOnAnyHart()) {
            throw new IllegalStateException("a snapshot can only be taken between two slices; hart "
                    + hart.id() + " is running");
        }
        slices.savePast(out);
        out.put64(traps);
        out.put32(hart == null ? -1 : hart.id());
        slices.saveCurrent(out);
    }

    @Override
    public void restore(StateReader in) {
        hart = null;
        panic = null;
        slices.restorePast(in, harts.size());
        traps = in.get64(0, Clock.LAST_TICK);
        int running = in.get32(-1, harts.size() - 1);
        slices.restoreCurrent(in, clock.now());
        limits.restored();
        if (running >= 0) {
            hart = harts.get(running);
            hart.beginTurn();
            onSelect.accept(hart);
        }
    }
}
