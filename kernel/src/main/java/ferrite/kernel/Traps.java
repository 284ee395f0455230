package ferrite.kernel;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserMemory;

/** The traps of a hart that executes the kernel: interrupts, and faults of the kernel's accesses. */
@Plumbing
final class Traps {

    private final Machine machine;
    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TaskSystem tasks;
    private final UserMemory user;
    private final Interrupts interrupts;

    Traps(Machine machine, KernelBase base, TaskSystem tasks, UserMemory user, Interrupts interrupts) {
        this.machine = machine;
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.tasks = tasks;
        this.user = user;
        this.interrupts = interrupts;
    }

    /** Handles a trap, and returns from it with SRET. Interrupts are off. */
    void handle(int cause, int tval) {
        int sepc = cpu.csrRead(Csrs.SEPC);
        int sstatus = cpu.csrRead(Csrs.SSTATUS);
        RuntimeException thrown = null;
        if (cause < 0) {
            interrupt(cause, sstatus);
        } else if (user.isOurs(cause, Integer.toUnsignedLong(tval), sstatus)) {
            thrown = programsFault(cause, Integer.toUnsignedLong(tval), sstatus);
        } else {
            FaultEvent.tell(machine, cause, tval, sepc);
            tasks.tasks().fault(cause, tval);
        }
        cpu.csrWrite(Csrs.SEPC, sepc);
        cpu.csrWrite(Csrs.SSTATUS, sstatus);
        cpu.sret();
        if (thrown != null) {
            throw thrown;
        }
    }

    /** Handles an interrupt, and lets another task run if that is due. */
    private void interrupt(int cause, int sstatus) {
        if ((sstatus & Csrs.SUM) != 0) {
            cpu.csrClear(Csrs.SSTATUS, Csrs.SUM);      // the access to a program's memory goes on later
        }
        interrupts.handle(cause);
        if (TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) == 0) {
            tasks.scheduler().preemptIfDue();
        }
    }

    /** Brings in a page of a program that the kernel accesses for it. Returns what to throw through the access. */
    private RuntimeException programsFault(int cause, long va, int sstatus) {
        boolean atomic = (sstatus & Csrs.SPIE) == 0 || TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp()) != 0;
        cpu.csrClear(Csrs.SSTATUS, Csrs.SUM);
        if (atomic) {
            return user.bringIn(cause, va, true);
        }
        cpu.irqEnable();
        RuntimeException thrown = user.bringIn(cause, va, false);
        cpu.irqDisable();
        return thrown;
    }
}
