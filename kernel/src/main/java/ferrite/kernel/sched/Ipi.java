package ferrite.kernel.sched;

import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Registers;

/** Interrupts from one hart to another, through the ACLINT's SSWI. */
public final class Ipi {

    private final KernelBase base;
    private final Registers sswi;

    Ipi(KernelBase base) {
        this.base = base;
        this.sswi = new Registers(base, RootLayout.SSWI);
    }

    /** The SSWI's registers, for boot to map. */
    public Registers registers() {
        return sswi;
    }

    /** Makes another hart take a software interrupt. Any context. */
    public void send(int hart) {
        base.memory().store32(sswi.address() + 4L * hart, 1);
    }
}
