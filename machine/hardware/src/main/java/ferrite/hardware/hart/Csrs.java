package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The control and status registers of one hart (privileged specification, chapters 2 to 4, and Sstc). Numbers are the
 * specification's. A CSR that is not here does not exist, and its use is an illegal instruction.
 *
 * <p>This class has the numbers, the access checks, and a few registers of its own. The other registers are grouped by
 * chapter in {@link TrapRegisters}, {@link Counters}, {@link SupervisorTimer}, {@link Pmp} and {@link Triggers}.
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
    public static final int MCOUNTINHIBIT = 0x320;
    public static final int MHPMEVENT3 = 0x323;
    public static final int MENVCFGH = 0x31a;
    public static final int MSCRATCH = 0x340;
    public static final int MEPC = 0x341;
    public static final int MCAUSE = 0x342;
    public static final int MTVAL = 0x343;
    public static final int MIP = 0x344;
    public static final int PMPCFG0 = 0x3a0;
    public static final int PMPADDR0 = 0x3b0;
    public static final int TSELECT = 0x7a0;
    public static final int TDATA1 = 0x7a1;
    public static final int TDATA2 = 0x7a2;
    public static final int TDATA3 = 0x7a3;
    public static final int TINFO = 0x7a4;
    public static final int TCONTROL = 0x7a5;
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

    /** Software, timer and external interrupts of S-mode and M-mode. */
    public static final int INTERRUPTS = 0xaaa;

    private static final int MISA_RV32IMAC_SU = 1 << 30 | extension('I') | extension('M') | extension('A')
            | extension('C') | extension('S') | extension('U');
    /** menvcfg.STCE, in the high half: S-mode may use stimecmp, and it drives STIP. */
    private static final int STCE = 1 << 31;

    private final int hartId;
    private final Clock clock;
    final Counters counters;
    final Pmp pmp = new Pmp();
    final Triggers triggers;
    private final SupervisorTimer timer;
    private final TrapRegisters traps;
    private int mcounteren;
    private int scounteren;
    private int menvcfg;
    private int menvcfgh;
    private int senvcfg;
    private int satp;

    Csrs(int hartId, Clock clock, Triggers triggers) {
        this.hartId = hartId;
        this.clock = clock;
        this.triggers = triggers;
        this.counters = new Counters(clock);
        this.timer = new SupervisorTimer(hartId, clock);
        this.traps = new TrapRegisters(clock, timer);
    }

    private static int extension(char letter) {
        return 1 << letter - 'A';
    }

    // ---- for the hart itself, without the checks of a CSR instruction ----

    public int satp() {
        return satp;
    }

    public int mstatus() {
        return traps.mstatus;
    }

    TrapRegisters traps() {
        return traps;
    }

    SupervisorTimer timer() {
        return timer;
    }

    /** Returns all pending bits, from wires, software and the S-mode timer. */
    public int pending() {
        return traps.pending();
    }

    /**
     * Returns the interrupts that are pending and enabled in mie, without regard to the global enables. They end WFI
     * (section 3.3.3).
     */
    public int pendingEnabled() {
        return traps.pending() & traps.mie;
    }

    /** Returns the instructions that this hart has retired since reset. */
    public long retired() {
        return counters.retired();
    }

    /** Returns the state on which the fast paths depend. They are valid only while it stays the same. */
    long translationContext() {
        return (long) (traps.mstatus & (SUM | MXR)) << 32 | satp & 0xffff_ffffL;
    }

    // ---- CSR instructions ----

    /** Reads a CSR as software in {@code mode} would between two instructions. */
    public int read(int csr, int mode) {
        requireAccess(csr, mode, false);
        return value(csr, 0);
    }

    /** Reads a CSR for the current instruction in {@code mode}. The counters do not include it yet. */
    int readByInstruction(int csr, int mode) {
        requireAccess(csr, mode, false);
        return value(csr, 1);
    }

    /**
     * Returns the part of a read value that an instruction may set or clear. For mip it is only the bits that software
     * holds, so that the instruction does not latch a level of SEIP from the interrupt controller (section 3.1.9).
     */
    int modifiable(int csr, int read) {
        return csr == MIP ? traps.softwarePending() : read;
    }

    /** Writes a CSR for the current instruction in {@code mode}. */
    public void write(int csr, int value, int mode) {
        requireAccess(csr, mode, true);
        value(csr, 0);                                 // a CSR that does not exist traps, for any value
        set(csr, value);
        if (pendingEnabled() != 0) {                   // the write may have enabled an interrupt
            clock.interruptSoon();
        }
    }

    /** Writes a CSR for a debugger, as M-mode would, or a trigger of the debugger's. */
    void writeByDebugger(int csr, int value) {
        if (isTrigger(csr)) {
            triggers.write(csr, value, true);
        } else {
            write(csr, value, PrivilegeMode.M);
        }
    }

    /**
     * Executes {@code csrrci sstatus, SIE} in S-mode, and returns the old bit. It is the most frequent CSR access of a
     * kernel.
     */
    public int clearSie() {
        int old = traps.mstatus & MSTATUS_SIE;
        traps.mstatus ^= old;
        return old;
    }

    /** Executes {@code csrsi sstatus, SIE} in S-mode. */
    public void setSie() {
        traps.mstatus |= MSTATUS_SIE;
        if (pendingEnabled() != 0) {
            clock.interruptSoon();
        }
    }

    /**
     * Checks the access rights in the number (section 2.1): bits 9-8 are the lowest mode, and bits 11-10 mark read-only
     * registers.
     */
    private void requireAccess(int csr, int mode, boolean write) {
        boolean allowed = mode >= (csr >>> 8 & 3) && !(write && csr >>> 10 == 3);
        if (csr == SATP && mode == PrivilegeMode.S && (traps.mstatus & TVM) != 0) {
            allowed = false;
        }
        if ((csr == STIMECMP || csr == STIMECMPH) && mode == PrivilegeMode.S
                && ((menvcfgh & STCE) == 0 || (mcounteren & 2) == 0)) {
            allowed = false;
        }
        if ((csr & ~0x9f) == CYCLE && !counterEnabled(csr & 31, mode)) {
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

    private int value(int csr, int unfinished) {
        return switch (csr) {
            case SSTATUS -> traps.sstatus();
            case SIE -> traps.mie & traps.mideleg;
            case STVEC -> traps.stvec;
            case SCOUNTEREN -> scounteren;
            case SENVCFG -> senvcfg;
            case SSCRATCH -> traps.sscratch;
            case SEPC -> traps.sepc;
            case SCAUSE -> traps.scause;
            case STVAL -> traps.stval;
            case SIP -> traps.pending() & traps.mideleg;
            case STIMECMP -> (int) timer.compare();
            case STIMECMPH -> (int) (timer.compare() >>> 32);
            case SATP -> satp;
            case MSTATUS -> traps.mstatus;
            case MISA -> MISA_RV32IMAC_SU;
            case MEDELEG -> traps.medeleg;
            case MIDELEG -> traps.mideleg;
            case MIE -> traps.mie;
            case MTVEC -> traps.mtvec;
            case MCOUNTEREN -> mcounteren;
            case MENVCFG -> menvcfg;
            case MENVCFGH -> menvcfgh;
            case MCOUNTINHIBIT -> counters.inhibit();
            case MSCRATCH -> traps.mscratch;
            case MEPC -> traps.mepc;
            case MCAUSE -> traps.mcause;
            case MTVAL -> traps.mtval;
            case MIP -> traps.pending();
            case MHARTID -> hartId;
            case MSTATUSH, MVENDORID, MARCHID, MIMPID, MCONFIGPTR -> 0;
            default -> numbered(csr, unfinished);
        };
    }

    /** Reads a register of a numbered group. */
    private int numbered(int csr, int unfinished) {
        if (isCounter(csr)) {
            return half(csr, counters.read(csr & 31, unfinished));
        }
        if (isEvent(csr)) {
            return counters.event(csr - MHPMEVENT3 + Counters.FIRST_WITH_EVENT);
        }
        if (isPmpCfg(csr)) {
            return pmp.readCfg(csr - PMPCFG0);
        }
        if (isPmpAddr(csr)) {
            return pmp.readAddr(csr - PMPADDR0);
        }
        if (isTrigger(csr)) {
            return triggers.read(csr);
        }
        throw illegal();
    }

    /**
     * Recognises cycle, time, instret, hpmcounter3 to 31 and their M-mode counterparts, except mtime, which does not
     * exist. The high half is at 0x80 above.
     */
    private static boolean isCounter(int csr) {
        int low = csr & ~0x80;
        return low >= CYCLE && low < CYCLE + 32 || low >= MCYCLE && low < MCYCLE + 32 && low != MCYCLE + 1;
    }

    private static int half(int csr, long value) {
        return (int) ((csr & 0x80) == 0 ? value : value >>> 32);
    }

    private static boolean isEvent(int csr) {
        return csr >= MHPMEVENT3 && csr < MHPMEVENT3 + 29;
    }

    private static boolean isPmpCfg(int csr) {
        return csr >= PMPCFG0 && csr < PMPCFG0 + Pmp.ENTRIES / 4;
    }

    private static boolean isPmpAddr(int csr) {
        return csr >= PMPADDR0 && csr < PMPADDR0 + Pmp.ENTRIES;
    }

    private static boolean isTrigger(int csr) {
        return csr >= TSELECT && csr <= TCONTROL;
    }

    /** Tells whether a write to a CSR may forbid accesses to pages that are in the fast paths. */
    static boolean limitsFastPaths(int csr) {
        return isPmpCfg(csr) || isPmpAddr(csr) || isTrigger(csr);
    }

    private void set(int csr, int value) {
        switch (csr) {
            case SSTATUS -> traps.setSstatus(value);
            case SIE -> traps.mie = traps.mie & ~traps.mideleg | value & traps.mideleg;
            case STVEC -> traps.stvec = value & ~2;
            case SCOUNTEREN -> scounteren = value;
            case SENVCFG -> senvcfg = value & 1;
            case SSCRATCH -> traps.sscratch = value;
            case SEPC -> traps.sepc = value & ~1;
            case SCAUSE -> traps.scause = value;
            case STVAL -> traps.stval = value;
            case SIP -> traps.setSip(value);
            case STIMECMP -> timer.setCompare(low(timer.compare(), value));
            case STIMECMPH -> timer.setCompare(high(timer.compare(), value));
            case SATP -> satp = value;
            case MSTATUS -> traps.setMstatus(value);
            case MEDELEG -> traps.setMedeleg(value);
            case MIDELEG -> traps.setMideleg(value);
            case MIE -> traps.mie = value & INTERRUPTS;
            case MTVEC -> traps.mtvec = value & ~2;
            case MCOUNTEREN -> mcounteren = value;
            case MENVCFG -> menvcfg = value & 1;
            case MENVCFGH -> {
                menvcfgh = value & STCE;
                traps.enableTimer(menvcfgh != 0);
            }
            case MCOUNTINHIBIT -> counters.setInhibit(value);
            case MSCRATCH -> traps.mscratch = value;
            case MEPC -> traps.mepc = value & ~1;
            case MCAUSE -> traps.mcause = value;
            case MTVAL -> traps.mtval = value;
            case MIP -> traps.setMip(value);
            default -> setNumbered(csr, value);
        }
    }

    private void setNumbered(int csr, int value) {
        if (isCounter(csr)) {
            long before = counters.read(csr & 31, 1);
            counters.write(csr & 31, (csr & 0x80) == 0 ? low(before, value) : high(before, value));
        } else if (isEvent(csr)) {
            counters.setEvent(csr - MHPMEVENT3 + Counters.FIRST_WITH_EVENT, value);
        } else if (isPmpCfg(csr)) {
            pmp.writeCfg(csr - PMPCFG0, value);
        } else if (isPmpAddr(csr)) {
            pmp.writeAddr(csr - PMPADDR0, value);
        } else if (isTrigger(csr)) {
            triggers.write(csr, value, false);
        }                                              // misa, mstatush: writable without effect
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
        traps.save(out);
        timer.save(out);
        counters.save(out);
        pmp.save(out);
        triggers.save(out);
    }

    void saveWithoutCounters(StateWriter out) {
        out.putInts(words());
        traps.save(out);
        timer.save(out);
        pmp.save(out);
        triggers.save(out);
    }

    @Override
    public void restore(StateReader in) {
        int[] w = new int[words().length];
        in.getInts(w);
        int i = 0;
        mcounteren = w[i++];
        scounteren = w[i++];
        menvcfg = StateReader.bitsOf(w[i++], 1);
        menvcfgh = StateReader.bitsOf(w[i++], STCE);
        senvcfg = StateReader.bitsOf(w[i++], 1);
        satp = w[i++];
        traps.restore(in);
        timer.restore(in);
        counters.restore(in);
        pmp.restore(in);
        triggers.restore(in);
    }

    private int[] words() {
        return new int[] {mcounteren, scounteren, menvcfg, menvcfgh, senvcfg, satp};
    }
}
