package ferrite.kernel.sched;

import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Turn;
import ferrite.hardware.turn.Unwind;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks: made, run, and buried. A task is a record in RAM ({@link TaskLayout}) and a strand that holds its Java stack between two of its restart points.
 */
public final class Tasks {

    private static final int MAX_TASKS = 4096;
    /** What a shell reports of a process that a fault killed: 128 + SIGSEGV. */
    private static final int KILLED = 139;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Turn turn;
    private final TextTable text;
    private final Scheduler scheduler;
    private final WaitQueue queues;
    private final Signals signals;
    private final SpinLock locks;
    private final TaskServices services;
    private final StringTable strings;
    private final KernelLog log;
    private final long root;

    Tasks(KernelBase base, Turn turn, Scheduler scheduler, Signals signals, TaskServices services) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.turn = turn;
        this.text = base.text();
        this.scheduler = scheduler;
        this.queues = scheduler.waitQueues();
        this.signals = signals;
        this.locks = base.locks();
        this.services = services;
        this.strings = base.strings();
        this.log = base.log();
        this.root = base.root();
    }

    // ---- boot ----

    /** Makes the lists, and the task that the boot hart has been running as all along. */
    void init() {
        services.makeRecordCache(TaskLayout.SIZE);
        ListHead.init(memory, root + RootLayout.TASK_LIST);
        queues.init(root + RootLayout.EXIT_WAIT);
        memory.store32(root + RootLayout.NEXT_PID, 1);
        scheduler.init();
        initIdle(root + RootLayout.INIT_TASK, 0);
    }

    /** Makes the idle task of a secondary hart, which waits for it. */
    void newIdle(int hart) {
        initIdle(services.allocRecord(), hart);
    }

    private void initIdle(long task, int hart) {
        initRecord(task, "swapper/" + hart, 1 << hart);
        memory.store32(task + TaskLayout.FLAGS, TaskLayout.IDLE);
        memory.store32(task + TaskLayout.HART, hart);
        long record = scheduler.record(hart);
        memory.storeAddress(record + PerCpuLayout.IDLE, task);
    }

    private void initRecord(long task, String name, int allowed) {
        ListHead.init(memory, task + TaskLayout.RUN_NODE);
        ListHead.init(memory, task + TaskLayout.WAIT_NODE);
        memory.storeString(task + TaskLayout.COMM, name, TaskLayout.COMM_BYTES);
        memory.storeAddress(task + TaskLayout.NAME, strings.intern(name));
        memory.store32(task + TaskLayout.ALLOWED, allowed);
    }

    /** From now on the calling Java stack is the idle task's of this hart. */
    public void adoptIdle() {
        int hart = cpu.hartId();
        long idle = memory.loadAddress(scheduler.record(hart) + PerCpuLayout.IDLE);
        cpu.setTp(idle);
        scheduler.setStrand(idle, turn.current());
        memory.storeAddress(scheduler.record(hart) + PerCpuLayout.CURRENT, idle);
    }

    /** What an idle task does for ever. */
    public void idle() {
        for (;;) {
            scheduler.idleWait();
            scheduler.idleResume();
        }
    }

    // ---- making ----

    /**
     * Makes a task that runs {@code entry(argument)}. May sleep.
     *
     * @param entry   a text address of a {@link TaskEntry}
     * @param allowed the harts it may run on, a bit each
     * @return the task, or 0 when there is no memory for it
     * @throws IllegalArgumentException when the machine has none of them, Linux's EINVAL of sched_setaffinity
     */
    public long create(String name, long entry, long argument, int allowed) {
        return create(name, entry, argument, allowed, TaskLayout.AT_RESTART);
    }

    /** As {@link #create(String, long, long, int)}, for a task that may run on all harts. */
    public long create(String name, long entry, long argument) {
        return create(name, entry, argument, allHarts());
    }

    /** As {@link #create(String, long, long)}, for a task that runs a program and takes signals. */
    public long createProgram(String name, long entry, long argument) {
        return create(name, entry, argument, allHarts(), TaskLayout.AT_RESTART | TaskLayout.PROGRAM);
    }

    private int allHarts() {
        return -1 >>> Integer.SIZE - scheduler.harts();
    }

    private long create(String name, long entry, long argument, int allowed, int flagBits) {
        if ((allowed & allHarts()) == 0) {
            throw new IllegalArgumentException("task '" + name + "' may run on harts " + Hex.grouped(Integer.toUnsignedLong(allowed))
                    + " (a bit each), and the machine has none of them: at least one of bits 0 to " + (scheduler.harts() - 1) + " would be right");
        }
        long task = services.allocRecord();
        if (task == 0) {
            return 0;
        }
        initRecord(task, name, allowed);
        memory.storeAddress(task + TaskLayout.ENTRY, entry);
        memory.storeAddress(task + TaskLayout.ARGUMENT, argument);
        memory.store32(task + TaskLayout.FLAGS, flagBits);
        memory.storeAddress(task + TaskLayout.PARENT, cpu.tp());
        int flags = locks.lockIrqSave(root + RootLayout.TASK_LIST_LOCK);
        int pid = memory.load32(root + RootLayout.NEXT_PID);
        memory.store32(root + RootLayout.NEXT_PID, pid + 1);
        memory.store32(task + TaskLayout.PID, pid);
        ListHead.addTail(memory, task + TaskLayout.TASKS, root + RootLayout.TASK_LIST);
        locks.unlockIrqRestore(root + RootLayout.TASK_LIST_LOCK, flags);
        scheduler.setStrand(task, newStrand(task, name));
        flags = cpu.irqSave();
        scheduler.placeOnQueue(task, scheduler.chooseHart(task, cpu.hartId()));
        cpu.irqRestore(flags);
        return task;
    }

    private Strand newStrand(long task, String name) {
        return turn.newStrand(name, () -> main(task));
    }

    // ---- running ----

    /** The life of a task, from when it gets its first hart. */
    private void main(long task) {
        scheduler.finishSwitch();
        cpu.irqEnable();
        for (;;) {
            setFlag(task, TaskLayout.AT_RESTART, false);
            int outcome = runOnce(task);
            if (outcome != TaskEntry.AGAIN) {
                exit(task, outcome);
                return;
            }
            setFlag(task, TaskLayout.AT_RESTART, true);
            scheduler.schedule();
        }
    }

    private int runOnce(long task) {
        try {
            TaskEntry entry = text.at(memory.loadAddress(task + TaskLayout.ENTRY), TaskEntry.class);
            return entry.run(memory.loadAddress(task + TaskLayout.ARGUMENT));
        } catch (Unwind killed) {
            if (!turn.isKilling()) {
                throw killed;
            }
            turn.unwound();
            return KILLED;
        } catch (RuntimeException bug) {
            oops(bug);
            return KILLED;
        }
    }

    /** A kernel access that faulted, with nothing to repair: the current task ends there. Called in the trap handler. */
    public void fault(int cause, int tval) {
        long va = tval & 0xffff_ffffL;
        String explained = services.explainFault(Trap.name(cause), va);
        String message = Trap.name(cause) + " at virtual address " + Hex.address(va) + (explained == null ? "" : ": " + explained);
        boolean idle = (memory.load32(cpu.tp() + TaskLayout.FLAGS) & TaskLayout.IDLE) != 0;
        if (idle || memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT) != 0) {
            throw new KernelPanic("unable to handle kernel " + message + " (at " + CallSite.ofFault() + ")");
        }
        report("unable to handle kernel " + message, CallSite.ofFault());
        throw turn.unwind();
    }

    /** The task broke a rule, or its Java did. Whoever holds a spinlock cannot be ended without the rest waiting for it for ever. */
    private void oops(RuntimeException bug) {
        String message = bug instanceof KernelBug ? bug.getMessage() : bug.toString();
        String where = bug.getStackTrace().length == 0 ? "?" : CallSite.of(bug);
        report(message, where);
        if (memory.load32(cpu.tp() + TaskLayout.PREEMPT_COUNT) != 0) {
            throw new KernelPanic(message + " (at " + where + ", while a spinlock was held)");
        }
    }

    private void report(String message, String where) {
        log.print("Oops: " + message);
        log.print("  in task " + memory.load32(cpu.tp() + TaskLayout.PID) + " '" + memory.loadString(cpu.tp() + TaskLayout.COMM, TaskLayout.COMM_BYTES)
                + "' on hart " + cpu.hartId() + ", at " + where);
    }

    private void setFlag(long task, int flag, boolean on) {
        int flags = memory.load32(task + TaskLayout.FLAGS);
        memory.store32(task + TaskLayout.FLAGS, on ? flags | flag : flags & ~flag);
    }

    private void exit(long task, int code) {
        memory.store32(task + TaskLayout.STATE, TaskLayout.RUNNING);
        cpu.irqEnable();
        services.closeFiles();
        memory.store32(task + TaskLayout.EXIT_CODE, code);
        scheduler.scheduleDead();
    }

    // ---- signals ----

    /**
     * {@code kill}: sends a signal to the task with this number. Any context.
     *
     * @return 0, or {@code -ESRCH} when there is no such task
     */
    public int kill(int pid, int signal) {
        int flags = locks.lockIrqSave(root + RootLayout.TASK_LIST_LOCK);        // so that it is not buried meanwhile
        long task = find(pid);
        if (task != 0) {
            signals.send(task, signal);
        }
        locks.unlockIrqRestore(root + RootLayout.TASK_LIST_LOCK, flags);
        return task == 0 ? -Errno.ESRCH : 0;
    }

    private long find(int pid) {
        for (long node : ListHead.nodes(memory, root + RootLayout.TASK_LIST, MAX_TASKS)) {
            if (memory.load32(node - TaskLayout.TASKS + TaskLayout.PID) == pid) {
                return node - TaskLayout.TASKS;
            }
        }
        return 0;
    }

    /** The number by which a task is known. */
    public int pid(long task) {
        return pid(memory, task);
    }

    /** As {@link #pid(long)}, for those who look. */
    public int pid(ReadableMemory view, long task) {
        return view.load32(task + TaskLayout.PID);
    }

    // ---- burying ----

    /** Where parents wait for the death of a child. */
    public long exitWait() {
        return scheduler.exitWait();
    }

    /** Whether a task has died and can be buried. */
    public boolean isDead(long task) {
        return memory.load32(task + TaskLayout.STATE) == TaskLayout.ZOMBIE;
    }

    /** {@code wait}: the exit code of a dead child, which is buried by this; or -1 while it lives. */
    public int reap(long task) {
        if (!isDead(task)) {
            return -1;
        }
        int code = memory.load32(task + TaskLayout.EXIT_CODE);
        int flags = locks.lockIrqSave(root + RootLayout.TASK_LIST_LOCK);
        ListHead.delete(memory, task + TaskLayout.TASKS);
        locks.unlockIrqRestore(root + RootLayout.TASK_LIST_LOCK, flags);
        services.freeRecord(task);
        return code;
    }

    /** Waits for the death of a child and buries it. May sleep. */
    public int waitFor(long task) {
        queues.waitEvent(exitWait(), () -> isDead(task));
        return reap(task);
    }

    // ---- looking ----

    /** All tasks but the idle ones, oldest first. */
    public List<Long> all(ReadableMemory view) {
        List<Long> tasks = new ArrayList<>();
        for (long node : ListHead.nodes(view, root + RootLayout.TASK_LIST, MAX_TASKS)) {
            tasks.add(node - TaskLayout.TASKS);
        }
        return tasks;
    }

    /** The task that made another, or 0. */
    public long parent(ReadableMemory view, long task) {
        return view.loadAddress(task + TaskLayout.PARENT);
    }

    /** Whether every task that lives sleeps where it begins, so that no Java frame matters. */
    public boolean isQuiescent(ReadableMemory view) {
        return all(view).stream().allMatch(task -> switch (view.load32(task + TaskLayout.STATE)) {
            case TaskLayout.ZOMBIE -> true;
            case TaskLayout.INTERRUPTIBLE, TaskLayout.UNINTERRUPTIBLE -> (view.load32(task + TaskLayout.FLAGS) & TaskLayout.AT_RESTART) != 0;
            default -> false;
        });
    }

    /** Makes a Java stack for every task of a machine that waits, each as it would be at its restart point. Only looks. */
    void attach(ReadableMemory view, int harts) {
        for (long task : all(view)) {
            scheduler.setStrand(task, newStrand(task, view.loadString(task + TaskLayout.COMM, TaskLayout.COMM_BYTES)));
        }
        for (int hart = 0; hart < harts; hart++) {
            long idle = view.loadAddress(scheduler.record(hart) + PerCpuLayout.IDLE);
            Strand strand = turn.newStrand("swapper/" + hart, () -> {
                for (;;) {
                    scheduler.idleResume();
                    scheduler.idleWait();
                }
            });
            scheduler.setStrand(idle, strand);
            turn.bind(hart, strand);
        }
    }
}
