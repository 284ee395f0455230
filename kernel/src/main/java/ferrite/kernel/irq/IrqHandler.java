package ferrite.kernel.irq;

import ferrite.kernel.base.DriverApi;

/**
 * A driver's interrupt handler (LDD3 page 269). Runs in hard interrupt context, and must not sleep; as a thread's
 * function, which {@code request_threaded_irq} takes, it may.
 */
@DriverApi
@FunctionalInterface
public interface IrqHandler {

    /**
     * @param irq  the PLIC source
     * @param data the word that was given to {@code request_irq}
     * @return whether this device raised the interrupt
     */
    IrqReturn handle(int irq, long data);
}
