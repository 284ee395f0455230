package ferrite.kernel.irq;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct irq_desc}: an interrupt source. */
final class IrqDescLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("irq_desc", SIZE);

    /** The handlers, in the order of their requests. */
    static final Pointer ACTION = STRUCT.pointer("action", 0, "struct irqaction");
    /** The calls of {@code disable_irq} without their {@code enable_irq}. */
    static final Word DEPTH = STRUCT.u32("depth", 4);
    /** Not 0 from before the handlers are looked up until they have run. */
    static final Word IN_PROGRESS = STRUCT.u32("in_progress", 8);
    /** The handlers' threads that have been woken and are not done. */
    static final Word THREADS = STRUCT.u32("threads_active", 12);
    /** The interrupts, and how many of them no handler wanted, since the last {@code Interrupts.NOTED_CALLS}. */
    static final Word CALLS = STRUCT.u32("irq_count", 16);
    static final Word UNHANDLED = STRUCT.u32("irqs_unhandled", 20);

    private IrqDescLayout() { }
}
