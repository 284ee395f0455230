package ferrite.kernel.irq;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.DeviceMapper;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.StaticData;
import ferrite.kernel.sched.CrossCall;
import ferrite.kernel.sched.Ipi;
import ferrite.kernel.sched.KernelTimer;
import ferrite.kernel.sched.Scheduler;
import ferrite.kernel.sched.TaskSystem;

/**
 * Interrupts: the table of handlers (LDD3 pages 259-269), and the handling of an interrupt on a hart. The table is in
 * RAM, with an entry for each PLIC source.
 */
@Plumbing
public final class Interrupts {

    public static final int SOURCES = PerCpuLayout.SOURCES;
    /** The boot hart serves all devices. */
    private static final int SERVING_HART = 0;

    private static final int ENTRY_SIZE = 24;

    static final Struct ENTRY = Struct.of("irq_desc", ENTRY_SIZE);

    private static final Pointer HANDLER = ENTRY.function("handler", 0);
    private static final Pointer DATA = ENTRY.pointer("dev_id", 4, "void");
    private static final Pointer NAME = ENTRY.pointer("name", 8, "char");
    /** Not 0 from before the handler is looked up until the interrupt is complete. */
    private static final Word IN_PROGRESS = ENTRY.u32("in_progress", 12);

    /** The handler's calls, and how many of them it did not want, since the last {@value #NOTED_CALLS}. */
    private static final Word CALLS = ENTRY.u32("irq_count", 16);
    private static final Word UNHANDLED = ENTRY.u32("irqs_unhandled", 20);

    /** Linux's numbers. */
    private static final int NOTED_CALLS = 100_000;
    private static final int MAX_UNHANDLED = 99_900;

    private static final int TABLE_BYTES = 4 + SOURCES * ENTRY_SIZE;

    static final Struct TABLE = Struct.of("irq_table", TABLE_BYTES);

    private static final Embedded LOCK = TABLE.spinlock("lock", 0);
    private static final Embedded ENTRIES = TABLE.array("desc", 4, ENTRY, SOURCES);
    /** Memory that boot allocates for the table of handlers. */
    public static final StaticData STATIC_DATA = new StaticData(RootLayout.IRQ_TABLE, TABLE_BYTES);

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final TextTable text;
    private final Scheduler scheduler;
    private final KernelTimer timers;
    private final CrossCall crossCall;
    private final SpinLock locks;
    private final StringTable strings;
    private final KernelLog log;
    private final Violations violations;
    private final IrqChip chip;
    private final Ipi ipi;
    private final Tracepoint<Integer> events;
    private final long table;

    /** Makes the view of a table that boot has allocated: {@link #TABLE_BYTES} zeroed bytes. */
    public Interrupts(KernelBase base, TaskSystem tasks) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.text = base.text();
        this.scheduler = tasks.scheduler();
        this.timers = tasks.timers();
        this.crossCall = tasks.crossCall();
        this.locks = base.locks();
        this.strings = base.strings();
        this.log = base.log();
        this.violations = base.violations();
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

    /**
     * {@code request_irq}. Task context.
     *
     * @param handler text address of an {@link IrqHandler}
     * @param name    as {@code /proc/interrupts} shows it
     * @param data    the handler's argument
     * @return 0, or a negative {@link Errno}: EINVAL if there is no such source, EBUSY if it has a handler
     */
    public int requestIrq(int irq, long handler, String name, long data) {
        context.mightSleep("request_irq", "request the interrupt when the driver probes");
        if (irq < 1 || irq >= SOURCES) {
            return -Errno.EINVAL;
        }
        long nameAddress = strings.intern(name);
        int flags = locks.lockIrqSave(LOCK.at(table));
        boolean busy = HANDLER.get(memory, entry(irq)) != 0 || IN_PROGRESS.get(memory, entry(irq)) != 0;
        if (!busy) {
            DATA.set(memory, entry(irq), data);
            NAME.set(memory, entry(irq), nameAddress);
            HANDLER.set(memory, entry(irq), handler);
            chip.enable(irq, SERVING_HART);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return busy ? -Errno.EBUSY : 0;
    }

    /**
     * {@code free_irq}: removes a handler. When it returns, the handler is not running on any hart. Task context.
     *
     * @throws KernelBug if the interrupt has no handler, or if an interrupt handler calls this, which could wait for
     *         itself
     */
    public void freeIrq(int irq) {
        if ((TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) & TaskLayout.HARDIRQ) != 0) {
            throw new KernelBug("free_irq of interrupt " + irq
                    + " by an interrupt handler; call it from a task, which can wait for the handler to end");
        }
        context.mightSleep("free_irq",
                "free the interrupt outside the atomic section: free_irq waits for a running handler");
        if (irq < 1 || irq >= SOURCES || !takeHandlerAway(irq)) {
            throw new KernelBug("free_irq of interrupt " + irq
                    + ", which was not requested; call request_irq first, and free_irq once");
        }
        awaitHandler(irq);
    }

    /** {@code synchronize_irq}: waits until the handler is not running on any hart. Task context. */
    public void synchronizeIrq(int irq) {
        if (irq >= 1 && irq < SOURCES) {
            awaitHandler(irq);
        }
    }

    private void awaitHandler(int irq) {
        while (IN_PROGRESS.get(memory, entry(irq)) != 0) {
            cpu.relax();
        }
    }

    private boolean takeHandlerAway(int irq) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        boolean requested = HANDLER.get(memory, entry(irq)) != 0;
        if (requested) {
            chip.disable(irq, SERVING_HART);
            HANDLER.set(memory, entry(irq), 0);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return requested;
    }

    private long entry(int irq) {
        return ENTRIES.at(table, irq);
    }

    // ---- handling: interrupts are off until the trap returns ----

    /** Handles an interrupt trap. */
    public void handle(int cause) {
        addToPreemptCount(TaskLayout.HARDIRQ);
        switch (cause & ~Trap.INTERRUPT) {
            case Trap.SUPERVISOR_TIMER -> timers.interrupt();
            case Trap.SUPERVISOR_SOFTWARE -> {
                cpu.csrClear(Csrs.SIP, 1 << Trap.SUPERVISOR_SOFTWARE);
                scheduler.rescheduleInterrupt();
                crossCall.interrupt();
            }
            default -> handleExternal();
        }
        addToPreemptCount(-TaskLayout.HARDIRQ);
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
            long handler = HANDLER.get(memory, entry(irq));
            if (handler != 0) {
                PerCpuLayout.CURRENT_IRQ.set(memory, scheduler.record(hart), irq);
                PerCpuLayout.CURRENT_HANDLER.set(memory, scheduler.record(hart), handler);
                call(handler, irq);
                PerCpuLayout.CURRENT_IRQ.set(memory, scheduler.record(hart), 0);
            }
            chip.complete(irq, hart);
            if (HANDLER.get(memory, entry(irq)) == 0) {
                completeFreed(irq, hart);
            }
            IN_PROGRESS.set(memory, entry(irq), 0);
        }
    }

    /**
     * Completes an interrupt of a disabled source. The PLIC ignores completions of disabled sources (chapter 9),
     * and would block the source for ever.
     */
    private void completeFreed(int irq, int hart) {
        locks.lock(LOCK.at(table));
        chip.enable(irq, hart);
        chip.complete(irq, hart);
        chip.disable(irq, hart);
        locks.unlock(LOCK.at(table));
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
            log.print("irq " + irq + ": nobody cared");
            log.print("Disabling IRQ #" + irq);
            chip.disable(irq, SERVING_HART);
            violations.at(Rule.IRQ_NOBODY_CARED, "interrupt " + irq + " came " + calls + " times, and "
                    + text.name(handler) + " did not want it " + unhandled + " times", text.name(handler), "")
                    .line("why", "the device asks until it is acknowledged, and this hart does nothing else")
                    .line("instead", Rule.IRQ_NOBODY_CARED.right()).number("irq", irq).report();
        }
    }

    /** Calls a handler. An exception in it panics, because a handler has no task that could be ended. */
    private void call(long handler, int irq) {
        Context.Entered entered = context.enter();
        IrqHandler code = null;
        try {
            code = text.at(handler, IrqHandler.class);
            boolean handled = code.handle(irq, DATA.get(memory, entry(irq)));
            note(irq, handler, handled);
            context.leave(() -> "the interrupt handler " + text.name(handler), entered);
        } catch (RuntimeException bug) {
            if (code != null && !(bug instanceof KernelBug known && known.isTold())) {
                violations.oops("interrupt handler " + text.name(handler) + ": " + bug, CallSite.of(bug))
                        .line("instead", Rule.OOPS.right()).report();
            }
            throw new KernelPanic("interrupt handler " + text.name(handler) + ": " + bug + " at " + CallSite.of(bug));
        }
    }

    // ---- looking ----

    /** Returns the name given to {@code request_irq} for a source, or null. */
    public String name(ReadableMemory view, int irq) {
        return HANDLER.get(view, entry(irq)) == 0 ? null : StringTable.read(view, NAME.get(view, entry(irq)));
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
