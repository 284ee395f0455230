package ferrite.kernel.sched;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.core.KernelBase;
import java.util.List;

/** Tasks, the scheduler, wait queues, mutexes, timers and signals. */
public final class TaskSystem {

    private final KernelBase base;
    private final Ipi ipi;
    private final Scheduler scheduler;
    private final WaitQueue waitQueues;
    private final Sleep sleep;
    private final Mutex mutexes;
    private final Semaphore semaphores;
    private final RwSemaphore rwSemaphores;
    private final Completion completions;
    private final Signals signals;
    private final Softirq softirqs;
    private final HrTimer hrTimers;
    private final KernelTimer timers;
    private final CrossCall crossCall;
    private final LogWait logWait;
    private final Tasklet tasklets;
    private final Tasks tasks;
    private final RestartPoints restartPoints;

    /** @param services services of the floors above; calls begin only after boot has made those floors */
    public TaskSystem(KernelBase base, Turn turn, TaskServices services) {
        this.base = base;
        this.ipi = new Ipi(base);
        this.scheduler = new Scheduler(base, turn, ipi);
        this.waitQueues = scheduler.waitQueues();
        this.signals = new Signals(base, scheduler);
        this.hrTimers = new HrTimer(base, scheduler);
        this.sleep = new Sleep(base, scheduler, signals, hrTimers);
        this.mutexes = new Mutex(base, sleep, waitQueues);
        this.semaphores = new Semaphore(base, sleep, waitQueues);
        this.rwSemaphores = new RwSemaphore(base, sleep, waitQueues);
        this.completions = new Completion(base, sleep, waitQueues);
        this.crossCall = new CrossCall(base, ipi);
        this.logWait = new LogWait(base, waitQueues, ipi);
        this.tasks = new Tasks(base, turn, scheduler, signals, sleep, services);
        this.restartPoints = new RestartPoints(turn, base.cpu(), tasks, scheduler);
        this.softirqs = new Softirq(base, scheduler, tasks, tasks.stacks());
        this.tasklets = new Tasklet(base, scheduler, softirqs);
        this.timers = new KernelTimer(base, scheduler, softirqs, hrTimers);
    }

    /** Makes the idle tasks of all harts; the boot hart's is the running code. Memory can be allocated. */
    public void boot() {
        tasks.init();
        tasks.adoptIdle();
        for (int hart = 1; hart < base.harts(); hart++) {
            tasks.newIdle(hart);
        }
        softirqs.boot();
        logWait.init();
    }

    /**
     * Tells whether no Java frame matters: the machine is between two slices, and every task is at its restart point or
     * executes its program. Only looks.
     */
    public boolean isQuiescent(ReadableMemory view) {
        return restartPoints.isQuiescent(view);
    }

    /** Lists the tasks whose Java frames matter, each with its name and pid. Only looks. */
    public List<String> restless(ReadableMemory view) {
        return restartPoints.restless(view);
    }

    /** Gives every task of a quiescent machine a new Java stack. Only looks. */
    public void attach(ReadableMemory view) {
        restartPoints.attach(view);
    }

    /** Interrupts from hart to hart. */
    public Ipi ipi() {
        return ipi;
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    public WaitQueue waitQueues() {
        return waitQueues;
    }

    public Sleep sleep() {
        return sleep;
    }

    public Mutex mutexes() {
        return mutexes;
    }

    public Semaphore semaphores() {
        return semaphores;
    }

    public RwSemaphore rwSemaphores() {
        return rwSemaphores;
    }

    public Completion completions() {
        return completions;
    }

    public Signals signals() {
        return signals;
    }

    public Softirq softirqs() {
        return softirqs;
    }

    public Tasklet tasklets() {
        return tasklets;
    }

    public HrTimer hrTimers() {
        return hrTimers;
    }

    public KernelTimer timers() {
        return timers;
    }

    /** Tells which tasks sleep for ever. */
    public HungTasks hungTasks() {
        return scheduler.hungTasks();
    }

    public CrossCall crossCall() {
        return crossCall;
    }

    /** Tasks that wait for messages of the kernel log. */
    public LogWait logWait() {
        return logWait;
    }

    /** The kernel stacks of tasks, and of the interrupts of each hart. */
    public TaskStacks stacks() {
        return tasks.stacks();
    }

    public Tasks tasks() {
        return tasks;
    }
}
