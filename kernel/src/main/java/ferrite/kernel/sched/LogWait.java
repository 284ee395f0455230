package ferrite.kernel.sched;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Tasks that wait for messages of the kernel log ({@code log_wait}). A message may be logged inside the scheduler,
 * whose locks a wake-up takes. So the wake-up is left to a software interrupt of the same hart, as Linux leaves it to
 * {@code irq_work}.
 */
public final class LogWait {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final WaitQueue queues;
    private final Ipi ipi;
    private final long root;

    LogWait(KernelBase base, WaitQueue queues, Ipi ipi) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.queues = queues;
        this.ipi = ipi;
        this.root = base.root();
        base.log().afterEachMessage(this::wakeUpKlogd);
    }

    void init() {
        queues.init(queue());
    }

    /** The queue of the waiting tasks. */
    public long queue() {
        return RootLayout.LOG_WAIT.at(root);
    }

    /** {@code wake_up_klogd}: a message was logged. Any context. */
    private void wakeUpKlogd() {
        if (queues.isActive(queue())) {
            RootLayout.LOG_WAKES.set(memory, root, 1);
            ipi.send(cpu.hartId());
        }
    }

    /** Handles a software interrupt: wakes the tasks if a message was logged. */
    public void interrupt() {
        if (RootLayout.LOG_WAKES.get(memory, root) != 0) {
            RootLayout.LOG_WAKES.set(memory, root, 0);
            queues.wakeUpAll(queue());
        }
    }
}
