package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The control and status registers of one hart (privileged specification, chapters 2 to 4, and Sstc).
 * Numbers are the specification's; a CSR that is not here does not exist, and its use is an illegal instruction.
 */
public final class Csrs implements Saveable {

    public static final int CYCLE = 0xc00;
    public static final int TIME = 0xc01;
    public static final int INSTRET = 0xc02;
    public static final int CYCLEH = 0xc80;
    public static final int TIMEH = 0xc81;
    public static final int INSTRETH = 0xc82;
    public static final int SSTATUS = 0x100;
    public static final int SIE = 0x104;
    public static final int STVEC = 0x105;
    public static final int SCOUNTEREN = 0x106;
    public static final int SENVCFG = 0x10a;
    public static final int SSCRATCH = 0x140;
    public static final int SEPC = 0x141;
    public static final int SCAUSE = 0x142;
    public static final int STVAL = 0x143;
    public static final int SIP = 0x144;
    public static final int STIMECMP = 0x14d;
    public static final int STIMECMPH = 0x15d;
    public static final int SATP = 0x180;
    public static final int MSTATUS = 0x300;
    public static final int MISA = 0x301;
    public static final int MEDELEG = 0x302;
    public static final int MIDELEG = 0x303;
    public static final int MIE = 0x304;
    public static final int MTVEC = 0x305;
    public static final int MCOUNTEREN = 0x306;
    public static final int MENVCFG = 0x30a;
    public static final int MSTATUSH = 0x310;
    public static final int MENVCFGH = 0x31a;
    public static final int MSCRATCH = 0x340;
    public static final int MEPC = 0x341;
    public static final int MCAUSE = 0x342;
    public static final int MTVAL = 0x343;
    public static final int MIP = 0x344;
    public static final int MCYCLE = 0xb00;
    public static final int MINSTRET = 0xb02;
    public static final int MCYCLEH = 0xb80;
    public static final int MINSTRETH = 0xb82;
    public static final int MVENDORID = 0xf11;
    public static final int MARCHID = 0xf12;
    public static final int MIMPID = 0xf13;
    public static final int MHARTID = 0xf14;
    public static final int MCONFIGPTR = 0xf15;

    // mstatus and sstatus, section 3.1.6
    public static final int MSTATUS_SIE = 1 << 1;
    public static final int MSTATUS_MIE = 1 << 3;
    public static final int SPIE = 1 << 5;
    public static final int MPIE = 1 << 7;
    public static final int SPP = 1 << 8;
    public static final int MPP_SHIFT = 11;
    public static final int MPP = 3 << MPP_SHIFT;
    public static final int MPRV = 1 << 17;
    public static final int SUM = 1 << 18;
    public static final int MXR = 1 << 19;
    public static final int TVM = 1 << 20;
    public static final int TW = 1 << 21;
    public static final int TSR = 1 << 22;

    private static final int SSTATUS_MASK = MSTATUS_SIE | SPIE | SPP | SUM | MXR;
    private static final int MSTATUS_MASK = SSTATUS_MASK | MSTATUS_MIE | MPIE | MPP | MPRV | TVM | TW | TSR;

    /** Software, timer and external interrupts, S and M. */
    public static final int INTERRUPTS = 0xaaa;
    private static final int S_INTERRUPTS = 0x222;
    /** All synchronous causes that a lower mode can raise; an M-mode ecall cannot be delegated. */
    private static final int DELEGABLE = 0xb3ff;
    private static final int SSIP = 1 << Trap.SUPERVISOR_SOFTWARE;
    private static final int STIP = 1 << Trap.SUPERVISOR_TIMER;
    private static final int SEIP = 1 << Trap.SUPERVISOR_EXTERNAL;

    private static final int MISA_RV32I_SU = 1 << 30 | 1 << 'I' - 'A' | 1 << 'S' - 'A' | 1 << 'U' - 'A';
    /** menvcfg.STCE, in the high half: stimecmp exists for S-mode and drives STIP. */
    private static final int STCE = 1 << 31;

    private final int hartId;
    private final Clock clock;
    private final ClockEvent timerDue;

    private int mstatus;
    private int medeleg;
    private int mideleg;
    private int mie;
    /** Pending bits that software holds: SSIP always, STIP and SEIP by M-mode. */
    private int softwarePending;
    /** Pending bits that wires hold. */
    private int wires;
    private int mtvec;
    private int mscratch;
    private int mepc;
    private int mcause;
    private int mtval;
    private int mcounteren;
    private int menvcfg;
    private int menvcfgh;
    private int satp;
    private int stvec;
    private int sscratch;
    private int sepc;
    private int scause;
    private int stval;
    private int scounteren;
    private int senvcfg;
    private long stimecmp = -1;
    private long cycleOffset;
    private long instretOffset;
    private long retired;
    private long turnStart;
    private boolean hasTurn;

    Csrs(int hartId, Clock clock) {
        this.hartId = hartId;
        this.clock = clock;
        this.timerDue = clock.newEvent("hart" + hartId + " timer", clock::interruptSoon);
    }

    // ---- what the hart itself needs, without the checks of a CSR instruction ----

    public int satp() {
        return satp;
    }

    public int mstatus() {
        return mstatus;
    }

    void setMstatus(int value) {
        mstatus = value;
    }

    int mepc() {
        return mepc;
    }

    int sepc() {
        return sepc;
    }

    /** Everything pending, from wires, software and the S-mode timer. */
    public int pending() {
        return wires | softwarePending | (timerPending() ? STIP : 0);
    }

    private boolean timerPending() {
        return (menvcfgh & STCE) != 0 && Long.compareUnsigned(clock.now(), stimecmp) >= 0;
    }

    /** Pending and enabled in mie, whatever the global enables say: what ends WFI (section 3.3.3). */
    public int pendingEnabled() {
        return pending() & mie;
    }

    /** The cause of the interrupt to take now in {@code mode}, or 0. Section 3.1.9: M before S, then external, software, timer. */
    int interruptToTake(int mode) {
        int candidates = pendingEnabled();
        if (candidates == 0) {
            return 0;
        }
        boolean machine = mode < PrivilegeMode.M || (mstatus & MSTATUS_MIE) != 0;
        boolean supervisor = mode < PrivilegeMode.S || mode == PrivilegeMode.S && (mstatus & MSTATUS_SIE) != 0;
        int taken = (machine ? candidates & ~mideleg : 0);
        if (taken == 0 && supervisor) {
            taken = candidates & mideleg;
        }
        return taken == 0 ? 0 : Trap.INTERRUPT | firstByPriority(taken);
    }

    private static int firstByPriority(int pending) {
        for (int cause : new int[] {Trap.MACHINE_EXTERNAL, Trap.MACHINE_SOFTWARE, Trap.MACHINE_TIMER,
            Trap.SUPERVISOR_EXTERNAL, Trap.SUPERVISOR_SOFTWARE}) {
            if ((pending >> cause & 1) != 0) {
                return cause;
            }
        }
        return Trap.SUPERVISOR_TIMER;
    }

    /** A wire to one of the pending bits changes its level. */
    void setWire(int cause, boolean level) {
        int before = wires;
        wires = level ? wires | 1 << cause : wires & ~(1 << cause);
        if (wires != before) {
            clock.interruptSoon();
        }
    }

    /** Sets SSIP once, as the SSWI device does; software clears it. */
    void raiseSupervisorSoftware() {
        softwarePending |= SSIP;
        clock.interruptSoon();
    }

    /** The mode that a trap from {@code mode} goes to. */
    int trapTarget(int cause, int mode) {
        int delegated = cause < 0 ? mideleg : medeleg;
        return mode <= PrivilegeMode.S && (delegated >> (cause & 31) & 1) != 0 ? PrivilegeMode.S : PrivilegeMode.M;
    }

    /** The register effects of a trap into M-mode (section 3.1.6.1). Returns where the handler starts. */
    int enterMachineTrap(int cause, int tval, int pc, int mode) {
        mepc = pc;
        mcause = cause;
        mtval = tval;
        int mpie = (mstatus & MSTATUS_MIE) != 0 ? MPIE : 0;
        mstatus = mstatus & ~(MPIE | MSTATUS_MIE | MPP) | mpie | mode << MPP_SHIFT;
        return vector(mtvec, cause);
    }

    /** The register effects of a trap into S-mode (section 4.1.1). Returns where the handler starts. */
    int enterSupervisorTrap(int cause, int tval, int pc, int mode) {
        sepc = pc;
        scause = cause;
        stval = tval;
        int spie = (mstatus & MSTATUS_SIE) != 0 ? SPIE : 0;
        mstatus = mstatus & ~(SPIE | MSTATUS_SIE | SPP) | spie | (mode == PrivilegeMode.S ? SPP : 0);
        return vector(stvec, cause);
    }

    /** Interrupts go to base + 4 * cause in vectored mode (section 3.1.7). */
    private static int vector(int tvec, int cause) {
        return (tvec & ~3) + ((tvec & 1) != 0 && cause < 0 ? 4 * (cause & 31) : 0);
    }

    /** The register effects of MRET. Returns the mode to go on in. */
    int leaveMachineTrap() {
        int mode = mstatus >>> MPP_SHIFT & 3;
        int mie = (mstatus & MPIE) != 0 ? MSTATUS_MIE : 0;
        mstatus = mstatus & ~(MSTATUS_MIE | MPP) | mie | MPIE;
        if (mode != PrivilegeMode.M) {
            mstatus &= ~MPRV;
        }
        return mode;
    }

    /** The register effects of SRET. Returns the mode to go on in. */
    int leaveSupervisorTrap() {
        int mode = (mstatus & SPP) != 0 ? PrivilegeMode.S : PrivilegeMode.U;
        int sie = (mstatus & SPIE) != 0 ? MSTATUS_SIE : 0;
        mstatus = mstatus & ~(MSTATUS_SIE | SPP | MPRV) | sie | SPIE;
        return mode;
    }

    // ---- instructions retired: counted by turns, so that running costs nothing more ----

    /** The hart begins a slice. */
    public void beginTurn() {
        turnStart = clock.instructions();
        hasTurn = true;
    }

    /** Its slice ends. */
    public void endTurn() {
        retired = retired();
        hasTurn = false;
    }

    /** Instructions that this hart has retired since reset. */
    public long retired() {
        return hasTurn ? retired + clock.instructions() - turnStart : retired;
    }

    // ---- CSR instructions ----

    /** What the fast paths take for granted: while this stays the same, so do they. */
    long translationContext() {
        return (long) (mstatus & (SUM | MXR | MPRV | MPP)) << 32 | satp & 0xffff_ffffL;
    }

    /** Reads a CSR for software in {@code mode}. */
    public int read(int csr, int mode) {
        requireAccess(csr, mode, false);
        return value(csr);
    }

    /**
     * What an instruction that sets or clears bits changes of the value it has read: of mip only the bits that software holds,
     * so that it does not latch a level of SEIP that came from the interrupt controller (section 3.1.9).
     */
    int modifiable(int csr, int read) {
        return csr == MIP ? softwarePending : read;
    }

    /** Writes a CSR for software in {@code mode}. */
    public void write(int csr, int value, int mode) {
        requireAccess(csr, mode, true);
        value(csr);                                    // a CSR that does not exist traps, whatever is written
        set(csr, value);
        if (pendingEnabled() != 0) {                   // the write may have let an interrupt through
            clock.interruptSoon();
        }
    }

    /** Section 2.1: bits 9-8 of the number are the lowest mode, bits 11-10 say read-only. */
    private void requireAccess(int csr, int mode, boolean write) {
        boolean allowed = mode >= (csr >>> 8 & 3) && !(write && csr >>> 10 == 3);
        if (csr == SATP && mode == PrivilegeMode.S && (mstatus & TVM) != 0) {
            allowed = false;
        }
        if ((csr == STIMECMP || csr == STIMECMPH) && mode == PrivilegeMode.S
                && ((menvcfgh & STCE) == 0 || (mcounteren & 2) == 0)) {
            allowed = false;
        }
        if ((csr & 0xf60) == CYCLE && !counterEnabled(csr & 31, mode)) {
            allowed = false;
        }
        if (!allowed) {
            throw illegal();
        }
    }

    private boolean counterEnabled(int counter, int mode) {
        boolean byMachine = mode == PrivilegeMode.M || (mcounteren >> counter & 1) != 0;
        return byMachine && (mode != PrivilegeMode.U || (scounteren >> counter & 1) != 0);
    }

    private static Trap illegal() {
        return new Trap(Trap.ILLEGAL_INSTRUCTION, 0);
    }

    private int value(int csr) {
        return switch (csr) {
            case CYCLE, MCYCLE -> (int) (retired() + cycleOffset);
            case CYCLEH, MCYCLEH -> (int) (retired() + cycleOffset >>> 32);
            case INSTRET, MINSTRET -> (int) (retired() + instretOffset);
            case INSTRETH, MINSTRETH -> (int) (retired() + instretOffset >>> 32);
            case TIME -> (int) clock.now();
            case TIMEH -> (int) (clock.now() >>> 32);
            case SSTATUS -> mstatus & SSTATUS_MASK;
            case SIE -> mie & mideleg;
            case STVEC -> stvec;
            case SCOUNTEREN -> scounteren;
            case SENVCFG -> senvcfg;
            case SSCRATCH -> sscratch;
            case SEPC -> sepc;
            case SCAUSE -> scause;
            case STVAL -> stval;
            case SIP -> pending() & mideleg;
            case STIMECMP -> (int) stimecmp;
            case STIMECMPH -> (int) (stimecmp >>> 32);
            case SATP -> satp;
            case MSTATUS -> mstatus;
            case MISA -> MISA_RV32I_SU;
            case MEDELEG -> medeleg;
            case MIDELEG -> mideleg;
            case MIE -> mie;
            case MTVEC -> mtvec;
            case MCOUNTEREN -> mcounteren;
            case MENVCFG -> menvcfg;
            case MENVCFGH -> menvcfgh;
            case MSCRATCH -> mscratch;
            case MEPC -> mepc;
            case MCAUSE -> mcause;
            case MTVAL -> mtval;
            case MIP -> pending();
            case MHARTID -> hartId;
            case MSTATUSH, MVENDORID, MARCHID, MIMPID, MCONFIGPTR -> 0;
            default -> throw illegal();
        };
    }

    private void set(int csr, int value) {
        switch (csr) {
            case MCYCLE -> cycleOffset = low(retired() + cycleOffset, value) - retired();
            case MCYCLEH -> cycleOffset = high(retired() + cycleOffset, value) - retired();
            case MINSTRET -> instretOffset = low(retired() + instretOffset, value) - retired();
            case MINSTRETH -> instretOffset = high(retired() + instretOffset, value) - retired();
            case SSTATUS -> mstatus = mstatus & ~SSTATUS_MASK | value & SSTATUS_MASK;
            case SIE -> mie = mie & ~mideleg | value & mideleg;
            case STVEC -> stvec = value & ~2;
            case SCOUNTEREN -> scounteren = value;
            case SENVCFG -> senvcfg = value & 1;
            case SSCRATCH -> sscratch = value;
            case SEPC -> sepc = value & ~3;
            case SCAUSE -> scause = value;
            case STVAL -> stval = value;
            case SIP -> softwarePending = softwarePending & ~(SSIP & mideleg) | value & SSIP & mideleg;
            case STIMECMP -> setTimer(low(stimecmp, value));
            case STIMECMPH -> setTimer(high(stimecmp, value));
            case SATP -> satp = value;
            case MSTATUS -> mstatus = legalMstatus(value);
            case MEDELEG -> medeleg = value & DELEGABLE;
            case MIDELEG -> mideleg = value & S_INTERRUPTS;
            case MIE -> mie = value & INTERRUPTS;
            case MTVEC -> mtvec = value & ~2;
            case MCOUNTEREN -> mcounteren = value;
            case MENVCFG -> menvcfg = value & 1;
            case MENVCFGH -> menvcfgh = value & STCE;
            case MSCRATCH -> mscratch = value;
            case MEPC -> mepc = value & ~3;
            case MCAUSE -> mcause = value;
            case MTVAL -> mtval = value;
            case MIP -> softwarePending = value & (SSIP | STIP & ((menvcfgh & STCE) != 0 ? 0 : -1) | SEIP);
            default -> { }                             // misa, mstatush: writable, but nothing in them is
        }
    }

    /** MPP 2 is reserved; the field keeps its value (WARL). */
    private int legalMstatus(int value) {
        int mpp = (value & MPP) == 2 << MPP_SHIFT ? mstatus & MPP : value & MPP;
        return value & MSTATUS_MASK & ~MPP | mpp;
    }

    private void setTimer(long value) {
        stimecmp = value;
        if (value >= 0) {
            timerDue.scheduleAt(value);
        } else {
            timerDue.cancel();                         // later than the clock will ever get
        }
    }

    private static long low(long old, int value) {
        return old & 0xffff_ffff_0000_0000L | value & 0xffff_ffffL;
    }

    private static long high(long old, int value) {
        return old & 0xffff_ffffL | (long) value << 32;
    }

    // ---- state ----

    @Override
    public void save(StateWriter out) {
        out.putInts(words());
        for (long value : new long[] {stimecmp, cycleOffset, instretOffset, retired()}) {
            out.put64(value);
        }
    }

    @Override
    public void restore(StateReader in) {
        int[] w = new int[words().length];
        in.getInts(w);
        int i = 0;
        mstatus = w[i++];
        medeleg = w[i++];
        mideleg = w[i++];
        mie = w[i++];
        softwarePending = w[i++];
        wires = w[i++];
        mtvec = w[i++];
        mscratch = w[i++];
        mepc = w[i++];
        mcause = w[i++];
        mtval = w[i++];
        mcounteren = w[i++];
        menvcfg = w[i++];
        menvcfgh = w[i++];
        satp = w[i++];
        stvec = w[i++];
        sscratch = w[i++];
        sepc = w[i++];
        scause = w[i++];
        stval = w[i++];
        scounteren = w[i++];
        senvcfg = w[i++];
        stimecmp = in.get64();
        cycleOffset = in.get64();
        instretOffset = in.get64();
        retired = in.get64();
        hasTurn = false;
    }

    private int[] words() {
        return new int[] {mstatus, medeleg, mideleg, mie, softwarePending, wires, mtvec, mscratch, mepc, mcause, mtval, mcounteren,
            menvcfg, menvcfgh, satp, stvec, sscratch, sepc, scause, stval, scounteren, senvcfg};
    }
}
