package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.irq.IrqFlags;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.TimerFunction;

/** Interrupts (LDD3 pages 258-283), softirqs and tasklets (pages 204 and 275). */
@DriverApi
public interface InterruptCalls {

    /**
     * Installs a handler of an interrupt (LDD3 page 259). Task context; may sleep.
     *
     * @param handler text address of an {@link IrqHandler}
     * @param flags   of {@link IrqFlags}; 0 for an interrupt that is not shared
     * @param name    for {@code /proc/interrupts}
     * @param devId   given to the handler; not 0, and the driver's own, if the interrupt is shared
     * @return 0, -EINVAL for a source that does not exist or flags that do not fit, -EBUSY for a source that has a
     *         handler and is not shared by both, -ENOMEM
     */
    @CName("request_irq")
    int requestIrq(int irq, long handler, int flags, String name, long devId);

    /**
     * Installs a handler with a thread: a task that calls a second function when the handler has returned {@code
     * IRQ_WAKE_THREAD}. That function may sleep. Task context; may sleep.
     *
     * @param handler  text address of an {@link IrqHandler}; 0 to wake the thread each time, with {@code IRQF_ONESHOT}
     * @param threadFn text address of an {@link IrqHandler}
     * @return as {@link #requestIrq}
     */
    @CName("request_threaded_irq")
    int requestThreadedIrq(int irq, long handler, long threadFn, int flags, String name, long devId);

    /**
     * Removes a handler of an interrupt. It does not run any more, on any hart, when this returns, nor its thread. Task
     * context; may sleep.
     *
     * @param devId as it was given to {@link #requestIrq}
     * @throws ferrite.kernel.base.KernelBug if there is no such handler, or an interrupt handler calls this
     */
    @CName("free_irq")
    void freeIrq(int irq, long devId);

    /** Waits until the handlers of an interrupt do not run on any hart, nor their threads. Task context. */
    @CName("synchronize_irq")
    void synchronizeIrq(int irq);

    /** Keeps an interrupt from its handlers, and waits until none of them runs; nests (LDD3 page 273). Task context. */
    @CName("disable_irq")
    void disableIrq(int irq);

    /**
     * Returns whether an interrupt may be requested now: it has no handler, or all that it has share it, as these flags
     * do (LDD3 page 261). Another driver may be first nevertheless. Any context.
     *
     * @param flags of {@link ferrite.kernel.irq.IrqFlags}
     */
    @CName("can_request_irq")
    boolean canRequestIrq(int irq, int flags);

    /**
     * Begins to search for the interrupt of a device that does not say its number (LDD3 page 266): watches all sources
     * without a handler. The driver then lets its device raise an interrupt, and calls {@link #probeIrqOff}. Takes 100
     * ms. Task context; may sleep.
     *
     * @return the sources, a bit for each
     */
    @CName("probe_irq_on")
    int probeIrqOn();

    /**
     * Ends the search of {@link #probeIrqOn}. The device raises no interrupt any more. Task context.
     *
     * @param watched the sources, as {@link #probeIrqOn} returned them
     * @return the source that has raised an interrupt; 0 for none; a negative number for several
     */
    @CName("probe_irq_off")
    int probeIrqOff(int watched);

    /** Keeps an interrupt from its handlers; nests. Any context. */
    @CName("disable_irq_nosync")
    void disableIrqNosync(int irq);

    /**
     * Undoes one {@link #disableIrq}. An interrupt that came meanwhile is handled then. Any context.
     *
     * @throws ferrite.kernel.base.KernelBug if the interrupt is not disabled
     */
    @CName("enable_irq")
    void enableIrq(int irq);

    /** Returns whether an interrupt or softirq is served, or softirqs are disabled (LDD3 page 198). Any context. */
    @CName("in_interrupt")
    boolean inInterrupt();

    /** Returns whether an interrupt is served. Any context. */
    @CName("in_hardirq")
    boolean inHardirq();

    /** Returns whether a softirq is served, and no interrupt on top of it. Any context. */
    @CName("in_serving_softirq")
    boolean inServingSoftirq();

    /** Returns whether a softirq is served, or softirqs are disabled (LDD3 page 198). Any context. */
    @CName("in_softirq")
    boolean inSoftirq();

    /** Keeps softirqs off this hart until {@link #localBhEnable}; nests. The caller must not sleep. Any context. */
    @CName("local_bh_disable")
    void localBhDisable();

    /** Undoes one {@link #localBhDisable}; interrupts are on. Any context but interrupt handlers. */
    @CName("local_bh_enable")
    void localBhEnable();

    /**
     * Gives a tasklet, {@link TaskletLayout#SIZE} bytes, its function and argument. Any context.
     *
     * @param function text address of a {@link TimerFunction}, which a softirq calls
     */
    @CName("tasklet_init")
    void taskletInit(long tasklet, long function, long data);

    /** Lets a tasklet run soon on this hart: once, however often this is called before. Any context. */
    @CName("tasklet_schedule")
    void taskletSchedule(long tasklet);

    /** Lets a tasklet run soon on this hart, before timers and other tasklets. Any context. */
    @CName("tasklet_hi_schedule")
    void taskletHiSchedule(long tasklet);

    /** Keeps a tasklet from running until {@link #taskletEnable}, and waits until it does not; nests. Task context. */
    @CName("tasklet_disable")
    void taskletDisable(long tasklet);

    /** Keeps a tasklet from running until {@link #taskletEnable}; nests. Any context. */
    @CName("tasklet_disable_nosync")
    void taskletDisableNosync(long tasklet);

    /**
     * Undoes one {@link #taskletDisable}. Any context.
     *
     * @throws ferrite.kernel.base.KernelBug if the tasklet is not disabled
     */
    @CName("tasklet_enable")
    void taskletEnable(long tasklet);

    /**
     * Waits until a tasklet is neither scheduled nor running; the code that schedules it was stopped before. Task
     * context; may sleep.
     *
     * @throws ferrite.kernel.base.KernelBug if the tasklet is scheduled and disabled, so that this would never return
     */
    @CName("tasklet_kill")
    void taskletKill(long tasklet);
}
