package ferrite.hardware.hart;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One RISC-V hart: registers, program counter, privilege mode, its {@link Csrs} and its {@link Mmu}. After reset it is
 * in M-mode at the reset vector (privileged specification, section 3.4).
 *
 * <p>{@link #run} executes machine code and never calls upward. It returns the reason for its stop. Single owner: the
 * thread that holds the turn.
 */
public final class Hart implements Saveable {

    /** The reason why {@link #run} returned. */
    public enum Stop { BUDGET_SPENT, WAITING, GATE, CRASHED }

    /**
     * A trap whose handler cannot be fetched. The hart would otherwise trap for ever.
     *
     * @param cause   the cause of the trap
     * @param tval    the trap value
     * @param pc      the address of the trapping instruction
     * @param handler the address of the handler
     */
    public record Crash(int cause, int tval, int pc, int handler) { }

    private static final int REGISTERS = 32;
    private static final int SP = 2;
    private static final int TP = 4;
    private static final int A0 = 10;

    private final int id;
    private final int resetVector;
    private final Clock clock;
    private final Csrs csrs;
    private final Mmu mmu;
    private final Interpreter interpreter;
    /** Registers x0 to x31, followed by {@link Decoded#SINK}. */
    final int[] x = new int[Decoded.PLACES];
    int pc;
    int mode;
    private boolean waiting;
    private boolean supervised;
    /** Retired instructions at the last trap. */
    private long retiredAtTrap = Long.MIN_VALUE;
    private Crash crash;
    /** Never null. A machine installs one for all its harts. */
    private DebugPoints points = new DebugPoints();
    /** The ticks spent and the pc at which the next instruction passes all breakpoints and watchpoints. */
    private long passTicks = -1;
    private int passPc;
    private boolean holdingInterrupts;

    /** Null while semihosting is off. */
    private HostCalls hostCalls;

    /** Null unless traps are traced. */
    private BiConsumer<Hart, TrapTaken> trapTracer;

    public Hart(int id, Clock clock, PhysicalBus bus, long resetVector) {
        this.id = id;
        this.clock = clock;
        this.resetVector = (int) resetVector;
        this.csrs = new Csrs(id, clock, new Triggers(this));
        this.mmu = new Mmu(bus, BusMaster.hart(id), csrs);
        this.interpreter = new Interpreter(this, clock, mmu);
        mmu.use(points);
        reset();
    }

    public void reset() {
        Arrays.fill(x, 0);
        pc = resetVector;
        mode = PrivilegeMode.M;
        waiting = false;
        retiredAtTrap = Long.MIN_VALUE;
        crash = null;
        mmu.cancelReservation();
    }

    public int id() {
        return id;
    }

    public Csrs csrs() {
        return csrs;
    }

    /** Returns the hart that is a bus master. */
    static Hart of(List<Hart> harts, BusMaster master) {
        for (Hart hart : harts) {
            if (hart.mmu.isMaster(master)) {
                return hart;
            }
        }
        throw new IllegalArgumentException(master.name() + " is none of the harts");
    }

    public Mmu mmu() {
        return mmu;
    }

    /** Returns the entries of the TLB. Only looks. */
    public List<TlbEntry> tlbEntries() {
        return mmu.tlb.entries();
    }

    /** Describes the triggers that software and the debugger have set, in the order of tselect. Only looks. */
    public List<String> triggers() {
        return csrs.triggers.describe();
    }

    public int pc() {
        return pc;
    }

    public int mode() {
        return mode;
    }

    public void setPc(int newPc) {
        pc = newPc & ~1;
    }

    /** Sets the privilege mode, for a debugger. As the field prv of dcsr, it keeps its value for an unknown mode. */
    public void setMode(int newMode) {
        if (newMode == PrivilegeMode.U || newMode == PrivilegeMode.S || newMode == PrivilegeMode.M) {
            mode = newMode;
        }
    }

    public int register(int number) {
        return x[number];
    }

    public void setRegister(int number, int value) {
        if (number != 0) {
            x[number] = value;
        }
    }

    /** Returns the stack pointer. */
    public long sp() {
        return x[SP] & 0xffff_ffffL;
    }

    public void setSp(long value) {
        x[SP] = (int) value;
    }

    /** Returns the thread pointer, which holds a kernel's current task. */
    public long tp() {
        return x[TP] & 0xffff_ffffL;
    }

    public void setTp(long value) {
        x[TP] = (int) value;
    }

    /**
     * Returns the address of the Java kernel's current task. It is in {@code tp}, and while a program runs in U-mode in
     * {@code sscratch}.
     */
    public long currentTask() {
        return (mode == PrivilegeMode.U ? csrs.traps().sscratch : x[TP]) & 0xffff_ffffL;
    }

    /** Copies the registers x0 to x31 into an array. */
    public void getRegisters(int[] to) {
        System.arraycopy(x, 0, to, 0, REGISTERS);
    }

    /** Sets the registers x1 to x31 from an array. */
    public void setRegisters(int[] from) {
        System.arraycopy(from, 1, x, 1, REGISTERS - 1);
    }

    /** Returns an argument register, a0 to a7. */
    public long argument(int number) {
        return x[A0 + number] & 0xffff_ffffL;
    }

    /** Opens the {@link Gate}: S-mode software may be Java from now on. */
    public void openGate() {
        supervised = true;
    }

    /** Makes Java the S-mode software that this hart executes. */
    public void enterJava() {
        pc = Gate.JAVA;
    }

    public boolean isWaiting() {
        return waiting;
    }

    public void setWaiting(boolean waiting) {
        this.waiting = waiting;
    }

    /** Tells whether the hart can run: it does not wait, or an enabled interrupt is pending. */
    public boolean isRunnable() {
        return !waiting || csrs.pendingEnabled() != 0;
    }

    /** Updates the timer after the machine's real-time counter was set. */
    public void mtimeChanged() {
        csrs.timer().comparisonChanged();
    }

    /** Begins the hart's slice. */
    public void beginTurn() {
        csrs.counters.beginTurn();
        mmu.respectReservations();
    }

    /** Ends the hart's slice. */
    public void endTurn() {
        csrs.counters.endTurn();
    }

    /** Returns the ticks of the clock that this hart has spent. */
    public long ticks() {
        return csrs.counters.spent();
    }

    /** Returns the cause of the interrupt to take before the next instruction, or 0. */
    public int interruptToTake() {
        return holdingInterrupts ? 0 : csrs.traps().interruptToTake(mode);
    }

    /** Changes the level of a wire to a pending bit of mip. */
    public void setInterruptWire(int cause, boolean level) {
        csrs.traps().setWire(cause, level);
    }

    /** Sets SSIP once, as the SSWI device does. Software clears it. */
    public void raiseSupervisorSoftware() {
        csrs.traps().raiseSupervisorSoftware();
    }

    /** A trap that the hart takes. {@code cause} is negative for an interrupt. */
    public record TrapTaken(int cause, int tval, int pc, int fromMode, int toMode) { }

    /** Sets the observer of traps, which changes nothing; null for none. */
    public void traceTraps(BiConsumer<Hart, TrapTaken> tracer) {
        trapTracer = tracer;
    }

    /** Takes a trap, with all register effects. The hart continues at the handler's address in the handler's mode. */
    public void trap(int cause, int tval) {
        crash = null;                                  // a debugger may have repaired the hart since the last one
        TrapRegisters traps = csrs.traps();
        int target = traps.trapTarget(cause, mode);
        boolean fetchFault = cause == Trap.INSTRUCTION_ACCESS_FAULT || cause == Trap.INSTRUCTION_PAGE_FAULT;
        if (fetchFault && target == mode && pc == traps.exceptionHandler(target)) {
            crash = describeCrash(cause, tval, traps);
            return;
        }
        if (trapTracer != null) {
            trapTracer.accept(this, new TrapTaken(cause, tval, pc, mode, target));
        }
        retiredAtTrap = csrs.retired();
        points.trapped(this, cause);
        if (target == PrivilegeMode.M) {
            csrs.triggers.enterMachineTrap();
            pc = traps.enterMachineTrap(cause, tval, pc, mode);
        } else {
            pc = traps.enterSupervisorTrap(cause, tval, pc, mode);
        }
        mode = target;
    }

    /**
     * Describes a crash. The handler's own fault is not taken, so the registers still describe the trap that led to it,
     * if no instruction was retired since.
     */
    private Crash describeCrash(int cause, int tval, TrapRegisters traps) {
        if (csrs.retired() != retiredAtTrap) {
            return new Crash(cause, tval, pc, pc);
        }
        return mode == PrivilegeMode.M ? new Crash(traps.mcause, traps.mtval, traps.mepc, pc)
                : new Crash(traps.scause, traps.stval, traps.sepc, pc);
    }

    /** Returns the crash after {@link Stop#CRASHED}, or null. */
    public Crash crash() {
        return crash;
    }

    /** Returns from an S-mode trap. */
    public void sret() {
        pc = csrs.traps().sepc;
        mode = csrs.traps().leaveSupervisorTrap();
    }

    void mret() {
        csrs.triggers.leaveMachineTrap();
        pc = csrs.traps().mepc;
        mode = csrs.traps().leaveMachineTrap();
    }

    /** Writes a CSR as software in the current mode does, and drops the fast paths if necessary. */
    public void writeCsr(int csr, int value) {
        long context = csrs.translationContext();
        csrs.write(csr, value, mode);
        if (Csrs.limitsFastPaths(csr)) {
            mmu.dropFastPaths();
        } else if (csrs.translationContext() != context) {
            mmu.contextChanged(context);
        }
    }

    /**
     * Writes a CSR as M-mode would, between two instructions, for a debugger. Unlike M-mode, it may also write the
     * triggers of the debugger.
     *
     * @throws Trap if the CSR does not exist or is read-only
     */
    public void debugWriteCsr(int csr, int value) {
        csrs.writeByDebugger(csr, value);
        mmu.dropFastPaths();
    }

    /** Reads a CSR as software in the current mode does. */
    public int readCsr(int csr) {
        return csrs.readByInstruction(csr, mode);
    }

    /**
     * Translates frequent machine code from now on. A run does not depend on it.
     *
     * @param translator the maker of regions, or null to translate no more
     * @param eager      translates all code when it is first executed
     */
    public void translate(Translator translator, boolean eager) {
        interpreter.translate(translator, eager);
    }

    /** Returns the number of ticks that were spent in translated code. It is no state of the machine. */
    public long translatedTicks() {
        return interpreter.translatedTicks();
    }

    /** Returns the number of loads and stores that missed the fast path. It is no state of the machine. */
    public long fastPathMisses() {
        return mmu.misses();
    }

    /** Executes machine code until the budget is spent, the hart waits, it arrives at the gate, or it crashes. */
    public Stop run() {
        UntakenBranches.keep();
        while (clock.budget > 0) {
            if (isAtGate()) {
                mmu.cancelReservation();               // Java's stores belong to another bus master
                return Stop.GATE;                      // before interrupts: Java takes its own interrupts
            }
            if (takeInterrupt()) {
                continue;
            }
            try {
                interpreter.run();
            } catch (WatchpointStop stop) {
                clock.budget++;                        // its tick, because it is not executed
                points.reachedWatchpoint(this, stop);
            } catch (Trap trap) {
                csrs.counters.instructionTrapped();
                trap(trap.cause(), trap.tval());
                if (crash != null) {
                    return Stop.CRASHED;
                }
            }
            if (waiting) {
                return Stop.WAITING;
            }
        }
        return Stop.BUDGET_SPENT;
    }

    /** Takes the interrupt that is to be taken before the next instruction. Returns whether there was one. */
    public boolean takeInterrupt() {
        int interrupt = interruptToTake();
        if (interrupt != 0) {
            trap(interrupt, 0);
        }
        return interrupt != 0;
    }

    /** Tells whether Java, not machine code, continues at the hart's pc. */
    public boolean isAtGate() {
        return supervised && mode == PrivilegeMode.S && Gate.contains(pc);
    }

    // ---- for a debugger ----

    void use(DebugPoints newPoints) {
        points = newPoints;
        mmu.use(newPoints);
    }

    /** Returns the mode in which software would handle an exception now. */
    int handlerMode(int cause) {
        return csrs.traps().trapTarget(cause, mode);
    }

    /** Lets the hart execute the instruction at its pc now, whatever breakpoint or watchpoint it reaches. */
    public void passPoints() {
        passTicks = ticks();
        passPc = pc;
    }

    /** Tells whether the current instruction, whose tick is spent, passes all watchpoints. */
    boolean passesWatchpoints() {
        return passPc == pc && passTicks + 1 == ticks();
    }

    /** Takes no interrupt from now on, or takes them again. */
    public void holdInterrupts(boolean hold) {
        holdingInterrupts = hold;
    }

    /**
     * Tells whether a breakpoint or a trigger stops the hart before the instruction at its pc, and reports it if so.
     *
     * @throws Trap the breakpoint exception of a trigger. The tick is spent
     */
    boolean stopsAtBreakpoint() {
        boolean stops = points.breaks(this) && !(passPc == pc && passTicks == ticks());
        if (!stops) {
            clock.budget--;
            stops = csrs.triggers.stopsBeforeInstruction();
            clock.budget++;
        }
        if (stops) {
            points.reachedBreakpoint(this);
        }
        return stops;
    }

    /** Has this host serve the hart's calls of semihosting. */
    public void serveHostCalls(HostCalls calls) {
        hostCalls = calls;
    }

    /** Returns the host that serves calls of semihosting in the hart's mode; null if there is none. */
    HostCalls hostCalls() {
        return mode == PrivilegeMode.U ? null : hostCalls;
    }

    /** Tells whether an {@code ebreak} may be a call of semihosting in the hart's mode. */
    public boolean mayCallHost() {
        return hostCalls() != null;
    }

    /** Tells whether the debugger takes the {@code ebreak} at the pc, in place of the trap handler. */
    boolean stopsAtEbreak() {
        clock.budget++;                                // its tick, because it is not executed
        boolean stops = points.takesEbreak(this);
        clock.budget -= stops ? 0 : 1;
        return stops;
    }

    // ---- memory accesses of instructions in the current mode ----

    int load(int va, int width) {
        return mmu.load(va & 0xffff_ffffL, width, dataMode());
    }

    void store(int va, int width, int value) {
        mmu.store(va & 0xffff_ffffL, width, value, dataMode());
    }

    /**
     * Returns the mode for loads and stores. Under MPRV those of M-mode have the privileges of MPP (section 3.1.6.3).
     */
    public int dataMode() {
        boolean modified = mode == PrivilegeMode.M && (csrs.mstatus() & Csrs.MPRV) != 0;
        return modified ? csrs.mstatus() >>> Csrs.MPP_SHIFT & 3 : mode;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(Arrays.copyOf(x, REGISTERS));
        out.put32(pc);
        out.put8(mode);
        out.putBoolean(waiting);
        out.put64(retiredAtTrap);
        csrs.save(out);
        mmu.save(out);
    }

    /** Saves the state without its counters, which grow in a loop that changes nothing else. */
    public void saveWithoutCounters(StateWriter out) {
        out.putInts(Arrays.copyOf(x, REGISTERS));
        out.put32(pc);
        out.put8(mode);
        out.putBoolean(waiting);
        csrs.saveWithoutCounters(out);
        mmu.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] registers = new int[REGISTERS];
        in.getInts(registers);
        StateReader.requireThat(registers[0] == 0, "its register x0 is not 0");
        System.arraycopy(registers, 0, x, 0, REGISTERS);
        pc = in.getBits(~1);
        mode = in.get8();
        StateReader.requireThat(mode == PrivilegeMode.U || mode == PrivilegeMode.S || mode == PrivilegeMode.M,
                "its privilege mode is " + mode + ", but must be 0, 1 or 3");
        waiting = in.getBoolean();
        retiredAtTrap = in.get64();
        crash = null;
        passTicks = -1;
        csrs.restore(in);
        mmu.restore(in);
    }
}
