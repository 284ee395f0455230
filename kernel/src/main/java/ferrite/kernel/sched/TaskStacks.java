package ferrite.kernel.sched;

import static ferrite.kernel.base.TaskLayout.STACK;
import static ferrite.kernel.base.ThreadLayout.THREAD_SIZE;
import static ferrite.kernel.base.ThreadLayout.initialSp;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ThreadLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.Stacks;
import java.util.List;
import java.util.function.LongToIntFunction;

/**
 * The kernel stacks in RAM: {@value ThreadLayout#THREAD_SIZE} bytes for each task, and for the interrupts of each hart.
 * The hart's {@code sp} is the stack pointer. Java keeps the frames of functions; here are the locals whose address is
 * taken.
 */
@Plumbing
public final class TaskStacks {

    /** The bytes of ra and s0 at the top of a function's frame, and what {@code sp} is a multiple of (psABI). */
    private static final int FRAME_RECORD = 8;
    private static final int ALIGNMENT = 16;
    /** The time after which a reserved task asks for a stack again. */
    private static final long RETRY_TICKS = 4000L * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Scheduler scheduler;
    private final Sleep sleep;
    private final TaskServices services;
    private final Violations violations;
    private final Stacks stacks;
    private final long root;

    TaskStacks(KernelBase base, Scheduler scheduler, Sleep sleep, TaskServices services) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.scheduler = scheduler;
        this.sleep = sleep;
        this.services = services;
        this.violations = base.violations();
        this.stacks = base.states().stacks();
        this.root = base.root();
    }

    // ---- stacks of tasks ----

    /** Allocates the record of a task, and its stack if it is wanted. May sleep. Returns 0 without memory. */
    long newTask(boolean withStack) {
        long task = services.allocRecord();
        if (task != 0 && withStack && !give(task)) {
            services.freeRecord(task);
            return 0;
        }
        return task;
    }

    private boolean give(long task) {
        long stack = services.allocStack();
        if (stack != 0) {
            STACK.set(memory, task, stack);
            ThreadLayout.SP.set(memory, TaskLayout.THREAD.at(task), initialSp(stack));
        }
        return stack != 0;
    }

    /** Gives a hart's idle task a stack, on which the hart's interrupts run too. Boot. */
    void giveIdle(long task, int hart) {
        if (!give(task)) {
            throw new KernelPanic("no memory for the interrupt stack of hart " + hart);
        }
        PerCpuLayout.IRQ_STACK.set(memory, scheduler.record(hart), STACK.get(memory, task));
    }

    /** Lets the hart run on the stack of the current task from the top. Its functions have no locals in RAM now. */
    void enter(long task) {
        cpu.setSp(initialSp(STACK.get(memory, task)));
    }

    /** The stack pointer of a task at its restart point. Only looks. */
    long top(ReadableMemory view, long task) {
        return initialSp(STACK.get(view, task));
    }

    /** Gives a reserved task its stack, when it runs first. It tries again until there is memory. */
    void await(long task) {
        if (STACK.get(violations.peek(), task) == 0) {     // peeked: after an attach it is not asked again
            while (!give(task)) {
                sleep.timeout(RETRY_TICKS, TaskLayout.UNINTERRUPTIBLE);
            }
            enter(task);
        }
    }

    /** Frees the stack and the record of a task that has ended, or that never began. May sleep. */
    void free(long task) {
        long stack = STACK.get(memory, task);
        if (stack != 0) {
            services.freeStack(stack);
        }
        services.freeRecord(task);
    }

    // ---- interrupts ----

    /** Lets the hart run on its interrupt stack. Interrupts are off. Returns {@code sp} for {@link #leaveIrq}. */
    public long enterIrq() {
        long sp = cpu.sp();
        long stack = PerCpuLayout.IRQ_STACK.get(memory, scheduler.record(cpu.hartId()));
        if (!contains(stack, sp)) {
            cpu.setSp(initialSp(stack));
        }
        return sp;
    }

    /** Lets the hart run where it was before {@link #enterIrq}. */
    public void leaveIrq(long sp) {
        cpu.setSp(sp);
    }

    private static boolean contains(long stack, long sp) {
        return sp >= stack && sp < stack + THREAD_SIZE;
    }

    // ---- locals ----

    /**
     * Calls a function with the address of local bytes, which lie on the current stack until it returns. They hold
     * what the last function left there. Any context.
     *
     * @throws KernelBug if the stack has no room: the function's first access would be past the guard page
     */
    public int onStack(int bytes, LongToIntFunction body) {
        if (bytes <= 0) {
            throw new KernelBug("onStack of " + bytes + " bytes: a local has at least one");
        }
        long before = cpu.sp();
        long room = (long) bytes + FRAME_RECORD + ALIGNMENT - 1 & -ALIGNMENT;
        long sp = before - room;
        long stack = current(violations.peek());
        if (!contains(stack, before) || sp < stack) {
            overflow(bytes, before, stack);
        }
        cpu.setSp(sp);
        stacks.frameBegins(sp, bytes, (int) room);
        int result;
        try {
            result = body.applyAsInt(sp);
        } catch (RuntimeException failed) {
            stacks.frameEnds(sp, (int) room);
            cpu.setSp(before);
            throw failed;
        }
        stacks.frameEnds(sp, (int) room);
        cpu.setSp(before);
        return result;
    }

    /** Drops the functions whose frames an oops has unwound, below the {@code sp} of the frame that goes on. */
    void unwound(long sp) {
        stacks.unwound(STACK.get(violations.peek(), cpu.tp()), sp);
        cpu.setSp(sp);
    }

    /** Returns the stack on which the hart runs: that of its interrupts, or of its task. Only looks. */
    private long current(ReadableMemory view) {
        long irq = PerCpuLayout.IRQ_STACK.get(view, scheduler.record(cpu.hartId()));
        return contains(irq, cpu.sp()) ? irq : STACK.get(view, cpu.tp());
    }

    private void overflow(int bytes, long sp, long stack) {
        ReadableMemory view = violations.peek();
        String message = "kernel stack overflow: " + bytes + " bytes for a local on " + whose(view, stack)
                + ", which has " + Math.max(0, sp - stack) + " bytes left (stack is " + range(stack) + ")";
        boolean told = violations.checks(Rule.STACK_OVERFLOW);
        if (told) {
            violations.of(Rule.STACK_OVERFLOW, message).line("instead", Rule.STACK_OVERFLOW.right())
                    .address("stack", stack).report();
        }
        throw new KernelBug(message, told);
    }

    /**
     * Explains a fault, and reports the broken rule: in Linux's words if it is in the guard page of the current stack.
     * Only looks.
     *
     * @return null if there is nothing to explain
     */
    String explainFault(String access, long va) {
        ReadableMemory view = violations.peek();
        long stack = current(view);
        if (stack == 0 || va >= stack || va < stack - AddressSpace.PAGE_SIZE) {
            return services.explainFault(access, va);
        }
        boolean irq = stack == PerCpuLayout.IRQ_STACK.get(view, scheduler.record(cpu.hartId()));
        String message = (irq ? "IRQ" : "TASK") + " stack guard page was hit at " + Hex.address(va) + " (stack is "
                + range(stack) + ")";
        if (violations.checks(Rule.STACK_OVERFLOW)) {
            violations.ofFault(Rule.STACK_OVERFLOW, message).line("stack", whose(view, stack))
                    .line("instead", Rule.STACK_OVERFLOW.right()).address("va", va).address("stack", stack).report();
        }
        return message;
    }

    private static String range(long stack) {
        return Hex.address(stack) + ".." + Hex.address(stack + THREAD_SIZE - 1);
    }

    // ---- looking ----

    /** Names the owner of the stack in which an address lies; null if it lies in none that is used. */
    public String whose(ReadableMemory view, long va) {
        for (int hart = 0; hart < scheduler.harts(); hart++) {
            if (contains(PerCpuLayout.IRQ_STACK.get(view, scheduler.record(hart)), va)) {
                return "the interrupt stack of hart " + hart;
            }
        }
        for (long task : tasks(view)) {
            if (contains(STACK.get(view, task), va)) {
                return "the kernel stack of task " + TaskLayout.PID.get(view, task) + " '"
                        + TaskLayout.COMM.get(view, task) + "'";
            }
        }
        return null;
    }

    private List<Long> tasks(ReadableMemory view) {
        return ListHead.nodes(view, RootLayout.TASK_LIST.at(root), Tasks.MAX_TASKS).stream()
                .map(TaskLayout.TASKS::containerOf).toList();
    }

}
