package ferrite.kernel.irq;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Registers;

/** The PLIC's registers, for the S-mode context of each hart. */
final class IrqChip {

    private static final int PRIORITY = 0;
    private static final int ENABLE = 0x2000;
    private static final int ENABLE_STRIDE = 0x80;
    private static final int CONTEXT = 0x20_0000;
    private static final int CONTEXT_STRIDE = 0x1000;
    private static final int CLAIM = 4;

    private final KernelMemory memory;
    private final Registers registers;

    IrqChip(KernelBase base) {
        this.memory = base.memory();
        this.registers = new Registers(base, RootLayout.PLIC);
    }

    /** The PLIC's registers, for boot to map. */
    Registers registers() {
        return registers;
    }

    /** Enables a source for a hart. */
    void enable(int irq, int hart) {
        memory.store32(registers.address() + PRIORITY + 4L * irq, 1);
        long enable = registers.address() + ENABLE + (long) ENABLE_STRIDE * context(hart);
        memory.store32(enable, memory.load32(enable) | 1 << irq);
    }

    void disable(int irq, int hart) {
        long enable = registers.address() + ENABLE + (long) ENABLE_STRIDE * context(hart);
        memory.store32(enable, memory.load32(enable) & ~(1 << irq));
    }

    boolean isEnabled(int irq, int hart) {
        long enable = registers.address() + ENABLE + (long) ENABLE_STRIDE * context(hart);
        return (memory.load32(enable) >> irq & 1) != 0;
    }

    /** Claims the next pending source for a hart; 0 if there is none. */
    int claim(int hart) {
        return memory.load32(registers.address() + CONTEXT + (long) CONTEXT_STRIDE * context(hart) + CLAIM);
    }

    void complete(int irq, int hart) {
        memory.store32(registers.address() + CONTEXT + (long) CONTEXT_STRIDE * context(hart) + CLAIM, irq);
    }

    private static int context(int hart) {
        return 2 * hart + 1;
    }
}
