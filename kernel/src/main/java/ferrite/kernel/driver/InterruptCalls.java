package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.irq.IrqHandler;

/** Interrupts (LDD3 pages 259-269). */
@DriverApi
public interface InterruptCalls {

    /**
     * Installs the handler of an interrupt (LDD3 page 259). Task context; may sleep.
     *
     * @param handler text address of an {@link IrqHandler}
     * @param name    for {@code /proc/interrupts}
     * @param data    given to the handler
     * @return 0, -EINVAL for a source that does not exist, -EBUSY for a source that has a handler
     */
    @CName("request_irq")
    int requestIrq(int irq, long handler, String name, long data);

    /**
     * Removes the handler of an interrupt. It does not run any more, on any hart, when this returns. Task context;
     * may sleep.
     *
     * @throws ferrite.kernel.base.KernelBug if the interrupt has no handler, or an interrupt handler calls this
     */
    @CName("free_irq")
    void freeIrq(int irq);

    /** Waits until the handler of an interrupt does not run on any hart. Task context. */
    @CName("synchronize_irq")
    void synchronizeIrq(int irq);
}
