package ferrite.kernel.core;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AtomicSections;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.CallSite;

/**
 * What the current context may do (LDD3 pages 118 and 198). The count at {@link TaskLayout#PREEMPT_COUNT} is Linux's {@code preempt_count}:
 *
 * <pre>
 *   31          20 19      16 15       8 7        0
 *  +--------------+----------+----------+----------+
 *  |      0       | hardirq  | softirq  | preempt  |
 *  +--------------+----------+----------+----------+
 * </pre>
 *
 * Spinlocks and {@code preempt_disable} count in the lowest part, interrupts while they are handled in theirs. Who may sleep has it zero, and interrupts on.
 */
public final class Context implements AtomicSections {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Violations violations;
    private final TextTable text;
    private final long perCpu;
    private final long root;
    /** Where each hart's atomic section began: for reports alone, and of no use once every task stands at its restart point. */
    private final String[] sections = new String[Machine.MAX_HARTS];

    /**
     * @param perCpu address of the first hart's record
     * @param root   the kernel's root page, see {@link RootLayout}
     */
    public Context(KernelMemory memory, KernelCpu cpu, Violations violations, TextTable text, long perCpu, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.violations = violations;
        this.text = text;
        this.perCpu = perCpu;
        this.root = root;
    }

    /** {@code preempt_count()}. */
    public int preemptCount() {
        return memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT);
    }

    /** {@code in_hardirq()}: an interrupt is being handled. */
    public boolean inHardirq() {
        return (preemptCount() & TaskLayout.HARDIRQ_MASK) != 0;
    }

    /** {@code in_atomic()}, and interrupts off: whether the caller may not sleep. */
    public boolean isAtomic() {
        return preemptCount() != 0 || !cpu.irqsEnabled();
    }

    /**
     * {@code might_sleep}: every call that may sleep says so here, whether or not it is going to. Costs one load, whether the rule is checked
     * or not.
     *
     * @param call    Linux's name of the call, with what of its arguments matters
     * @param instead what would be right, as a clause
     */
    public void mightSleep(String call, String instead) {
        int count = preemptCount();
        if ((count != 0 || !cpu.irqsEnabled()) && violations.checks(Rule.SLEEP_IN_ATOMIC) && hasBooted()) {
            report(call, instead, count);
        }
    }

    /**
     * {@code might_alloc}: as {@link #mightSleep}, of an allocation, if its flags let it sleep.
     *
     * @param call Linux's name of the call, for whose caller the flags were good enough
     */
    public void mightAlloc(int gfp, String call) {
        if (!Gfp.maySleep(gfp)) {
            return;
        }
        int count = preemptCount();
        if ((count != 0 || !cpu.irqsEnabled()) && violations.checks(Rule.SLEEP_IN_ATOMIC) && hasBooted()) {
            report(call + " with " + Gfp.names(gfp), "ask for GFP_ATOMIC, which may fail, or allocate before the atomic section begins", count);
        }
    }

    private void report(String call, String instead, int count) {
        Violations.Building report = violations.of(Rule.SLEEP_IN_ATOMIC, call + " may sleep, which is forbidden here");
        ReadableMemory view = violations.peek();
        boolean handler = (count & TaskLayout.HARDIRQ_MASK) != 0;
        int irq = handler ? view.load32(record() + PerCpuLayout.CURRENT_IRQ) : 0;
        String began = sections[cpu.hartId()];
        if (handler) {
            report.line("context", irq == 0 ? "in an interrupt of the kernel's own" : "in the handler of interrupt " + irq + ", "
                    + text.name(view.loadAddress(record() + PerCpuLayout.CURRENT_HANDLER)));
        } else {
            report.line("context", (count == 0 ? "interrupts are off" : "preemption is off, " + depth(count))
                    + (began == null ? "" : ", since " + began));
        }
        report.line("", "preempt count 0x" + Integer.toHexString(count) + ", interrupts " + (cpu.irqsEnabled() ? "on" : "off"))
              .line("why", handler ? "an interrupt handler has no task of its own that could sleep: it runs on top of whatever was interrupted"
                      : "whoever waits for this section to end would wait for a sleeper, and another task on this hart might be the one it waits for")
              .line("instead", instead)
              .text("call", call).text("began", handler ? null : began).number("preempt_count", count).number("irq", irq)
              .report();
    }

    private static String depth(int count) {
        int locks = count & TaskLayout.PREEMPT_MASK;
        return locks == 1 ? "once" : locks + " deep";
    }

    private long record() {
        return perCpu + (long) cpu.hartId() * PerCpuLayout.SIZE;
    }

    /** Before a hart is online boot runs alone, and no task could sleep. Only looks. */
    private boolean hasBooted() {
        return violations.peek().load32(root + RootLayout.ONLINE) != 0;
    }

    // ---- where an atomic section began; the machine sees nothing of it ----

    /** Nobody was atomic here until now; the caller is. */
    @Override
    public void began(String how) {
        if (violations.checks(Rule.SLEEP_IN_ATOMIC)) {
            sections[cpu.hartId()] = how + " at " + CallSite.ofCaller();
        }
    }

    /** Where a hart's atomic section began; null when it is in none, or nobody remembers. Only looks. */
    public String atomicSince(int hart) {
        return sections[hart];
    }

    /** Nobody is atomic here any more. */
    @Override
    public void ended() {
        sections[cpu.hartId()] = null;
    }
}
