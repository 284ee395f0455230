package ferrite.kernel.sched;

import static ferrite.kernel.base.TaskLayout.COMM;
import static ferrite.kernel.base.TaskLayout.FLAGS;
import static ferrite.kernel.base.TaskLayout.PID;
import static ferrite.kernel.base.TaskLayout.PREEMPT_COUNT;

import ferrite.hardware.bus.HostMemoryExhausted;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.Turn;
import ferrite.hardware.turn.Unwind;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.core.Oopses;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.JavaStack;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * The end of a task after a fault or an exception: the report, and a panic where a task cannot be ended. All methods
 * are called on the task's own stack.
 */
@Plumbing
final class TaskOops {

    /** Types that are caught. A full heap could not load their classes. */
    private static final List<Class<?>> CAUGHT = List.of(Unwind.class, KernelPanic.class, HostMemoryExhausted.class);

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Turn turn;
    private final TaskStacks stacks;
    private final KernelLog log;
    private final Violations violations;
    private final Oopses oopses;

    TaskOops(KernelBase base, Turn turn, TaskStacks stacks) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.turn = turn;
        this.stacks = stacks;
        this.log = base.log();
        this.violations = base.violations();
        this.oopses = new Oopses(base);
    }

    /** Calls code of the current task, which a fault or an exception ends. Returns {@link Tasks#KILLED} then. */
    int guarded(IntSupplier code) {
        return guarded(cpu.sp(), code);
    }

    /** @param sp the stack pointer of the frame that goes on afterwards */
    int guarded(long sp, IntSupplier code) {
        try {
            return code.getAsInt();
        } catch (Unwind killed) {
            if (!turn.strands().isKilling()) {
                throw killed;
            }
            turn.strands().unwound();
            stacks.unwound(sp);
            return Tasks.KILLED;
        } catch (KernelPanic | HostMemoryExhausted end) {
            turn.fail(end);
            throw end;
        } catch (OutOfMemoryError full) {
            turn.heapAside().use();
            oops(full);
            turn.heapAside().renew();
            return Tasks.KILLED;
        } catch (RuntimeException | Error bug) {
            oops(bug);
            return Tasks.KILLED;
        }
    }

    /** Ends the current task because a kernel access faulted. Called in the trap handler. */
    void fault(int cause, int tval) {
        long va = tval & 0xffff_ffffL;
        long told = violations.count();
        String explained = stacks.explainFault(Trap.name(cause), va);
        String message = Trap.name(cause) + " at virtual address " + Hex.address(va)
                + (explained == null ? "" : ": " + explained);
        boolean idle = (FLAGS.get(memory, cpu.tp()) & TaskLayout.IDLE) != 0;
        if (idle || PREEMPT_COUNT.get(memory, cpu.tp()) != 0) {
            if (violations.count() == told) {
                oopses.tell("unable to handle kernel " + message, CallSite.ofFault(), JavaStack.ofFault());
            }
            throw panic("unable to handle kernel " + message + " (at " + CallSite.ofFault() + ")");
        }
        report("unable to handle kernel " + message, CallSite.ofFault(), JavaStack.ofFault(),
                violations.count() != told);
        throw turn.strands().unwind();
    }

    /**
     * Logs a kernel bug of the current task, or an exception or error of its Java code. If the task holds a spinlock,
     * other harts would wait for it for ever: panics. So it does if a full stack or heap has cut off the kernel's own
     * work.
     */
    private void oops(Throwable bug) {
        String message = Oopses.message(bug);
        String where = CallSite.of(bug);
        if (turn.hasFailed()) {
            throw panic(message + " cut off the kernel's own work (at " + where + ")");
        }
        report(message, where, JavaStack.of(bug), bug instanceof KernelBug known && known.isTold());
        if (PREEMPT_COUNT.get(memory, cpu.tp()) != 0 || bug instanceof VirtualMachineError && !cpu.irqsEnabled()) {
            throw panic(message + " (at " + where + ", in an atomic section)");
        }
    }

    /** Ends the machine. Code of a driver that catches the error does not go on. */
    private KernelPanic panic(String message) {
        KernelPanic panic = new KernelPanic(message);
        turn.fail(panic);
        return panic;
    }

    /** @param told whether a violation has told of the mistake */
    private void report(String message, String where, List<JavaStack.Frame> stack, boolean told) {
        log.print(KernLevels.KERN_ALERT + "Oops: " + message);
        log.print(KernLevels.KERN_ALERT + "  in task " + PID.get(memory, cpu.tp()) + " '" + COMM.get(memory, cpu.tp())
                + "' on hart " + cpu.hartId() + ", at " + where);
        if (!told) {
            oopses.tell(message, where, stack);
        }
    }
}
