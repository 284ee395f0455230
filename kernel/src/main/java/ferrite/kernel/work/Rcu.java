package ferrite.kernel.work;

import static ferrite.kernel.base.RootLayout.RCU_CALLBACKS;
import static ferrite.kernel.base.RootLayout.RCU_NEEDED;
import static ferrite.kernel.work.RcuHeadLayout.FUNCTION;
import static ferrite.kernel.work.RcuHeadLayout.NEXT;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Read-copy-update (LDD3 page 127). A reader disables preemption. A grace period is over when each hart has switched
 * tasks, or taken an interrupt outside of all sections: then no reader is left that could see a removed record.
 */
@Plumbing
public final class Rcu {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final MemoryStates states;
    private final TaskSystem tasks;
    private final WorkQueues queues;
    private final long root;
    private final long callAll;

    Rcu(KernelBase base, TaskSystem tasks, WorkQueues queues) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.text = base.text();
        this.states = base.states();
        this.tasks = tasks;
        this.queues = queues;
        this.root = base.root();
        this.callAll = base.text().newModule().add("rcu_do_batch", (WorkFunction) item -> callAll());
    }

    void boot() {
        tasks.mutexes().init(RootLayout.RCU_MUTEX.at(root));
        queues.initWork(RootLayout.RCU_WORK.at(root), callAll);
    }

    /** Notes the end of a section, so that a grace period ends although readers follow each other closely. */
    public void readerEnded() {
        if (context.preemptCount() == 0) {
            tasks.scheduler().rcuQuiescent();
        }
    }

    /** {@code synchronize_rcu}: waits until all readers of now have ended. Task context; may sleep. */
    public void synchronize() {
        context.mightSleep("synchronize_rcu", "call it after rcu_read_unlock, or use call_rcu");
        tasks.mutexes().lock(RootLayout.RCU_MUTEX.at(root));
        cpu.fence();
        RCU_NEEDED.set(memory, root, RootLayout.ONLINE.get(memory, root));
        int left = RCU_NEEDED.amoAnd(memory, root, ~(1 << cpu.hartId())) & ~(1 << cpu.hartId());
        while (left != 0) {
            for (int harts = left; harts != 0; harts &= harts - 1) {
                tasks.ipi().send(Integer.numberOfTrailingZeros(harts));
            }
            tasks.sleep().timeout(tasks.sleep().ticks(1), TaskLayout.UNINTERRUPTIBLE);
            left = RCU_NEEDED.get(memory, root);
        }
        tasks.mutexes().unlock(RootLayout.RCU_MUTEX.at(root));
    }

    /** {@code call_rcu}: calls a function after a grace period. Any context. */
    public void call(long head, long function) {
        FUNCTION.set(memory, head, function);
        long first = RCU_CALLBACKS.get(memory, root);
        for (;;) {
            NEXT.set(memory, head, first);
            long now = memory.compareAndSwap32(RCU_CALLBACKS.at(root), (int) first, (int) head) & 0xffff_ffffL;
            if (now == first) {
                break;
            }
            first = now;
        }
        queues.queue(queues.systemQueue(), RootLayout.RCU_WORK.at(root));
    }

    /** {@code rcu_barrier}: waits until all functions of {@code call_rcu} have been called. Task context; may sleep. */
    public void barrier() {
        queues.flush("rcu_barrier", RootLayout.RCU_WORK.at(root));
    }

    /** Calls all functions that wait. A worker, which may sleep. */
    private void callAll() {
        long head = memory.amoSwap32(RCU_CALLBACKS.at(root), 0) & 0xffff_ffffL;
        synchronize();
        long oldest = 0;
        while (head != 0) {                            // the newest was first
            long next = NEXT.get(memory, head);
            NEXT.set(memory, head, oldest);
            oldest = head;
            head = next;
        }
        while (oldest != 0) {
            long next = NEXT.get(memory, oldest);      // the function frees the record
            states.armed().ended(oldest);
            tasks.softirqs().disable("call_rcu");
            text.at(FUNCTION.get(memory, oldest), RcuFunction.class).free(oldest);
            tasks.softirqs().enable("call_rcu");
            oldest = next;
        }
    }
}
