package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.irq.Interrupts;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/** {@code /proc/interrupts}: the count of each interrupt, by hart. */
public final class InterruptsFile implements ProcFile {

    /** The timer's number at the root interrupt controller: the S-mode timer's scause. */
    private static final int TIMER_IRQ = 5;
    /** The timer's interrupt number, after the PLIC's as in Linux. */
    private static final int TIMER_NUMBER = Interrupts.SOURCES;

    private static final String PLIC = "SiFive PLIC";
    private static final String INTC = "RISC-V INTC";
    private static final String TIMER = "riscv-timer";
    private static final String RESCHEDULING = "Rescheduling interrupts";

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
    public long lock() {
        return interrupts.lock();
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder("           ");
        for (int hart = 0; hart < harts; hart++) {
            out.append("CPU").append(ProcText.left(Integer.toString(hart), 8));
        }
        out.append('\n');
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            String name = interrupts.name(view, irq);
            if (name != null) {
                int source = irq;
                line(out, irq, PLIC, irq, name, hart -> interrupts.count(view, source, hart));
            }
        }
        line(out, TIMER_NUMBER, INTC, TIMER_IRQ, TIMER, hart -> interrupts.timerCount(view, hart));
        counts(out.append("IPI0:"), hart -> interrupts.ipiCount(view, hart)).append(' ')
                .append(RESCHEDULING).append('\n');
        return out.toString();
    }

    private void line(StringBuilder out, int number, String chip, int hardwareNumber, String name,
            IntToLongFunction count) {
        counts(out.append(ProcText.right(number, 3)).append(": "), count).append(' ').append(chip).append(' ')
                .append(ProcText.right(hardwareNumber, 3)).append(" Edge      ").append(name).append('\n');
    }

    private StringBuilder counts(StringBuilder out, IntToLongFunction count) {
        for (int hart = 0; hart < harts; hart++) {
            out.append(ProcText.right(count.applyAsLong(hart), 10)).append(' ');
        }
        return out;
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            String name = interrupts.name(view, irq);
            if (name != null) {
                int source = irq;
                report.child(describe(name, Integer.toString(irq), PLIC, hart -> interrupts.count(view, source, hart)));
            }
        }
        report.child(describe(TIMER, Integer.toString(TIMER_NUMBER), INTC, hart -> interrupts.timerCount(view, hart)));
        return report.child(describe(RESCHEDULING, "IPI0", "IPI", hart -> interrupts.ipiCount(view, hart)));
    }

    private Report describe(String name, String number, String chip, IntToLongFunction count) {
        return Report.of(name).text("irq", number).text("chip", chip)
                .numbers("count_by_hart", IntStream.range(0, harts).mapToObj(count::applyAsLong).toList());
    }
}
