package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;

/**
 * What S-mode software in Java does with the hart that has the turn, other than reach memory: each method is an instruction and spends a tick, but for
 * those that only read a register. The hart may be another one after any call.
 */
public final class KernelCpu {

    private final Turn turn;
    private final Clock clock;

    public KernelCpu(Turn turn, Clock clock) {
        this.turn = turn;
        this.clock = clock;
    }

    /** The number of the hart that has the turn; good until the next access unless migration is impossible. */
    public int hartId() {
        return hart().id();
    }

    /** {@code tp}. */
    public long tp() {
        return hart().tp();
    }

    public void setTp(long value) {
        hart().setTp(value);
    }

    public int csrRead(int csr) {
        spendOne();
        return hart().readCsr(csr);
    }

    public void csrWrite(int csr, int value) {
        spendOne();
        hart().writeCsr(csr, value);
    }

    /** CSRRS: sets bits, returns the old value. */
    public int csrSet(int csr, int bits) {
        spendOne();
        int old = hart().readCsr(csr);
        hart().writeCsr(csr, old | bits);
        return old;
    }

    /** CSRRC: clears bits, returns the old value. */
    public int csrClear(int csr, int bits) {
        spendOne();
        int old = hart().readCsr(csr);
        hart().writeCsr(csr, old & ~bits);
        return old;
    }

    /** The time CSR, whole: ticks of 10 ns. */
    public long time() {
        spendOne();
        return clock.mtime();
    }

    /** SFENCE.VMA x0, x0. */
    public void sfenceVma() {
        spendOne();
        hart().mmu().fenceAll(-1);
    }

    /** SFENCE.VMA with an address. */
    public void sfenceVma(long va) {
        spendOne();
        hart().mmu().fence((int) va, -1);
    }

    /** SRET, at the end of a trap handler. */
    public void sret() {
        hart().sret();
        clock.interruptSoon();                         // interrupts may be on again, and one may have come meanwhile
    }

    /** WFI: returns once an enabled interrupt is pending, taken or not. */
    public void wfi() {
        spendOne();
        turn.waitForInterrupt();
    }

    /** Says that this hart only waits for another one; that one may run now. */
    public void relax() {
        spendOne();
        turn.relax();
    }

    /** Interrupts off; returns what {@link #irqRestore} needs. */
    public int irqSave() {
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
            clock.budget++;                            // the tick was not there to be spent
            turn.checkpoint();
            clock.budget--;
        }
    }
}
