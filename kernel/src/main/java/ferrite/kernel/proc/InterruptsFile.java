package ferrite.kernel.proc;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.irq.Interrupts;
import java.util.function.IntToLongFunction;

/** {@code /proc/interrupts}: how often each interrupt was handled, by hart. */
public final class InterruptsFile implements ProcFile {

    /** The scause of the S-mode timer, which the root interrupt controller knows it by. */
    private static final int TIMER_IRQ = 5;

    private final Interrupts interrupts;
    private final int harts;

    public InterruptsFile(Interrupts interrupts, int harts) {
        this.interrupts = interrupts;
        this.harts = harts;
    }

    @Override
    public String name() {
        return "interrupts";
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder("           ");
        for (int hart = 0; hart < harts; hart++) {
            out.append("CPU").append(ProcText.left(Integer.toString(hart), 8));
        }
        out.append('\n');
        line(out, " TMR:", hart -> interrupts.timerCount(view, hart)).append("  RISC-V INTC   ").append(TIMER_IRQ).append(" Edge      riscv-timer\n");
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            String name = interrupts.name(view, irq);
            if (name != null) {
                int source = irq;
                line(out, ProcText.right(irq, 4) + ":", hart -> interrupts.count(view, source, hart))
                        .append("  SiFive PLIC  ").append(ProcText.right(irq, 2)).append(" Edge      ").append(name).append('\n');
            }
        }
        line(out, "IPI0:", hart -> interrupts.ipiCount(view, hart)).append("  Rescheduling interrupts\n");
        return out.toString();
    }

    private StringBuilder line(StringBuilder out, String label, IntToLongFunction count) {
        out.append(label);
        for (int hart = 0; hart < harts; hart++) {
            out.append(ProcText.right(count.applyAsLong(hart), 10)).append(' ');
        }
        return out;
    }
}
