package ferrite.kernel.sched;

import static ferrite.kernel.base.TaskLayout.PARENT;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Parents and children. The lock of the list of tasks protects each task's parent. */
public final class Children {

    private static final int SIGCHLD = 17;
    private static final int CLD_EXITED = 1;
    private static final int CLD_KILLED = 2;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final Signals signals;
    private final long root;

    Children(KernelBase base, Signals signals) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.signals = signals;
        this.root = base.root();
    }

    /** Lists the living and dead children of a task. Any context. */
    public List<Long> of(long parent) {
        List<Long> children = new ArrayList<>();
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        forEach(parent, children::add);
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        return children;
    }

    private void forEach(long parent, LongConsumer use) {
        for (long node : ListHead.nodes(memory, RootLayout.TASK_LIST.at(root), Tasks.MAX_TASKS)) {
            long task = TaskLayout.TASKS.containerOf(node);
            if (PARENT.get(memory, task) == parent) {
                use.accept(task);
            }
        }
    }

    /**
     * Ends the current task's program: its children are the first task's from now on, and a signal that is sent to it
     * finds no record of the program. Any context.
     */
    public void endProgram() {
        long self = cpu.tp();
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        long first = TaskLayout.TASKS.containerOf(ListHead.first(memory, RootLayout.TASK_LIST.at(root)));
        forEach(self, task -> PARENT.set(memory, task, first));
        TaskLayout.PROCESS.set(memory, self, 0);
        TaskLayout.SIGINFO.set(memory, self, 0);
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
    }

    /** Sends SIGCHLD. A child of a program that does not wait for it is left to the first task. */
    private void tell(long parent, long task) {
        int signal = TaskLayout.EXIT_SIGNAL.get(memory, task);
        signals.send(parent, SIGCHLD, signal == 0 ? CLD_EXITED : CLD_KILLED, TaskLayout.PID.get(memory, task),
                signal == 0 ? TaskLayout.EXIT_CODE.get(memory, task) : signal);
        if ((TaskLayout.FLAGS.get(memory, parent) & TaskLayout.NO_CLD_WAIT) != 0) {
            PARENT.set(memory, task, TaskLayout.TASKS.containerOf(
                    ListHead.first(memory, RootLayout.TASK_LIST.at(root))));
        }
    }

    /** Marks a dead task as such, and tells its parent, if that is a program. Interrupts are off. */
    void died(long task) {
        locks.acquire(RootLayout.TASK_LIST_LOCK.at(root));          // so that the parent does not change
        long parent = PARENT.get(memory, task);
        TaskLayout.STATE.set(memory, task, TaskLayout.ZOMBIE);
        if (parent != 0 && TaskLayout.PROCESS.get(memory, parent) != 0) {
            tell(parent, task);
        }
        locks.release(RootLayout.TASK_LIST_LOCK.at(root));
    }
}
