package ferrite.kernel.irq;

import ferrite.kernel.base.DriverApi;

/** {@code irqreturn_t}: the result of an interrupt handler (LDD3 page 269). */
@DriverApi
public enum IrqReturn {
    /** The interrupt was not from this device. */
    IRQ_NONE,
    /** The device's interrupt was handled. */
    IRQ_HANDLED,
    /** The handler's thread does the rest, see {@code request_threaded_irq}. */
    IRQ_WAKE_THREAD
}
