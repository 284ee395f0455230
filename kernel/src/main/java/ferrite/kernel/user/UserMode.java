package ferrite.kernel.user;

import ferrite.hardware.bus.Access;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.sched.ProgramEntry;
import ferrite.kernel.sched.Scheduler;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.vm.FaultOutcome;
import ferrite.kernel.vm.UserFaults;

/**
 * The entry of a task that executes a program of machine code. It returns to U-mode, and handles the trap that ends
 * that: a system call, a page fault, an interrupt. At its restart point the program's registers are in its record
 * ({@link ProcessLayout}).
 */
final class UserMode implements ProgramEntry {

    private final UserServices services;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;
    private final Interrupts interrupts;
    private final UserFaults faults;
    private final SystemCalls calls;
    private final SignalDelivery signals;

    UserMode(UserServices services, Interrupts interrupts, SystemCalls calls, SignalDelivery signals) {
        this.services = services;
        this.memory = services.memory();
        this.cpu = services.cpu();
        this.scheduler = services.tasks().scheduler();
        this.interrupts = interrupts;
        this.faults = services.space().faults();
        this.calls = calls;
        this.signals = signals;
    }

    @Override
    public int run(long unused) {
        long process = services.process();
        Registers x = new Registers();
        x.load(memory, ProcessLayout.REGS.at(process));
        storeChildTid(process);
        return goOn(process, x, calls.endWait(process) ? calls.callAgain(process, x) : step(process, x));
    }

    @Override
    public int resume(ReadableMemory view, long task, long sp) {
        long process = TaskLayout.PROCESS.get(view, task);
        long start = ProcessLayout.VTIME_START.get(view, process);
        Registers x = new Registers();
        cpu.resumeUser(x.words());
        return goOn(process, x, handle(process, x, leave(x, task, sp, start)));
    }

    /** Executes the program until its task is to be at its restart point or to end. Returns as {@link #run} does. */
    private int goOn(long process, Registers x, long firstResult) {
        long result = firstResult;
        while (result != SystemCall.WAIT && result != SystemCall.YIELD && result < SystemCall.EXIT) {
            result = step(process, x);
        }
        if (result >= SystemCall.EXIT) {
            return (int) result & 0xff;
        }
        x.store(memory, ProcessLayout.REGS.at(process));
        return AGAIN;
    }

    /** The first act of a child of {@code clone} with CLONE_CHILD_SETTID. */
    private void storeChildTid(long process) {
        long address = ProcessLayout.SET_CHILD_TID.get(memory, process);
        if (address != 0) {
            ProcessLayout.SET_CHILD_TID.set(memory, process, 0);
            services.space().memory().put32(address, TaskLayout.PID.get(memory, cpu.tp()));
        }
    }

    /** Delivers signals, executes the program until it traps, and handles the trap. Returns as system calls do. */
    private long step(long process, Registers x) {
        int signal = signals.deliver(process, x);
        if (signal != 0) {
            TaskLayout.EXIT_SIGNAL.set(memory, cpu.tp(), signal);
            return SystemCall.EXIT | Signals.EXIT_STATUS + signal;
        }
        return handle(process, x, enter(process, x));
    }

    /** Handles a trap of the program. Interrupts are off. Returns as system calls do. */
    private long handle(long process, Registers x, int cause) {
        if (cause < 0) {
            interrupts.handle(cause);
            boolean due = scheduler.isRescheduleDue();
            cpu.irqEnable();
            return due ? SystemCall.YIELD : 0;
        }
        int tval = cpu.csrRead(Csrs.STVAL);
        cpu.irqEnable();
        if (cause == Trap.ECALL_FROM_U) {
            return calls.call(process, x);
        }
        fault(process, cause, tval & 0xffff_ffffL, x.pc());
        return 0;
    }

    /** Lets the hart execute the program until it traps. Returns the cause; interrupts are off. */
    private int enter(long process, Registers x) {
        long task = cpu.tp();
        long sp = cpu.sp();
        cpu.irqDisable();
        cpu.csrWrite(Csrs.SEPC, x.pc());
        cpu.csrClear(Csrs.SSTATUS, Csrs.SPP);
        cpu.csrSet(Csrs.SSTATUS, Csrs.SPIE);
        cpu.csrWrite(Csrs.SSCRATCH, (int) task);
        long start = cpu.time();
        ProcessLayout.VTIME_START.set(memory, process, start);
        cpu.runUser(x.words());
        return leave(x, task, sp, start);
    }

    /** Returns to the kernel after a trap. Returns the cause. */
    private int leave(Registers x, long task, long sp, long start) {
        cpu.setTp(task);
        cpu.setSp(sp);
        x.setPc(cpu.csrRead(Csrs.SEPC));
        TaskLayout.UTIME.add(memory, task, cpu.time() - start);
        return cpu.csrRead(Csrs.SCAUSE);
    }

    /** Handles an exception of the program. */
    private void fault(long process, int cause, long va, int pc) {
        switch (cause) {
            case Trap.INSTRUCTION_PAGE_FAULT -> pageFault(process, cause, va, pc, Access.FETCH);
            case Trap.LOAD_PAGE_FAULT -> pageFault(process, cause, va, pc, Access.LOAD);
            case Trap.STORE_PAGE_FAULT -> pageFault(process, cause, va, pc, Access.STORE);
            case Trap.BREAKPOINT ->
                    unhandled(process, SignalDelivery.SIGTRAP, SignalDelivery.TRAP_BRKPT, pc, cause, pc);
            case Trap.ILLEGAL_INSTRUCTION ->
                    unhandled(process, SignalDelivery.SIGILL, SignalDelivery.ILL_ILLOPC, pc, cause, pc);
            case Trap.LOAD_MISALIGNED, Trap.STORE_MISALIGNED ->
                    unhandled(process, SignalDelivery.SIGBUS, SignalDelivery.BUS_ADRALN, va, cause, pc);
            default -> unhandled(process, SignalDelivery.SIGSEGV, SignalDelivery.SEGV_ACCERR, va, cause, pc);
        }
    }

    private void pageFault(long process, int cause, long va, int pc, Access access) {
        FaultOutcome outcome = faults.handle(services.addressSpace(), va, access);
        switch (outcome) {
            case REPEAT -> { }
            case NO_AREA -> unhandled(process, SignalDelivery.SIGSEGV, SignalDelivery.SEGV_MAPERR, va, cause, pc);
            case NOT_ALLOWED -> unhandled(process, SignalDelivery.SIGSEGV, SignalDelivery.SEGV_ACCERR, va, cause, pc);
            case NOTHING_THERE -> unhandled(process, SignalDelivery.SIGBUS, SignalDelivery.BUS_ADRERR, va, cause, pc);
            case NO_MEMORY -> {
                services.base().log().print(KernLevels.KERN_ERR + "Out of memory: Killed process "
                        + TaskLayout.PID.get(memory, cpu.tp()) + " (" + TaskLayout.COMM.get(memory, cpu.tp()) + ")");
                signals.force(process, SignalDelivery.SIGKILL, 0, 0);
            }
        }
    }

    /** Sends a signal for a mistake of the program, with Linux's line in the log if nothing handles it. */
    private void unhandled(long process, int signal, int code, long va, int cause, int pc) {
        if (!signals.force(process, signal, code, va)) {
            services.base().log().info(name() + ": unhandled signal " + signal + " code 0x" + Integer.toHexString(code)
                    + " at " + Hex.address(va) + ", epc " + Hex.address(pc & 0xffff_ffffL) + ": " + Trap.name(cause));
        }
    }

    private String name() {
        return TaskLayout.COMM.get(memory, cpu.tp()) + "[" + TaskLayout.PID.get(memory, cpu.tp()) + "]";
    }
}
