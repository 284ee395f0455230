package ferrite.kernel.irq;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct irqaction}: a handler of an interrupt. */
final class IrqActionLayout {

    static final int SIZE = 40;

    static final Struct STRUCT = Struct.of("irqaction", SIZE);

    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct irqaction");
    static final Pointer HANDLER = STRUCT.function("handler", 4);
    static final Pointer DEV_ID = STRUCT.pointer("dev_id", 8, "void");
    static final Pointer NAME = STRUCT.pointer("name", 12, "char");
    static final Word FLAGS = STRUCT.u32("flags", 16);
    static final Word IRQ = STRUCT.u32("irq", 20);
    /** The function that the thread calls, and the thread; 0 without a thread. */
    static final Pointer THREAD_FN = STRUCT.function("thread_fn", 24);
    static final Pointer THREAD = STRUCT.pointer("thread", 28, "struct task_struct");
    /** Whether the thread has something to do. */
    static final Word WANTED = STRUCT.u32("thread_flags", 32);

    private IrqActionLayout() { }
}
