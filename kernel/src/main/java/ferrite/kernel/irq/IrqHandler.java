package ferrite.kernel.irq;

import ferrite.kernel.base.DriverApi;

/** A driver's interrupt handler (LDD3 page 269). Runs in hard interrupt context: it must not sleep. */
@DriverApi
@FunctionalInterface
public interface IrqHandler {

    /**
     * @param irq  the PLIC source
     * @param data the word that was given to {@code request_irq}
     * @return whether this device raised the interrupt
     */
    boolean handle(int irq, long data);
}
