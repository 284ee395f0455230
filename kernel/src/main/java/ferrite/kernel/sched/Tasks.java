package ferrite.kernel.sched;

import static ferrite.kernel.base.TaskLayout.ALLOWED;
import static ferrite.kernel.base.TaskLayout.ARGUMENT;
import static ferrite.kernel.base.TaskLayout.COMM;
import static ferrite.kernel.base.TaskLayout.ENTRY;
import static ferrite.kernel.base.TaskLayout.EXIT_CODE;
import static ferrite.kernel.base.TaskLayout.FLAGS;
import static ferrite.kernel.base.TaskLayout.HART;
import static ferrite.kernel.base.TaskLayout.NAME;
import static ferrite.kernel.base.TaskLayout.PARENT;
import static ferrite.kernel.base.TaskLayout.PID;
import static ferrite.kernel.base.TaskLayout.RUN_NODE;
import static ferrite.kernel.base.TaskLayout.STATE;
import static ferrite.kernel.base.TaskLayout.TASKS;
import static ferrite.kernel.base.TaskLayout.WAIT;

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
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SigInfoLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.shadow.MemoryStates;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Creates, runs and reaps tasks. A task is a record in RAM ({@link TaskLayout}), and a strand with its Java stack
 * between two restart points.
 */
@Plumbing
public final class Tasks {

    static final int MAX_TASKS = 4096;
    /** The exit status of a process that a fault killed: 128 + SIGSEGV. */
    public static final int KILLED = 139;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Turn turn;
    private final TextTable text;
    private final Scheduler scheduler;
    private final Sleep sleep;
    private final WaitQueue queues;
    private final Signals signals;
    private final SpinLock locks;
    private final TaskServices services;
    private final TaskStacks stacks;
    private final StringTable strings;
    private final Violations violations;
    private final MemoryStates states;
    private final TaskOops oops;
    private final ResourceTracker tracker;
    private final long root;
    private final Children children;
    private LongConsumer workerExit;

    Tasks(KernelBase base, Turn turn, Scheduler scheduler, Signals signals, Sleep sleep,
            TaskServices services) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.turn = turn;
        this.text = base.text();
        this.scheduler = scheduler;
        this.sleep = sleep;
        this.queues = scheduler.waitQueues();
        this.signals = signals;
        this.locks = base.locks();
        this.services = services;
        this.stacks = new TaskStacks(base, scheduler, sleep, services);
        this.strings = base.strings();
        this.violations = base.violations();
        this.states = base.states();
        this.oops = new TaskOops(base, turn, stacks);
        this.tracker = base.tracker();
        this.root = base.root();
        children = new Children(base, signals);
        scheduler.onDeath(children::died);
    }

    TaskStacks stacks() {
        return stacks;
    }

    // ---- boot ----

    /** Makes the lists, and the record of the task that the boot hart has run as since reset. */
    void init() {
        services.makeRecordCache(TaskLayout.SIZE);
        ListHead.init(memory, RootLayout.TASK_LIST.at(root));
        queues.init(RootLayout.EXIT_WAIT.at(root));
        RootLayout.NEXT_PID.set(memory, root, 1);
        scheduler.init();
        initIdle(RootLayout.INIT_TASK.at(root), 0);
    }

    /** Makes the idle task of a secondary hart, which waits until boot is that far. */
    void newIdle(int hart) {
        initIdle(services.allocRecord(), hart);
    }

    private void initIdle(long task, int hart) {
        initRecord(task, "swapper/" + hart, 1 << hart);
        FLAGS.set(memory, task, TaskLayout.IDLE);
        HART.set(memory, task, hart);
        long record = scheduler.record(hart);
        PerCpuLayout.IDLE.set(memory, record, task);
        stacks.giveIdle(task, hart);
    }

    private void initRecord(long task, String name, int allowed) {
        ListHead.init(memory, RUN_NODE.at(task));
        WaitEntryLayout.PRIVATE.set(memory, WAIT.at(task), task);
        ListHead.init(memory, WaitEntryLayout.NODE.at(WAIT.at(task)));
        COMM.set(memory, task, name);
        NAME.set(memory, task, strings.intern(name));
        ALLOWED.set(memory, task, allowed);
    }

    /** Makes the calling Java stack that of this hart's idle task. */
    public void adoptIdle() {
        int hart = cpu.hartId();
        long idle = PerCpuLayout.IDLE.get(memory, scheduler.record(hart));
        cpu.setTp(idle);
        stacks.enter(idle);
        scheduler.setStrand(idle, turn.strands().on(hart));
        PerCpuLayout.CURRENT.set(memory, scheduler.record(hart), idle);
    }

    /** Runs the idle loop, for ever. */
    public void idle() {
        for (;;) {
            scheduler.idleWait();
            scheduler.idleResume();
        }
    }

    // ---- making ----

    /**
     * Creates a task that runs {@code entry(argument)}. May sleep.
     *
     * @param entry   a text address of a {@link TaskEntry}
     * @param allowed the harts that the task may run on, a bit each
     * @return the task, or 0 if there is no memory for it
     * @throws IllegalArgumentException if the machine has none of these harts (EINVAL of Linux's sched_setaffinity)
     */
    public long create(String name, long entry, long argument, int allowed) {
        return create(name, entry, argument, allowed, TaskLayout.AT_RESTART);
    }

    /** As {@link #create(String, long, long, int)}, for a task that may run on all harts. */
    public long create(String name, long entry, long argument) {
        return create(name, entry, argument, allHarts());
    }

    /** As {@link #create(String, long, long, int)}, for a task that ends before the current one does. */
    public long createHelper(String name, long entry, long argument, int allowed) {
        long task = createAsleep(name, entry, argument, allowed);
        if (task != 0) {
            PARENT.set(memory, task, cpu.tp());
            enlist(task);
            start(task);
        }
        return task;
    }

    /** As {@link #create(String, long, long)}, for a task that runs a program and takes signals. */
    public long createProgram(String name, long entry, long argument) {
        return create(name, entry, argument, allHarts(), TaskLayout.AT_RESTART | TaskLayout.PROGRAM);
    }

    private int allHarts() {
        return -1 >>> Integer.SIZE - scheduler.harts();
    }

    /**
     * Makes the record of a task of the kernel's own, which {@link #wakeReserved} starts when it is needed first. An
     * unused task costs a machine no more than this: it gets its stack when it runs first. Boot.
     */
    public long reserve(String name, long entry, long argument, int allowed) {
        long task = newRecord(name, entry, argument, allowed, TaskLayout.AT_RESTART, false);
        if (task == 0) {
            throw new KernelPanic("no memory for the task " + name);
        }
        return task;
    }

    /** Starts a reserved task, or wakes it if it has been started. Any context. */
    public void wakeReserved(long task) {
        if (PID.get(memory, task) == 0 && enlist(task)) {
            start(task);
        } else {
            scheduler.wake(task);
        }
    }

    /** {@code kthread_create}: makes a task that {@link #wakeReserved} starts. May sleep. Returns 0 without memory. */
    public long createAsleep(String name, long entry, long argument) {
        return createAsleep(name, entry, argument, allHarts());
    }

    /** As {@link #createAsleep(String, long, long)}, for a task that runs on some harts only. */
    public long createAsleep(String name, long entry, long argument, int allowed) {
        return newRecord(name, entry, argument, allowed, TaskLayout.AT_RESTART, true);
    }

    /** As {@link #createAsleep(String, long, long)}, for a task that runs a program and takes signals: {@code fork}. */
    public long createProgramAsleep(String name, long entry, long argument) {
        return newRecord(name, entry, argument, allHarts(), TaskLayout.AT_RESTART | TaskLayout.PROGRAM, true);
    }

    /** Frees the record and the stack of a task that was made and never woken. */
    public void discard(long task) {
        stacks.free(task);
    }

    /** Sets the function that is called when a worker's task ends. While the kernel is put together. */
    public void onWorkerExit(LongConsumer call) {
        workerExit = call;
    }

    /** {@code kthread_bind}: lets a task that has not been started run on one hart only. */
    public void bind(long task, int hart) {
        if (PID.get(memory, task) != 0 || (allHarts() >> hart & 1) == 0) {
            throw new KernelBug("kthread_bind to hart " + hart + " of task " + PID.get(memory, task) + ": bind to one "
                    + "of harts 0 to " + (scheduler.harts() - 1) + ", before the task is woken first");
        }
        ALLOWED.set(memory, task, 1 << hart);
    }

    private long create(String name, long entry, long argument, int allowed, int flagBits) {
        long task = newRecord(name, entry, argument, allowed, flagBits, true);
        if (task != 0) {
            enlist(task);
            start(task);
        }
        return task;
    }

    private long newRecord(String name, long entry, long argument, int allowed, int flagBits, boolean withStack) {
        if ((allowed & allHarts()) == 0) {
            throw new IllegalArgumentException("task '" + name
                    + "' may run on harts " + Hex.grouped(Integer.toUnsignedLong(allowed))
                    + " (a bit each), and the machine has none of them: set at least one of bits 0 to "
                    + (scheduler.harts() - 1));
        }
        long task = stacks.newTask(withStack);
        if (task == 0) {
            return 0;
        }
        initRecord(task, name, allowed);
        ENTRY.set(memory, task, entry);
        ARGUMENT.set(memory, task, argument);
        FLAGS.set(memory, task, flagBits);
        PARENT.set(memory, task, (flagBits & TaskLayout.PROGRAM) != 0 ? cpu.tp() : 0);
        return task;
    }

    /** Gives a task its pid, and adds it to the list of all. Returns false if another hart has just done that. */
    private boolean enlist(long task) {
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        boolean isNew = PID.get(memory, task) == 0;
        if (isNew) {
            int pid = RootLayout.NEXT_PID.get(memory, root);
            RootLayout.NEXT_PID.set(memory, root, pid + 1);
            PID.set(memory, task, pid);
            TaskLayout.START_TIME.set(memory, task, violations.now());
            ListHead.addTail(memory, TASKS.at(task), RootLayout.TASK_LIST.at(root));
        }
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        return isNew;
    }

    private void start(long task) {
        scheduler.setStrand(task, newStrand(task, COMM.get(violations.peek(), task)));
        int flags = cpu.irqSave();
        scheduler.placeOnQueue(task, scheduler.chooseHart(task, cpu.hartId()));
        cpu.irqRestore(flags);
    }

    private Strand newStrand(long task, String name) {
        return turn.strands().newStrand(name, () -> main(task));
    }

    /** Makes Java stacks for the tasks of a machine that a kernel attaches to. Only looks. */
    void attach(ReadableMemory view) {
        for (long task : all(view)) {
            scheduler.setStrand(task, newStrand(task, COMM.get(view, task)));
        }
    }

    /** Makes the Java stack of a task whose program a hart executes at this moment. Only looks. */
    Strand attachProgram(ReadableMemory view, long task) {
        ProgramEntry program = text.at(ENTRY.get(view, task), ProgramEntry.class);
        long sp = stacks.top(view, task);
        Strand strand = turn.strands().newStrand(COMM.get(view, task),
                () -> goOn(task, oops.guarded(sp, () -> program.resume(view, task, sp))));
        scheduler.setStrand(task, strand);
        return strand;
    }

    // ---- running ----

    /** Runs a task from its first switch to its exit. */
    private void main(long task) {
        scheduler.finishSwitch();
        cpu.irqEnable();
        stacks.await(task);
        goOn(task, runOnce(task));
    }

    /** Runs a task from the end of a call of its entry to its exit. */
    private void goOn(long task, int firstOutcome) {
        int outcome = firstOutcome;
        while (outcome == TaskEntry.AGAIN) {
            setFlag(task, TaskLayout.AT_RESTART, true);
            scheduler.schedule();
            outcome = runOnce(task);
        }
        boolean exits = outcome == KILLED && (FLAGS.get(memory, task) & TaskLayout.EXITS) != 0;
        exit(task, exits ? EXIT_CODE.get(memory, task) : outcome);
    }

    private int runOnce(long task) {
        setFlag(task, TaskLayout.AT_RESTART, false);
        return oops.guarded(() -> text.at(ENTRY.get(memory, task), TaskEntry.class).run(ARGUMENT.get(memory, task)));
    }

    /** Ends the current task because a kernel access faulted. Called in the trap handler. */
    public void fault(int cause, int tval) {
        oops.fault(cause, tval);
    }

    /** Checks that the current task is a kernel task which a driver has made, and which its own code may end. */
    public void requireKthread(String call) {
        if ((FLAGS.get(memory, cpu.tp()) & (TaskLayout.PROGRAM | TaskLayout.IDLE)) != 0
                || TaskLayout.WORKER_POOL.get(memory, cpu.tp()) != 0) {
            throw new KernelBug(call + " in " + COMM.get(memory, cpu.tp()) + ", which is no task of kthread_create; "
                    + "return from the function instead");
        }
    }

    /** {@code kthread_exit}: ends the current task. Returns the error that unwinds its Java frames. */
    public Unwind exitNow(int code) {
        EXIT_CODE.set(memory, cpu.tp(), code);
        setFlag(cpu.tp(), TaskLayout.EXITS, true);
        return turn.strands().unwind();
    }

    private void setFlag(long task, int flag, boolean on) {
        int flags = FLAGS.get(memory, task);
        FLAGS.set(memory, task, on ? flags | flag : flags & ~flag);
    }

    private void exit(long task, int code) {
        STATE.set(memory, task, TaskLayout.RUNNING);
        cpu.irqEnable();
        int closed = KILLED;
        for (int tries = 0; closed == KILLED && tries <= TaskLayout.MAX_FILES; tries++) {
            closed = oops.guarded(() -> {                   // each try closes the files that the last one has left
                services.releaseAll();
                return 0;
            });
        }
        states.waitEnded(task);
        if (TaskLayout.WORKER_POOL.get(memory, task) != 0) {
            workerExit.accept(task);
        }
        tracker.gaveBack(ResourceTracker.Kind.THREAD, PID.get(memory, task));
        EXIT_CODE.set(memory, task, code);
        scheduler.scheduleDead();
    }

    // ---- signals ----

    /**
     * {@code kill}: sends a signal to the task with this pid. Any context.
     *
     * @return 0, or {@code -ESRCH} if there is no such task
     */
    public int kill(int pid, int signal) {
        return kill(pid, signal, SigInfoLayout.SI_KERNEL);
    }

    /** As {@link #kill(int, int)}, for a program: {@code code} says how the current task sends the signal. */
    public int kill(int pid, int signal, int code) {
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));  // so that the task is not reaped meanwhile
        long task = find(pid);
        if (task != 0) {
            int sender = code == SigInfoLayout.SI_KERNEL ? 0 : PID.get(memory, cpu.tp());
            signals.send(task, signal, code, sender, 0);
        }
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        return task == 0 ? -Errno.ESRCH : 0;
    }

    private long find(int pid) {
        for (long node : ListHead.nodes(memory, RootLayout.TASK_LIST.at(root), MAX_TASKS)) {
            if (PID.get(memory, TASKS.containerOf(node)) == pid) {
                return TASKS.containerOf(node);
            }
        }
        return 0;
    }

    /** Returns whether there is a task with this pid. Any context. */
    public boolean exists(int pid) {
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        boolean exists = find(pid) != 0;
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        return exists;
    }

    /** Returns a task's pid. */
    public int pid(long task) {
        return pid(memory, task);
    }

    /** Returns a task's pid. Only looks. */
    public int pid(ReadableMemory view, long task) {
        return PID.get(view, task);
    }

    // ---- stopping kernel tasks ----

    /** {@code kthread_should_stop}: whether {@link #stop} was called for the current task. Task context. */
    public boolean shouldStop() {
        return TaskLayout.SHOULD_STOP.get(memory, cpu.tp()) != 0;
    }

    /**
     * {@code kthread_stop}: asks a kernel task to end, wakes it, and waits until it has. Returns its exit code; the
     * task's record is gone then. Task context; may sleep.
     */
    public int stop(long task) {
        requireTask("kthread_stop", task);
        if (PID.get(memory, task) == 0) {              // it was made, and never woken
            stacks.free(task);
            return -Errno.EINTR;
        }
        askToStop(task);
        return waitFor(task);
    }

    /** Checks that a driver's address is that of a task that was not stopped yet. Only looks. */
    public void requireTask(String call, long task) {
        ReadableMemory view = violations.peek();
        boolean unborn = PID.get(view, task) == 0 && ENTRY.get(view, task) != 0;
        if (!unborn && !all(view).contains(task)) {
            throw new KernelBug(call + " of the task at " + Hex.grouped(task) + ", which does not exist (any more); "
                    + "kthread_stop frees a task, so call it once, and nothing after it");
        }
    }

    /** Asks a kernel task to end, and wakes it. Any context. */
    public void askToStop(long task) {
        TaskLayout.SHOULD_STOP.set(memory, task, 1);
        scheduler.wake(task);
    }

    /** Asks the kernel task with a pid to end, if there is one. Any context. */
    public void askToStop(int pid) {
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));  // so that the task is not reaped meanwhile
        long task = find(pid);
        if (task != 0) {
            askToStop(task);
        }
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
    }

    // ---- reaping ----

    /** The wait queue of parents that wait for a child to exit. */
    public long exitWait() {
        return scheduler.exitWait();
    }

    /** Returns whether a task has exited and can be reaped. */
    public boolean isDead(long task) {
        return STATE.get(memory, task) == TaskLayout.ZOMBIE;
    }

    /** {@code wait}: frees a dead child's record and returns its exit code; -1 while the child lives. */
    public int reap(long task) {
        if (!isDead(task)) {
            return -1;
        }
        int code = EXIT_CODE.get(memory, task);
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        ListHead.delete(memory, TASKS.at(task));
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        stacks.free(task);
        return code;
    }

    /** Parents and children. */
    public Children children() {
        return children;
    }

    /** Waits until a child exits, and reaps it. May sleep. Returns its exit code. */
    public int waitFor(long task) {
        sleep.waitEvent(exitWait(), () -> isDead(task));
        return reap(task);
    }

    // ---- looking ----

    /** Does something with the list of {@link #all}, of which no task is reaped meanwhile. Any context. */
    public <T> T withAll(Function<List<Long>, T> body) {
        int flags = locks.lockIrqSave(RootLayout.TASK_LIST_LOCK.at(root));
        T result = body.apply(all(memory));
        locks.unlockIrqRestore(RootLayout.TASK_LIST_LOCK.at(root), flags);
        return result;
    }

    /** Lists all tasks but the idle ones, oldest first. The list is locked, or the view stands still. */
    public List<Long> all(ReadableMemory view) {
        List<Long> tasks = new ArrayList<>();
        for (long node : ListHead.nodes(view, RootLayout.TASK_LIST.at(root), MAX_TASKS)) {
            tasks.add(TASKS.containerOf(node));
        }
        return tasks;
    }

    /** Returns the task that created another, or 0. */
    public long parent(ReadableMemory view, long task) {
        return PARENT.get(view, task);
    }
}
