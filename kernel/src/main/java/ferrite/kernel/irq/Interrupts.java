package ferrite.kernel.irq;

import static ferrite.kernel.irq.IrqActionLayout.DEV_ID;
import static ferrite.kernel.irq.IrqActionLayout.FLAGS;
import static ferrite.kernel.irq.IrqActionLayout.HANDLER;
import static ferrite.kernel.irq.IrqActionLayout.IRQ;
import static ferrite.kernel.irq.IrqActionLayout.NAME;
import static ferrite.kernel.irq.IrqActionLayout.NEXT;
import static ferrite.kernel.irq.IrqDescLayout.ACTION;
import static ferrite.kernel.irq.IrqDescLayout.CALLS;
import static ferrite.kernel.irq.IrqDescLayout.DEPTH;
import static ferrite.kernel.irq.IrqDescLayout.IN_PROGRESS;
import static ferrite.kernel.irq.IrqDescLayout.UNHANDLED;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Callbacks;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.DeviceMapper;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.StaticData;
import ferrite.kernel.sched.CrossCall;
import ferrite.kernel.sched.Ipi;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.LogWait;
import ferrite.kernel.sched.Scheduler;
import ferrite.kernel.sched.Softirq;
import ferrite.kernel.sched.TaskStacks;
import ferrite.kernel.sched.TaskSystem;

/**
 * Interrupts: the table of sources and their handlers (LDD3 pages 258-283), and the handling of an interrupt on a hart.
 * The table is in RAM, with an entry for each PLIC source.
 */
@Plumbing
public final class Interrupts {

    public static final int SOURCES = PerCpuLayout.SOURCES;
    /** The boot hart serves all devices. */
    private static final int SERVING_HART = 0;

    /** Linux's numbers. */
    private static final int NOTED_CALLS = 100_000;
    private static final int MAX_UNHANDLED = 99_900;
    /** Names of a shared interrupt that are shown. The list may be damaged, and without end. */
    private static final int MAX_SHOWN = 64;

    private static final int TABLE_BYTES = 4 + SOURCES * IrqDescLayout.SIZE;

    static final Struct TABLE = Struct.of("irq_table", TABLE_BYTES);

    private static final Embedded LOCK = TABLE.spinlock("lock", 0);
    static final Embedded ENTRIES = TABLE.array("desc", 4, IrqDescLayout.STRUCT, SOURCES);
    /** Memory that boot allocates for the table of handlers. */
    public static final StaticData STATIC_DATA = new StaticData(RootLayout.IRQ_TABLE, TABLE_BYTES);

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final Scheduler scheduler;
    private final KernelTimer timers;
    private final CrossCall crossCall;
    private final LogWait logWait;
    private final Softirq softirqs;
    private final TaskStacks stacks;
    private final SpinLock locks;
    private final StringTable strings;
    private final KernelLog log;
    private final Violations violations;
    private final Callbacks callbacks;
    private final Kmalloc kmalloc;
    private final IrqThreads threads;
    private final IrqChip chip;
    private final Ipi ipi;
    private final Tracepoint<Integer> events;
    private final long table;

    /** Makes the view of a table that boot has allocated: {@link #TABLE_BYTES} zeroed bytes. */
    public Interrupts(KernelBase base, TaskSystem tasks, Kmalloc kmalloc) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.text = base.text();
        this.scheduler = tasks.scheduler();
        this.timers = tasks.timers();
        this.crossCall = tasks.crossCall();
        this.logWait = tasks.logWait();
        this.softirqs = tasks.softirqs();
        this.stacks = tasks.stacks();
        this.locks = base.locks();
        this.strings = base.strings();
        this.log = base.log();
        this.violations = base.violations();
        this.callbacks = new Callbacks(base);
        this.kmalloc = kmalloc;
        this.threads = new IrqThreads(base, tasks, this::completeLate);
        this.chip = new IrqChip(base);
        this.ipi = tasks.ipi();
        this.events = base.events().interrupts();
        this.table = base.rootAddress(RootLayout.IRQ_TABLE);
    }

    /** Maps the registers of the PLIC and the SSWI, and lets the boot hart take interrupts. */
    public void boot(DeviceMapper devices) {
        chip.registers().mappedAt(devices.map("plic_init", "sifive,plic-1.0.0", "riscv,plic0"));
        ipi.registers().mappedAt(devices.map("aclint_sswi_init", "riscv,aclint-sswi"));
        enableOnThisHart();
        cpu.irqEnable();
    }

    /** Lets this hart take the interrupts of S-mode, once it enables them. */
    public void enableOnThisHart() {
        cpu.csrWrite(Csrs.SIE,
                1 << Trap.SUPERVISOR_SOFTWARE | 1 << Trap.SUPERVISOR_TIMER | 1 << Trap.SUPERVISOR_EXTERNAL);
    }

    // ---- requesting ----

    /**
     * {@code request_threaded_irq}, and {@code request_irq} without a thread. Task context; may sleep.
     *
     * @param handler  text address of an {@link IrqHandler}; 0 to wake the thread each time
     * @param threadFn text address of an {@link IrqHandler} that a task of its own calls after {@code
     *                 IRQ_WAKE_THREAD}, or 0
     * @param flags    of {@link IrqFlags}
     * @param name     as {@code /proc/interrupts} shows it
     * @param devId    the handler's argument, which tells handlers of a shared interrupt apart
     * @return 0, or a negative {@link Errno}: EINVAL if there is no such source, or the flags do not fit; EBUSY if it
     *         has a handler and not both share it; ENOMEM
     */
    public int request(int irq, long handler, long threadFn, int flags, String name, long devId) {
        context.mightSleep("request_irq", "request the interrupt when the driver probes");
        boolean shared = (flags & IrqFlags.IRQF_SHARED) != 0;
        boolean oneshot = (flags & IrqFlags.IRQF_ONESHOT) != 0;
        if (irq < 1 || irq >= SOURCES || shared && devId == 0 || handler == 0 && (threadFn == 0 || !oneshot)) {
            return -Errno.EINVAL;
        }
        long action = kmalloc.kzalloc(IrqActionLayout.SIZE, Gfp.GFP_KERNEL);
        if (action == 0) {
            return -Errno.ENOMEM;
        }
        HANDLER.set(memory, action, handler);
        DEV_ID.set(memory, action, devId);
        NAME.set(memory, action, strings.intern(name));
        FLAGS.set(memory, action, flags);
        IRQ.set(memory, action, irq);
        int result = threadFn == 0 ? 0 : threads.make(action, irq, name, threadFn);
        if (result == 0 && !install(irq, action, flags)) {
            threads.stop(action);
            result = -Errno.EBUSY;
        }
        if (result != 0) {
            kmalloc.kfree(action);
        }
        return result;
    }

    /** Adds a handler to those of its source. Returns false if they do not share it. */
    private boolean install(int irq, long action, int flags) {
        int mustAgree = IrqFlags.IRQF_SHARED | IrqFlags.IRQF_ONESHOT;
        int irqs = locks.lockIrqSave(LOCK.at(table));
        long first = ACTION.get(memory, entry(irq));
        boolean fits = first == 0 ? IN_PROGRESS.get(memory, entry(irq)) == 0
                : (flags & IrqFlags.IRQF_SHARED) != 0 && ((FLAGS.get(memory, first) ^ flags) & mustAgree) == 0;
        if (fits && first == 0) {
            DEPTH.set(memory, entry(irq), (flags & IrqFlags.IRQF_NO_AUTOEN) != 0 ? 1 : 0);
        }
        if (fits) {
            memory.storeAddress(linkTo(irq, 0), action);
            setEnabled(irq);
        }
        locks.unlockIrqRestore(LOCK.at(table), irqs);
        return fits;
    }

    /** {@code can_request_irq}: whether a handler with these flags would be added to a source now. Any context. */
    public boolean canRequest(int irq, int flags) {
        if (irq < 1 || irq >= SOURCES) {
            return false;
        }
        int irqs = locks.lockIrqSave(LOCK.at(table));
        long first = ACTION.get(memory, entry(irq));
        boolean can = first == 0 || (FLAGS.get(memory, first) & flags & IrqFlags.IRQF_SHARED) != 0;
        locks.unlockIrqRestore(LOCK.at(table), irqs);
        return can;
    }

    /** Enables a source that has no handler, for {@link IrqProbe}. Returns false for others. */
    boolean watch(int irq) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        boolean free = ACTION.get(memory, entry(irq)) == 0 && !chip.isEnabled(irq, SERVING_HART);
        if (free) {
            chip.enable(irq, SERVING_HART);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return free;
    }

    /**
     * Returns whether a source of {@link #watch} has raised an interrupt, which has disabled it.
     *
     * @param ends whether it is disabled in any case
     */
    boolean hasFired(int irq, boolean ends) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        boolean watched = ACTION.get(memory, entry(irq)) == 0;
        boolean fired = watched && !chip.isEnabled(irq, SERVING_HART);
        if (watched && ends) {
            chip.disable(irq, SERVING_HART);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return fired;
    }

    /** Returns where the address of an action stands, or the 0 past the last one. The table is locked. */
    private long linkTo(int irq, long action) {
        long link = ACTION.at(entry(irq));
        for (long at = memory.loadAddress(link); at != action; at = memory.loadAddress(link)) {
            if (at == 0) {
                return 0;
            }
            link = NEXT.at(at);
        }
        return link;
    }

    /** Enables a source that has a handler and is not disabled, and disables others. The table is locked. */
    private void setEnabled(int irq) {
        if (isEnabled(irq)) {
            chip.enable(irq, SERVING_HART);
        } else {
            chip.disable(irq, SERVING_HART);
        }
    }

    private boolean isEnabled(int irq) {
        return ACTION.get(memory, entry(irq)) != 0 && DEPTH.get(memory, entry(irq)) == 0;
    }

    /** Returns the first handler of a source, or 0. Only looks. */
    public long firstAction(int irq) {
        return irq < 1 || irq >= SOURCES ? 0 : ACTION.get(violations.peek(), entry(irq));
    }

    /** Finds the handler of a source with a {@code dev_id}; 0 if there is none. */
    public long action(int irq, long devId) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        long action = irq < 1 || irq >= SOURCES ? 0 : ACTION.get(memory, entry(irq));
        while (action != 0 && DEV_ID.get(memory, action) != devId) {
            action = NEXT.get(memory, action);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return action;
    }

    /**
     * {@code free_irq}: removes a handler. When it returns, the handler is not running on any hart, nor its thread.
     * Task context.
     *
     * @throws KernelBug if the interrupt has no such handler, or if an interrupt handler calls this, which could wait
     *         for itself
     */
    public void freeIrq(int irq, long devId) {
        if ((TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) & TaskLayout.HARDIRQ_MASK) != 0) {
            throw new KernelBug("free_irq of interrupt " + irq
                    + " by an interrupt handler; call it from a task, which can wait for the handler to end");
        }
        context.mightSleep("free_irq",
                "free the interrupt outside the atomic section: free_irq waits for a running handler");
        long action = action(irq, devId);
        if (action == 0) {
            throw new KernelBug("free_irq of interrupt " + irq + " with dev_id " + Hex.grouped(devId)
                    + ", which was not requested; call request_irq first, and free_irq once with the same dev_id");
        }
        freeAction(action);
    }

    /** Removes a handler, see {@link #freeIrq}. */
    public void freeAction(long action) {
        int irq = IRQ.get(memory, action);
        int flags = locks.lockIrqSave(LOCK.at(table));
        memory.storeAddress(linkTo(irq, action), NEXT.get(memory, action));
        setEnabled(irq);
        locks.unlockIrqRestore(LOCK.at(table), flags);
        awaitHandlers(irq);
        threads.stop(action);
        kmalloc.kfree(action);
    }

    // ---- disabling ----

    /** {@code disable_irq_nosync}: no handler of the source runs until {@link #enable}; nests. Any context. */
    public void disableNosync(int irq) {
        requireSource("disable_irq", irq);
        int flags = locks.lockIrqSave(LOCK.at(table));
        DEPTH.add(memory, entry(irq), 1);
        setEnabled(irq);
        locks.unlockIrqRestore(LOCK.at(table), flags);
    }

    /** {@code disable_irq}: as {@link #disableNosync}; waits until no handler and no thread of the source runs. */
    public void disable(int irq) {
        if (!context.inHardirq()) {
            context.mightSleep("disable_irq", "call disable_irq_nosync in atomic sections");
        }
        disableNosync(irq);
        synchronizeIrq(irq);
    }

    /**
     * {@code enable_irq}: undoes one {@code disable_irq}. Any context.
     *
     * @throws KernelBug if the source is not disabled
     */
    public void enable(int irq) {
        requireSource("enable_irq", irq);
        int flags = locks.lockIrqSave(LOCK.at(table));
        int depth = DEPTH.get(memory, entry(irq));
        if (depth > 0) {
            DEPTH.set(memory, entry(irq), depth - 1);
            setEnabled(irq);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        if (depth == 0) {
            throw new KernelBug("unbalanced enable_irq of interrupt " + irq
                    + ", which is not disabled; call it once for each disable_irq");
        }
    }

    private void requireSource(String call, int irq) {
        if (irq < 1 || irq >= SOURCES) {
            throw new KernelBug(call + " of interrupt " + irq + ", which does not exist; sources are 1 to "
                    + (SOURCES - 1));
        }
    }

    /** {@code synchronize_irq}: waits until no handler of the source runs on any hart, nor a thread. Task context. */
    public void synchronizeIrq(int irq) {
        if (irq >= 1 && irq < SOURCES) {
            if (context.inHardirq()) {
                throw new KernelBug("synchronize_irq or disable_irq of interrupt " + irq
                        + " by an interrupt handler, which could wait for itself; call disable_irq_nosync");
            }
            awaitHandlers(irq);
            if (!threads.isOwn(irq, entry(irq))) {
                threads.await(entry(irq));
            }
        }
    }

    private void awaitHandlers(int irq) {
        context.awaitsFunction(entry(irq), "waiting for the handlers of interrupt " + irq, true);
        while (IN_PROGRESS.get(memory, entry(irq)) != 0) {
            cpu.relax();
        }
        context.functionAwaited();
    }

    private long entry(int irq) {
        return ENTRIES.at(table, irq);
    }

    // ---- handling: interrupts are off until the trap returns ----

    /** Handles an interrupt trap. */
    public void handle(int cause) {
        scheduler.irqTime().boundary();
        long sp = stacks.enterIrq();
        addToPreemptCount(TaskLayout.HARDIRQ);
        switch (cause & ~Trap.INTERRUPT) {
            case Trap.SUPERVISOR_TIMER -> timers.interrupt();
            case Trap.SUPERVISOR_SOFTWARE -> {
                cpu.csrClear(Csrs.SIP, 1 << Trap.SUPERVISOR_SOFTWARE);
                scheduler.rescheduleInterrupt();
                crossCall.interrupt();
                logWait.interrupt();
            }
            default -> handleExternal();
        }
        scheduler.irqTime().boundary();
        addToPreemptCount(-TaskLayout.HARDIRQ);
        softirqs.afterInterrupt();
        stacks.leaveIrq(sp);
    }

    private void addToPreemptCount(int change) {
        long count = TaskLayout.PREEMPT_COUNT.at(cpu.tp());
        memory.store32(count, memory.load32(count) + change);
    }

    private void handleExternal() {
        int hart = cpu.hartId();
        for (int irq = chip.claim(hart); irq != 0; irq = chip.claim(hart)) {
            if (events.isOn()) {
                events.tell(irq);
                cpu.haltHere();
            }
            PerCpuLayout.IRQ_COUNTS.add(memory, scheduler.record(hart), irq, 1);
            IN_PROGRESS.set(memory, entry(irq), 1);
            PerCpuLayout.CURRENT_IRQ.set(memory, scheduler.record(hart), irq);
            boolean done = callHandlers(irq, hart);
            PerCpuLayout.CURRENT_IRQ.set(memory, scheduler.record(hart), 0);
            if (done) {
                complete(irq);
            }
            IN_PROGRESS.set(memory, entry(irq), 0);
        }
    }

    /**
     * Calls all handlers of a source, because each of its devices may have raised it. Returns false if a thread has to
     * complete it.
     */
    private boolean callHandlers(int irq, int hart) {
        boolean handled = false;
        boolean done = true;
        long last = 0;
        for (long action = ACTION.get(memory, entry(irq)); action != 0; action = NEXT.get(memory, action)) {
            long handler = HANDLER.get(memory, action);
            PerCpuLayout.CURRENT_HANDLER.set(memory, scheduler.record(hart), handler);
            IrqReturn result = handler == 0 ? IrqReturn.IRQ_WAKE_THREAD : call(handler, irq, action);
            if (result == IrqReturn.IRQ_WAKE_THREAD) {
                threads.wake(entry(irq), action);
                done &= !threads.isOneshot(action);
            }
            handled |= result != IrqReturn.IRQ_NONE;
            last = handler;
        }
        if (last != 0) {
            note(irq, last, handled);
        }
        return done;
    }

    /**
     * Completes an interrupt, so that the source may raise the next. The PLIC ignores completions of disabled sources
     * (chapter 9), and would block the source for ever.
     */
    private void complete(int irq) {
        chip.complete(irq, SERVING_HART);
        if (!isEnabled(irq)) {
            locks.lock(LOCK.at(table));
            chip.enable(irq, SERVING_HART);
            chip.complete(irq, SERVING_HART);
            setEnabled(irq);
            locks.unlock(LOCK.at(table));
        }
    }

    /** Completes an interrupt whose last thread has ended. Task context. */
    private void completeLate(int irq) {
        int flags = cpu.irqSave();
        complete(irq);
        cpu.irqRestore(flags);
    }

    /**
     * Counts the interrupts of a source that its handler did not want, and switches the source off if nearly all are
     * such (Linux's {@code note_interrupt}).
     */
    private void note(int irq, long handler, boolean handled) {
        int calls = CALLS.get(memory, entry(irq)) + 1;
        int unhandled = UNHANDLED.get(memory, entry(irq)) + (handled ? 0 : 1);
        CALLS.set(memory, entry(irq), calls);
        UNHANDLED.set(memory, entry(irq), unhandled);
        if (calls < NOTED_CALLS) {
            return;
        }
        CALLS.set(memory, entry(irq), 0);
        UNHANDLED.set(memory, entry(irq), 0);
        if (unhandled > MAX_UNHANDLED) {
            log.print(KernLevels.KERN_ERR + "irq " + irq + ": nobody cared");
            log.print(KernLevels.KERN_EMERG + "Disabling IRQ #" + irq);
            chip.disable(irq, SERVING_HART);
            violations.at(Rule.IRQ_NOBODY_CARED, "interrupt " + irq + " came " + calls + " times, and "
                    + text.name(handler) + " did not want it " + unhandled + " times", text.name(handler), "")
                    .line("why", "the device asks until it is acknowledged, and this hart does nothing else")
                    .line("instead", Rule.IRQ_NOBODY_CARED.right()).number("irq", irq).report();
        }
    }

    private IrqReturn call(long handler, int irq, long action) {
        IrqReturn[] result = new IrqReturn[1];
        context.functionBegins(entry(irq), "the interrupt's handler", handler);
        callbacks.call("the interrupt handler", handler,
                () -> result[0] = text.at(handler, IrqHandler.class).handle(irq, DEV_ID.get(memory, action)));
        context.functionEnded(entry(irq));
        return result[0];
    }

    // ---- looking ----

    /** The spinlock that keeps the handlers of all sources. */
    public long lock() {
        return LOCK.at(table);
    }

    /** Returns the names given to {@code request_irq} for a source, with commas, or null if there are none. */
    public String name(ReadableMemory view, int irq) {
        StringBuilder names = new StringBuilder();
        long action = ACTION.get(view, entry(irq));
        for (int i = 0; action != 0 && i < MAX_SHOWN; i++) {
            names.append(i == 0 ? "" : ", ").append(StringTable.read(view, NAME.get(view, action)));
            action = NEXT.get(view, action);
        }
        return names.length() == 0 ? null : names.toString();
    }

    /** Returns how many interrupts of a source a hart has handled. */
    public long count(ReadableMemory view, int irq, int hart) {
        return PerCpuLayout.IRQ_COUNTS.get(view, scheduler.record(hart), irq);
    }

    public long timerCount(ReadableMemory view, int hart) {
        return PerCpuLayout.TIMER_COUNT.get(view, scheduler.record(hart));
    }

    public long ipiCount(ReadableMemory view, int hart) {
        return PerCpuLayout.IPI_COUNT.get(view, scheduler.record(hart));
    }
}
