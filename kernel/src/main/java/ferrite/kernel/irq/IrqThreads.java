package ferrite.kernel.irq;

import static ferrite.kernel.irq.IrqActionLayout.DEV_ID;
import static ferrite.kernel.irq.IrqActionLayout.FLAGS;
import static ferrite.kernel.irq.IrqActionLayout.IRQ;
import static ferrite.kernel.irq.IrqActionLayout.THREAD;
import static ferrite.kernel.irq.IrqActionLayout.THREAD_FN;
import static ferrite.kernel.irq.IrqActionLayout.WANTED;
import static ferrite.kernel.irq.IrqDescLayout.THREADS;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskSystem;
import java.util.function.IntConsumer;

/**
 * The tasks of threaded interrupt handlers. Each calls its handler's second function, which may sleep. With {@link
 * IrqFlags#IRQF_ONESHOT} the interrupt is complete when all of its threads are done, so it does not come again before.
 */
@Plumbing
final class IrqThreads {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Violations violations;
    private final TextTable text;
    private final Context context;
    private final TaskSystem tasks;
    private final IntConsumer complete;
    private final long table;
    private final long entry;

    /** @param complete completes an interrupt, with its number */
    IrqThreads(KernelBase base, TaskSystem tasks, IntConsumer complete) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.violations = base.violations();
        this.text = base.text();
        this.context = base.context();
        this.tasks = tasks;
        this.complete = complete;
        this.table = base.rootAddress(RootLayout.IRQ_TABLE);
        this.entry = base.text().newModule().add("irq_thread", (TaskEntry) this::run);
    }

    /** Makes the thread of a handler. Task context; may sleep. Returns 0 or {@code -ENOMEM}. */
    int make(long action, int irq, String name, long threadFn) {
        THREAD_FN.set(memory, action, threadFn);
        String all = "irq/" + irq + "-" + name;
        String comm = all.substring(0, Math.min(all.length(), TaskLayout.COMM_BYTES - 1));
        long task = tasks.tasks().create(comm, entry, action);
        THREAD.set(memory, action, task);
        if (task != 0) {
            tasks.scheduler().priorities().setFifo(task);
        }
        return task == 0 ? -Errno.ENOMEM : 0;
    }

    /** Ends the thread of a handler, if it has one. Task context; may sleep. */
    void stop(long action) {
        long task = THREAD.get(memory, action);
        if (task != 0) {
            tasks.tasks().stop(task);
        }
    }

    /** Lets the thread of a handler run. The interrupt's handler calls this. */
    void wake(long desc, long action) {
        if (WANTED.amoSwap(memory, action, 1) == 0) {
            THREADS.amoAdd(memory, desc, 1);
        }
        tasks.scheduler().wake(THREAD.get(memory, action));
    }

    /** Returns whether an interrupt is complete only when the thread of its handler is done. */
    boolean isOneshot(long action) {
        return (FLAGS.get(memory, action) & IrqFlags.IRQF_ONESHOT) != 0;
    }

    /** Returns whether the caller is a thread of an interrupt, which would wait for itself, and reports that. */
    boolean isOwn(int irq, long desc) {
        long action = IrqDescLayout.ACTION.get(memory, desc);
        while (action != 0 && THREAD.get(memory, action) != cpu.tp()) {
            action = IrqActionLayout.NEXT.get(memory, action);
        }
        if (action != 0) {
            violations.of(Rule.LOCK_RECURSION, "disable_irq or synchronize_irq of interrupt " + irq
                    + " in its own thread").line("why", "it waits for the thread, which waits for it")
                    .line("instead", "call disable_irq_nosync").number("irq", irq).report();
        }
        return action != 0;
    }

    /** Waits until no thread works on an interrupt. Task context; may sleep. */
    void await(long desc) {
        while (THREADS.get(memory, desc) != 0) {
            tasks.scheduler().schedule();
        }
    }

    private int run(long action) {
        tasks.sleep().setState(TaskLayout.INTERRUPTIBLE);        // first, so that no wake-up is lost
        boolean wanted = WANTED.get(memory, action) != 0;
        if (wanted || tasks.tasks().shouldStop()) {
            tasks.sleep().setState(TaskLayout.RUNNING);
        }
        if (!wanted) {
            return tasks.tasks().shouldStop() ? 0 : TaskEntry.AGAIN;
        }
        WANTED.set(memory, action, 0);
        int irq = IRQ.get(memory, action);
        Context.Entered entered = context.enter();
        text.at(THREAD_FN.get(memory, action), IrqHandler.class).handle(irq, DEV_ID.get(memory, action));
        context.leave(() -> "the thread's function of interrupt " + irq, entered);
        long desc = Interrupts.ENTRIES.at(table, irq);
        if (THREADS.amoAdd(memory, desc, -1) == 1 && isOneshot(action)) {
            complete.accept(irq);
        }
        return TaskEntry.AGAIN;
    }
}
