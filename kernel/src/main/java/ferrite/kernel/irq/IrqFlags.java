package ferrite.kernel.irq;

import ferrite.kernel.base.DriverApi;

/** Flags of {@code request_irq}, with Linux's values (LDD3 page 260). */
@DriverApi
public final class IrqFlags {

    /** Other handlers may share the interrupt; each has a {@code dev_id} of its own. */
    public static final int IRQF_SHARED = 0x80;
    /** The interrupt does not come again before the handler's thread has ended. */
    public static final int IRQF_ONESHOT = 0x2000;
    /** The interrupt stays disabled until {@code enable_irq}. */
    public static final int IRQF_NO_AUTOEN = 0x8_0000;

    private IrqFlags() { }
}
