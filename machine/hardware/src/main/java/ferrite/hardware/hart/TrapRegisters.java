package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The registers of one hart for taking traps and returning from them: mstatus, delegation, pending and enabled
 * interrupts, and the two sets of tvec, scratch, epc, cause and tval (privileged specification, sections 3.1.6 to
 * 3.1.16, and 4.1).
 *
 * <pre>
 *  mstatus  22  21 20  19  18   17       12-11      8        7        5        3       1
 *         |TSR|TW|TVM|MXR|SUM|MPRV| … | MPP | … | SPP | MPIE | … | SPIE | … | MIE | … | SIE |
 * </pre>
 *
 * <p>Every other field of mstatus and mstatush is read-only zero: little-endian, no F, no V, no other extension with
 * state.
 */
final class TrapRegisters {

    private static final int SSTATUS_MASK = Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.SPP | Csrs.SUM | Csrs.MXR;
    private static final int MSTATUS_MASK = SSTATUS_MASK | Csrs.MSTATUS_MIE | Csrs.MPIE | Csrs.MPP | Csrs.MPRV
            | Csrs.TVM | Csrs.TW | Csrs.TSR;
    private static final int S_INTERRUPTS = 0x222;
    /** All synchronous causes that a lower mode can raise. An ecall from M-mode cannot be delegated. */
    private static final int DELEGABLE = 0xb3ff;
    private static final int SSIP = 1 << Trap.SUPERVISOR_SOFTWARE;
    private static final int STIP = 1 << Trap.SUPERVISOR_TIMER;
    private static final int SEIP = 1 << Trap.SUPERVISOR_EXTERNAL;
    private static final int[] BY_PRIORITY = {Trap.MACHINE_EXTERNAL, Trap.MACHINE_SOFTWARE, Trap.MACHINE_TIMER,
        Trap.SUPERVISOR_EXTERNAL, Trap.SUPERVISOR_SOFTWARE, Trap.SUPERVISOR_TIMER};

    private final Clock clock;
    private final SupervisorTimer timer;

    int mstatus;
    int medeleg;
    int mideleg;
    int mie;
    /** Pending bits that software holds: SSIP always, and STIP and SEIP from M-mode. */
    private int softwarePending;
    /** Pending bits that wires hold. */
    private int wires;
    /** menvcfg.STCE: the timer drives STIP, and software does not. */
    private boolean timerEnabled;
    int mtvec;
    int mscratch;
    int mepc;
    int mcause;
    int mtval;
    int stvec;
    int sscratch;
    int sepc;
    int scause;
    int stval;

    TrapRegisters(Clock clock, SupervisorTimer timer) {
        this.clock = clock;
        this.timer = timer;
    }

    // ---- status ----

    int sstatus() {
        return mstatus & SSTATUS_MASK;
    }

    void setSstatus(int value) {
        mstatus = mstatus & ~SSTATUS_MASK | value & SSTATUS_MASK;
    }

    /** Writes mstatus. MPP 2 is reserved, and the field then keeps its value (WARL). */
    void setMstatus(int value) {
        int mpp = (value & Csrs.MPP) == 2 << Csrs.MPP_SHIFT ? mstatus & Csrs.MPP : value & Csrs.MPP;
        mstatus = value & MSTATUS_MASK & ~Csrs.MPP | mpp;
    }

    void setMedeleg(int value) {
        medeleg = value & DELEGABLE;
    }

    void setMideleg(int value) {
        mideleg = value & S_INTERRUPTS;
    }

    // ---- interrupts ----

    void enableTimer(boolean enabled) {
        timerEnabled = enabled;
    }

    /** Returns all pending bits, from wires, software and the S-mode timer. */
    int pending() {
        return wires | softwarePending | (timerEnabled && timer.isPending() ? STIP : 0);
    }

    /** Returns the pending bits that software holds. */
    int softwarePending() {
        return softwarePending;
    }

    void setMip(int value) {
        softwarePending = value & (SSIP | (timerEnabled ? 0 : STIP) | SEIP);
    }

    void setSip(int value) {
        softwarePending = softwarePending & ~(SSIP & mideleg) | value & SSIP & mideleg;
    }

    /** Changes the level of a wire to a pending bit. */
    void setWire(int cause, boolean level) {
        int before = wires;
        wires = level ? wires | 1 << cause : wires & ~(1 << cause);
        if (wires != before) {
            clock.interruptSoon();
        }
    }

    void raiseSupervisorSoftware() {
        softwarePending |= SSIP;
        clock.interruptSoon();
    }

    /**
     * Returns the cause of the interrupt to take now in {@code mode}, or 0. M comes before S, then external, software,
     * timer (section 3.1.9).
     */
    int interruptToTake(int mode) {
        int candidates = mie == 0 ? 0 : pending() & mie;
        if (candidates == 0) {
            return 0;
        }
        boolean machine = mode < PrivilegeMode.M || (mstatus & Csrs.MSTATUS_MIE) != 0;
        boolean supervisor = mode < PrivilegeMode.S || mode == PrivilegeMode.S && (mstatus & Csrs.MSTATUS_SIE) != 0;
        int taken = machine ? candidates & ~mideleg : 0;
        if (taken == 0 && supervisor) {
            taken = candidates & mideleg;
        }
        return taken == 0 ? 0 : Trap.INTERRUPT | firstByPriority(taken);
    }

    private static int firstByPriority(int pending) {
        int choice = 0;
        while ((pending >> BY_PRIORITY[choice] & 1) == 0) {
            choice++;
        }
        return BY_PRIORITY[choice];
    }

    // ---- traps, and the returns from them ----

    /** Returns the address of the exception handler in mode {@code target}. */
    int exceptionHandler(int target) {
        return (target == PrivilegeMode.M ? mtvec : stvec) & ~3;
    }

    /** Returns the mode that handles a trap from {@code mode}. */
    int trapTarget(int cause, int mode) {
        int delegated = cause < 0 ? mideleg : medeleg;
        return mode <= PrivilegeMode.S && (delegated >> (cause & 31) & 1) != 0 ? PrivilegeMode.S : PrivilegeMode.M;
    }

    /** Applies the register effects of a trap into M-mode (section 3.1.6.1). Returns the handler's address. */
    int enterMachineTrap(int cause, int tval, int pc, int mode) {
        mepc = pc;
        mcause = cause;
        mtval = tval;
        int mpie = (mstatus & Csrs.MSTATUS_MIE) != 0 ? Csrs.MPIE : 0;
        mstatus = mstatus & ~(Csrs.MPIE | Csrs.MSTATUS_MIE | Csrs.MPP) | mpie | mode << Csrs.MPP_SHIFT;
        return vector(mtvec, cause);
    }

    /** Applies the register effects of a trap into S-mode (section 4.1.1). Returns the handler's address. */
    int enterSupervisorTrap(int cause, int tval, int pc, int mode) {
        sepc = pc;
        scause = cause;
        stval = tval;
        int spie = (mstatus & Csrs.MSTATUS_SIE) != 0 ? Csrs.SPIE : 0;
        mstatus = mstatus & ~(Csrs.SPIE | Csrs.MSTATUS_SIE | Csrs.SPP) | spie
                | (mode == PrivilegeMode.S ? Csrs.SPP : 0);
        return vector(stvec, cause);
    }

    /** Returns the handler's address. In vectored mode it is base + 4 * cause for an interrupt (section 3.1.7). */
    private static int vector(int tvec, int cause) {
        return (tvec & ~3) + ((tvec & 1) != 0 && cause < 0 ? 4 * (cause & 31) : 0);
    }

    /** Applies the register effects of MRET. Returns the mode to continue in. */
    int leaveMachineTrap() {
        int mode = mstatus >>> Csrs.MPP_SHIFT & 3;
        int mie = (mstatus & Csrs.MPIE) != 0 ? Csrs.MSTATUS_MIE : 0;
        mstatus = mstatus & ~(Csrs.MSTATUS_MIE | Csrs.MPP) | mie | Csrs.MPIE;
        if (mode != PrivilegeMode.M) {
            mstatus &= ~Csrs.MPRV;
        }
        return mode;
    }

    /** Applies the register effects of SRET. Returns the mode to continue in. */
    int leaveSupervisorTrap() {
        int mode = (mstatus & Csrs.SPP) != 0 ? PrivilegeMode.S : PrivilegeMode.U;
        int sie = (mstatus & Csrs.SPIE) != 0 ? Csrs.MSTATUS_SIE : 0;
        mstatus = mstatus & ~(Csrs.MSTATUS_SIE | Csrs.SPP | Csrs.MPRV) | sie | Csrs.SPIE;
        return mode;
    }

    // ---- state ----

    void save(StateWriter out) {
        out.putInts(words());
        out.putBoolean(timerEnabled);
    }

    void restore(StateReader in) {
        int[] w = new int[words().length];
        in.getInts(w);
        timerEnabled = in.getBoolean();
        int i = 0;
        mstatus = StateReader.bitsOf(w[i++], MSTATUS_MASK);
        StateReader.requireThat((mstatus & Csrs.MPP) != 2 << Csrs.MPP_SHIFT, "its MPP is 2, but must be 0, 1 or 3");
        medeleg = StateReader.bitsOf(w[i++], DELEGABLE);
        mideleg = StateReader.bitsOf(w[i++], S_INTERRUPTS);
        mie = StateReader.bitsOf(w[i++], Csrs.INTERRUPTS);
        softwarePending = StateReader.bitsOf(w[i++], S_INTERRUPTS);
        wires = StateReader.bitsOf(w[i++], Csrs.INTERRUPTS);
        mtvec = StateReader.bitsOf(w[i++], ~2);
        mscratch = w[i++];
        mepc = StateReader.bitsOf(w[i++], ~1);
        mcause = w[i++];
        mtval = w[i++];
        stvec = StateReader.bitsOf(w[i++], ~2);
        sscratch = w[i++];
        sepc = StateReader.bitsOf(w[i++], ~1);
        scause = w[i++];
        stval = w[i++];
    }

    private int[] words() {
        return new int[] {mstatus, medeleg, mideleg, mie, softwarePending, wires, mtvec, mscratch, mepc, mcause, mtval,
            stvec, sscratch, sepc, scause, stval};
    }
}
