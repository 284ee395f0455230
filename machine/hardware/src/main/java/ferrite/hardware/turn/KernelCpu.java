package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;

/**
 * The hart that has the turn, for S-mode software in Java: everything except memory. Each method is one instruction and
 * spends a tick, except those that only read a register. After any call, another hart may have the turn.
 */
public final class KernelCpu {

    private final Turn turn;
    private final Clock clock;

    public KernelCpu(Turn turn, Clock clock) {
        this.turn = turn;
        this.clock = clock;
    }

    /**
     * Returns the number of the hart that has the turn. It is valid until the next access, or longer if migration is
     * impossible.
     */
    public int hartId() {
        return hart().id();
    }

    /** Returns the address of the current task, see {@link Hart#currentTask}. Refuses a thread without the turn. */
    public long tp() {
        turn.strands().requireTurn();
        return hart().currentTask();
    }

    public void setTp(long value) {
        hart().setTp(value);
    }

    /** Returns {@code sp}. */
    public long sp() {
        return hart().sp();
    }

    public void setSp(long value) {
        hart().setSp(value);
    }

    /**
     * Halts the machine here if a debugger has just asked for it, and not only before the next access. The run stays
     * the same: between this moment and that access nothing would happen.
     */
    public void haltHere() {
        if (turn.stopping() != null) {
            turn.checkpoint();
        }
    }

    public int csrRead(int csr) {
        spendOne();
        return hart().readCsr(csr);
    }

    public void csrWrite(int csr, int value) {
        spendOne();
        hart().writeCsr(csr, value);
    }

    /** Executes CSRRS: sets bits and returns the old value. */
    public int csrSet(int csr, int bits) {
        spendOne();
        int old = hart().readCsr(csr);
        hart().writeCsr(csr, old | bits);
        return old;
    }

    /** Executes CSRRC: clears bits and returns the old value. */
    public int csrClear(int csr, int bits) {
        spendOne();
        int old = hart().readCsr(csr);
        hart().writeCsr(csr, old & ~bits);
        return old;
    }

    /** Returns the whole time CSR, in ticks of 10 ns. */
    public long time() {
        spendOne();
        return clock.mtime();
    }

    /** Executes FENCE. Accesses of this machine are in order anyway. */
    public void fence() {
        spendOne();
    }

    /** Executes SFENCE.VMA x0, x0. */
    public void sfenceVma() {
        spendOne();
        hart().mmu().fenceAll(-1);
    }

    /** Executes SFENCE.VMA with an address. */
    public void sfenceVma(long va) {
        spendOne();
        hart().mmu().fence((int) va, -1);
    }

    /** Executes SFENCE.VMA x0 with an address space identifier: global translations stay. */
    public void sfenceAsid(int asid) {
        spendOne();
        hart().mmu().fenceAll(asid);
    }

    /** Executes SRET, at the end of a trap handler. */
    public void sret() {
        hart().sret();
        clock.interruptSoon();                         // interrupts may be enabled again, and one may be pending
    }

    /**
     * Executes SRET to a program in U-mode, and returns when it traps into S-mode. The caller has set sepc and sstatus,
     * and the current task's address in sscratch. Interrupts are off.
     *
     * @param x the program's registers x0 to x31, before and after
     */
    public void runUser(int[] x) {
        spendOne();
        turn.runUser(x);
    }

    /** As {@link #runUser}, for a program that the hart executes already, before a kernel attached. Spends no tick. */
    public void resumeUser(int[] x) {
        turn.resumeUser(x);
    }

    /** Executes WFI. It returns once an enabled interrupt is pending, whether or not it is taken. */
    public void wfi() {
        spendOne();
        turn.waitForInterrupt();
    }

    /** Declares that this hart only waits for another one, which may run now. */
    public void relax() {
        spendOne();
        turn.relax();
    }

    /** Disables interrupts. Returns the state for {@link #irqRestore}. Refuses a thread without the turn. */
    public int irqSave() {
        turn.strands().requireTurn();
        spendOne();
        return hart().csrs().clearSie();
    }

    public void irqRestore(int saved) {
        if (saved != 0) {
            irqEnable();
        }
    }

    public void irqEnable() {
        spendOne();
        hart().csrs().setSie();
    }

    public void irqDisable() {
        irqSave();
    }

    public boolean irqsEnabled() {
        return (hart().csrs().mstatus() & Csrs.MSTATUS_SIE) != 0;
    }

    private Hart hart() {
        return turn.running();
    }

    private void spendOne() {
        if (--clock.budget < 0) {
            clock.budget++;                            // there was no tick left to spend
            turn.checkpoint();
            clock.budget--;
        }
    }
}
