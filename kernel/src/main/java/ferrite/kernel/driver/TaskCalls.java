package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.function.BooleanSupplier;

/** Waiting (LDD3 pages 147-159), tasks and signals. */
@DriverApi
public interface TaskCalls {

    /** States of a task, for {@link #setCurrentState}. */
    int TASK_RUNNING = TaskLayout.RUNNING;
    int TASK_INTERRUPTIBLE = TaskLayout.INTERRUPTIBLE;
    int TASK_UNINTERRUPTIBLE = TaskLayout.UNINTERRUPTIBLE;
    /** Bytes of a task's name, with the NUL. */
    int TASK_COMM_LEN = TaskLayout.COMM_BYTES;

    /**
     * Declares that the caller may sleep. A violation is reported if it must not. Any context.
     *
     * @param call    the name of the call
     * @param instead what would be right, as a clause
     */
    @CName("might_sleep")
    void mightSleep(String call, String instead);

    /** Returns whether the caller must not sleep. Any context. */
    @CName("in_atomic")
    boolean inAtomic();

    /** Initialises a wait queue in {@link WaitQueueLayout#SIZE} zeroed bytes. Any context. */
    @CName("init_waitqueue_head")
    void initWaitqueueHead(long queue);

    /** Sleeps until a condition holds; no signal ends the sleep. Task context. */
    @CName("wait_event")
    void waitEvent(long queue, BooleanSupplier condition);

    /**
     * Sleeps until a condition holds or a signal is sent. Task context.
     *
     * @return 0, or {@code -ERESTARTSYS}: the driver undoes its work and returns that
     */
    @CName("wait_event_interruptible")
    int waitEventInterruptible(long queue, BooleanSupplier condition);

    /**
     * Sleeps until a condition holds or a time is over. Task context.
     *
     * @param timeout in jiffies
     * @return the jiffies that are left, at least 1; 0 if the condition does not hold
     */
    @CName("wait_event_timeout")
    int waitEventTimeout(long queue, BooleanSupplier condition, int timeout);

    /**
     * Sleeps until a condition holds, a signal is sent, or a time is over. Task context.
     *
     * @param timeout in jiffies
     * @return the jiffies that are left, at least 1; 0 if the time is over; {@code -ERESTARTSYS} after a signal
     */
    @CName("wait_event_interruptible_timeout")
    int waitEventInterruptibleTimeout(long queue, BooleanSupplier condition, int timeout);

    /**
     * Sleeps as {@link #waitEventInterruptible}, as an exclusive waiter: a wake-up reaches one of those. Task context.
     */
    @CName("wait_event_interruptible_exclusive")
    int waitEventInterruptibleExclusive(long queue, BooleanSupplier condition);

    /** Wakes all tasks of a queue but exclusive ones, and the one of those that has waited longest. Any context. */
    @CName("wake_up")
    void wakeUp(long queue);

    /** Wakes all tasks of a queue but exclusive ones, and so many of those. Any context. */
    @CName("wake_up_nr")
    void wakeUpNr(long queue, int exclusive);

    /** Returns whether a task waits on a queue. Any context. */
    @CName("waitqueue_active")
    boolean waitqueueActive(long queue);

    /** Wakes all tasks of a queue. Any context. */
    @CName("wake_up_all")
    void wakeUpAll(long queue);

    /** Puts the current task on a queue for an interruptible sleep. Task context. */
    @CName("prepare_to_wait")
    void prepareToWait(long queue);

    /** Puts the current task on a queue as an exclusive waiter, for an interruptible sleep. Task context. */
    @CName("prepare_to_wait_exclusive")
    void prepareToWaitExclusive(long queue);

    /** Takes the current task off a queue. Task context. */
    @CName("finish_wait")
    void finishWait(long queue);

    /**
     * Marks the current task as about to sleep, or as running: {@link #TASK_RUNNING} and the others. The next
     * {@link #schedule} or {@code schedule_timeout} sleeps then until the task is woken (LDD3 page 156). Task context.
     */
    @CName("set_current_state")
    void setCurrentState(int state);

    /** Gives the hart to another task. Task context; may sleep. */
    @CName("schedule")
    void schedule();

    /** Marks the current task as {@link #setCurrentState} does, without its order of accesses. Task context. */
    @CName("__set_current_state")
    void __setCurrentState(int state);

    /**
     * Lets other tasks of its hart run, and stays runnable (LDD3 page 193). A loop of it uses the hart as a busy wait
     * does, so drivers sleep until their condition holds. Task context; may sleep.
     */
    @CName("yield")
    void yield();

    /** Lets other harts run while the caller polls. Any context. */
    @CName("cpu_relax")
    void cpuRelax();

    /** Gives the hart to another task if that is due. In loops that take long. Task context; may sleep. */
    @CName("cond_resched")
    boolean condResched();

    /**
     * Makes a kernel task that may run on all harts. Task context; may sleep.
     *
     * @param entry text address of a {@link TaskEntry}
     * @return the task, or 0
     */
    @CName("kthread_run")
    long kthreadRun(String name, long entry, long argument);

    /**
     * Makes a kernel task that does not run before {@link #wakeUpProcess}. Task context; may sleep.
     *
     * @param entry text address of a {@link TaskEntry}
     * @return the task, or 0
     */
    @CName("kthread_create")
    long kthreadCreate(String name, long entry, long argument);

    /** Lets a task that has not run yet run on one hart only. Task context. */
    @CName("kthread_bind")
    void kthreadBind(long task, int hart);

    /** Wakes a task that sleeps, or starts one that {@link #kthreadCreate} has made. Any context. */
    @CName("wake_up_process")
    boolean wakeUpProcess(long task);

    /**
     * Sets the nice value of a task, from -20 (a large share of its hart) to 19. A value out of range changes nothing.
     * Any context.
     */
    @CName("set_user_nice")
    void setUserNice(long task, int nice);

    /** Returns the nice value of a task. Any context. */
    @CName("task_nice")
    int taskNice(long task);

    /**
     * Gives a task SCHED_FIFO with priority 50: it preempts all other tasks when it wakes, and keeps its hart until it
     * sleeps. A task that is woken by a task in an atomic section waits for the next interrupt. Any context.
     */
    @CName("sched_set_fifo")
    void schedSetFifo(long task);

    /** As {@link #schedSetFifo}, below all other tasks of SCHED_FIFO. Any context. */
    @CName("sched_set_fifo_low")
    void schedSetFifoLow(long task);

    /** Gives a task SCHED_NORMAL, as all tasks have at first, with this nice value. Any context. */
    @CName("sched_set_normal")
    void schedSetNormal(long task, int nice);

    /** Returns whether {@link #kthreadStop} was called for the current task, which ends then. Task context. */
    @CName("kthread_should_stop")
    boolean kthreadShouldStop();

    /**
     * Asks a kernel task to end, wakes it, and waits until it has. Task context; may sleep.
     *
     * @return its exit code; the task is gone then
     */
    @CName("kthread_stop")
    int kthreadStop(long task);

    /** Returns the task that calls; in an interrupt, the task that was interrupted (LDD3 page 21). Any context. */
    @CName("current")
    long current();

    /** Returns the number of a task, by which programs know it (LDD3 page 21, {@code pid}). Any context. */
    @CName("task_pid_nr")
    int taskPidNr(long task);

    /**
     * Stores the name of a task's program as text, which ends with a NUL (LDD3 page 21, {@code comm}). Any context.
     *
     * @param buffer has room for {@link #TASK_COMM_LEN} bytes
     * @return the buffer
     */
    @CName("get_task_comm")
    long getTaskComm(long buffer, long task);

    /** Returns whether the current task has a signal to take. Task context. */
    @CName("signal_pending")
    boolean signalPending();

    /**
     * Sends a signal to a task. Any context.
     *
     * @return 0, or {@code -ESRCH} if there is no such task
     */
    @CName("kill_pid")
    int killPid(int pid, int signal);
}
