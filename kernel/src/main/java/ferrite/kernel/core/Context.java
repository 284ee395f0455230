package ferrite.kernel.core;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AtomicSections;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.shadow.Locks;
import ferrite.kernel.shadow.MemoryStates;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Checks the current context's permission to sleep (LDD3 pages 118 and 198). The word at {@link
 * TaskLayout#PREEMPT_COUNT} is Linux's {@code preempt_count}:
 *
 * <pre>
 *   31          20 19      16 15       8 7        0
 *  +--------------+----------+----------+----------+
 *  |      0       | hardirq  | softirq  | preempt  |
 *  +--------------+----------+----------+----------+
 * </pre>
 *
 * Spinlocks and {@code preempt_disable} count in the preempt field, interrupts being handled in the hardirq field. A
 * task may sleep when the whole word is zero and interrupts are on.
 */
public final class Context implements AtomicSections {

    /** The call and the line that began an atomic section. */
    record Section(String how, String site) {

        @Override
        public String toString() {
            return how + " at " + site;
        }
    }

    private static final Entered NOTHING = new Entered(0, true, 0);
    private static final List<String> HANDLERS = onHarts("the interrupt handler");
    private static final List<String> SOFTIRQS = onHarts("the softirq");

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Violations violations;
    private final TextTable text;
    private final long perCpu;
    private final long root;
    /** The call and line that began each hart's atomic section. Only reports use it; it need not survive a snapshot. */
    private final LockChecks lockChecks;
    private final boolean checksLocks;
    private final boolean checksSleeps;
    private final Section[] sections = new Section[Machine.MAX_HARTS];
    /** The section that has just begun, whose line the lock that comes next has too; null otherwise. */
    private Section begun;
    /** The lock that each task is waiting for, by the task's address. */
    private final Map<Long, Locks.Held> wantedBy = new HashMap<>();
    /** The names of tasks in reports, by the tasks' addresses. */
    private final Map<Long, Named> names = new HashMap<>();

    /** The tasks that evaluate the condition of a sleep. */
    private final Set<Long> evaluating = new HashSet<>();

    private record Named(int pid, String name) { }

    /**
     * @param perCpu address of the first hart's record
     * @param root   the kernel's root page, see {@link RootLayout}
     */
    public Context(KernelMemory memory, KernelCpu cpu, MemoryStates states, TextTable text, long perCpu, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.violations = states.violations();
        this.text = text;
        this.lockChecks = new LockChecks(violations, states.locks());
        this.checksLocks = lockChecks.isWanted();
        this.checksSleeps = violations.checks(Rule.SLEEP_IN_ATOMIC);
        this.perCpu = perCpu;
        this.root = root;
    }

    private static List<String> onHarts(String what) {
        return IntStream.range(0, Machine.MAX_HARTS).mapToObj(hart -> what + " on hart " + hart).toList();
    }

    /** {@code preempt_count()}. */
    public int preemptCount() {
        return TaskLayout.PREEMPT_COUNT.get(memory, cpu.tp());
    }

    /** {@code in_hardirq()}: whether an interrupt is being handled. */
    public boolean inHardirq() {
        return (preemptCount() & TaskLayout.HARDIRQ_MASK) != 0;
    }

    /** {@code in_interrupt()}: whether an interrupt or softirq is being served, or softirqs are disabled. */
    public boolean inInterrupt() {
        return (preemptCount() & TaskLayout.IN_INTERRUPT) != 0;
    }

    /** {@code in_serving_softirq()}: whether a softirq is being served, and no interrupt on top of it. */
    public boolean isServingSoftirq() {
        return level(preemptCount()) == Locks.Level.SOFTIRQ;
    }

    /** {@code in_softirq()}: whether a softirq is served, or softirqs are disabled. */
    public boolean inSoftirq() {
        return (preemptCount() & TaskLayout.SOFTIRQ_MASK) != 0;
    }

    private static Locks.Level level(int count) {
        return (count & TaskLayout.HARDIRQ_MASK) != 0 ? Locks.Level.HARDIRQ
                : (count & TaskLayout.SERVING_SOFTIRQ) != 0 ? Locks.Level.SOFTIRQ : Locks.Level.TASK;
    }

    /** Returns whether the caller must not sleep: {@code in_atomic()}, or interrupts are off. */
    public boolean isAtomic() {
        return preemptCount() != 0 || !cpu.irqsEnabled();
    }

    /**
     * {@code might_sleep}: checks that the caller may sleep. Every call that may sleep calls it, even if it will not
     * sleep this time. The cost is one load, whether or not the rule is checked.
     *
     * @param call    Linux's name of the call, with the arguments that matter
     * @param instead the correct way, as a clause
     */
    public void mightSleep(String call, String instead) {
        int count = preemptCount();
        if ((count != 0 || !cpu.irqsEnabled()) && violations.checks(Rule.SLEEP_IN_ATOMIC) && hasBooted()) {
            report(call, instead, count);
        } else if (!evaluating.isEmpty() && evaluating.contains(cpu.tp())) {
            violations.of(Rule.SLEEP_IN_ATOMIC, call + " may sleep, in the condition of a sleep")
                    .line("why", "the task's state says already that it sleeps, and a second sleep would change it")
                    .line("instead", "let the condition only look; take the mutex around the sleep's loop")
                    .text("call", call).report();
        }
    }

    /** Checks that interrupts are on, for a call that waits for other harts. Only looks. */
    public void irqsMustBeOn(String call, String instead) {
        if (!cpu.irqsEnabled() && violations.checks(Rule.SLEEP_IN_ATOMIC) && hasBooted()) {
            report(call, instead, peekedCount());
        }
    }

    /**
     * {@code might_alloc}: checks that the caller may sleep, if the allocation's flags let it sleep.
     *
     * @param call Linux's name of the allocation call
     */
    public void mightAlloc(int gfp, String call) {
        if (!Gfp.maySleep(gfp)) {
            return;
        }
        int count = preemptCount();
        if ((count != 0 || !cpu.irqsEnabled()) && violations.checks(Rule.SLEEP_IN_ATOMIC) && hasBooted()) {
            report(call + " with " + Gfp.names(gfp),
                    "use GFP_ATOMIC, which may fail, or allocate before the atomic section begins", count);
        }
    }

    private void report(String call, String instead, int count) {
        Violations.Building report = violations.of(Rule.SLEEP_IN_ATOMIC, call + " may sleep, which is forbidden here");
        ReadableMemory view = violations.peek();
        boolean handler = level(count) == Locks.Level.HARDIRQ;
        boolean softirq = level(count) == Locks.Level.SOFTIRQ;
        int irq = handler ? PerCpuLayout.CURRENT_IRQ.get(view, record()) : 0;
        String began = atomicSince(cpu.hartId());
        if (handler) {
            report.line("context", irq == 0 ? "in an interrupt that the kernel itself handles"
                    : "in the handler of interrupt " + irq + ", "
                            + text.name(PerCpuLayout.CURRENT_HANDLER.get(view, record())));
        } else if (softirq) {
            report.line("context", "in a softirq, which calls "
                    + text.name(PerCpuLayout.CURRENT_SOFTIRQ.get(view, record())));
        } else {
            report.line("context", (count == 0 ? "interrupts are off" : "preemption is off, " + depth(count))
                    + (began == null ? "" : ", since " + began));
        }
        report.line("",
                "preempt count 0x" + Integer.toHexString(count) + ", interrupts " + (cpu.irqsEnabled() ? "on" : "off"))
              .line("why", handler || softirq ? (handler ? "an interrupt handler" : "a softirq")
                      + " has no task of its own that could sleep: it runs on top of the code that it interrupted"
                      : "other harts would spin until this task wakes, and another "
                      + "task on this hart might wait for the same lock for ever")
              .line("instead", instead)
              .text("call", call).text("began", handler || softirq ? null : began).number("preempt_count", count)
              .number("irq", irq).report();
    }

    private static String depth(int count) {
        int locks = sections(count);
        return locks == 1 ? "once" : locks + " deep";
    }

    /** Returns how many atomic sections a preempt count counts. */
    private static int sections(int count) {
        return (count & TaskLayout.PREEMPT_MASK) + (count & TaskLayout.SOFTIRQ_MASK) / TaskLayout.SOFTIRQ_DISABLED;
    }

    private long record() {
        return perCpu + (long) cpu.hartId() * PerCpuLayout.SIZE;
    }

    /**
     * Returns whether a hart is online. Before that boot runs alone, and there is no task that could sleep. Only looks.
     */
    private boolean hasBooted() {
        return RootLayout.ONLINE.get(violations.peek(), root) != 0;
    }

    // ---- beginnings of atomic sections; not visible to the machine ----

    /** Records that an atomic section begins on this hart. */
    @Override
    public void began(String how) {
        if (violations.checks(Rule.SLEEP_IN_ATOMIC)) {
            sections[cpu.hartId()] = new Section(how, CallSite.ofCaller());
            begun = sections[cpu.hartId()];
        }
    }

    /**
     * Returns the call and line that began a hart's atomic section; null if it is in none, or none was recorded. Only
     * looks.
     */
    public String atomicSince(int hart) {
        return sections[hart] == null ? null : sections[hart].toString();
    }

    // ---- locks of drivers; not visible to the machine ----

    private Locks.Held held(long lock, int hart, String how, boolean irqsOn) {
        int count = peekedCount();
        Locks.Level comes = comes(irqsOn);
        Section same = begun;
        begun = null;
        String site = same != null && same.how.equals(how) ? same.site : CallSite.ofCaller();
        return new Locks.Held(lock, holder(), hart, how, site, level(count), comes);
    }

    /** Returns the lowest level that may interrupt the caller; TASK if none may. */
    private Locks.Level comes(boolean irqsOn) {
        return !irqsOn ? Locks.Level.TASK
                : (peekedCount() & TaskLayout.IN_INTERRUPT) != 0 ? Locks.Level.HARDIRQ : Locks.Level.SOFTIRQ;
    }

    private void acquiring(Locks.Held wanted) {
        wantedBy.put(cpu.tp(), wanted);
        lockChecks.acquiring(wanted);
    }

    /** Finds the lock that the caller was waiting for, which need not be described again. */
    private Locks.Held acquired(long lock, int hart, String how, boolean irqsOn) {
        Locks.Held wanted = wantedBy.remove(cpu.tp());
        return wanted != null && wanted.lock() == lock && wanted.hart() == hart && wanted.how().equals(how) ? wanted
                : held(lock, hart, how, irqsOn);
    }

    private int peekedCount() {
        return TaskLayout.PREEMPT_COUNT.get(violations.peek(), cpu.tp());
    }

    /** Names the caller: the current task, or the interrupt handler or softirq on this hart. */
    private String holder() {
        return switch (level(peekedCount())) {
            case HARDIRQ -> HANDLERS.get(cpu.hartId());
            case SOFTIRQ -> SOFTIRQS.get(cpu.hartId());
            case TASK -> taskName();
        };
    }

    /** Returns the locks of drivers that the caller holds, the last taken first. Only looks. */
    public List<Locks.Held> heldLocks() {
        return checksLocks ? lockChecks.heldBy(holder()) : List.of();
    }

    /** Names the current task for reports. Only looks. */
    public String taskName() {
        ReadableMemory view = violations.peek();
        int pid = TaskLayout.PID.get(view, cpu.tp());
        Named known = names.get(cpu.tp());
        if (known == null || known.pid != pid) {
            known = new Named(pid, "task " + pid + " '" + TaskLayout.COMM.get(view, cpu.tp()) + "'");
            names.put(cpu.tp(), known);
        }
        return known.name;
    }

    @Override
    public void acquiring(long lock, String how, boolean irqsOn) {
        if (checksLocks) {
            acquiring(held(lock, cpu.hartId(), how, irqsOn));
        }
    }

    @Override
    public void acquired(long lock, String how, boolean irqsOn) {
        if (checksLocks) {
            lockChecks.acquired(acquired(lock, cpu.hartId(), how, irqsOn));
        }
    }

    @Override
    public void reads(long lock, String how, boolean irqsOn, boolean retries) {
        if (checksLocks && lockChecks.isNewRead(lock, level(peekedCount()), comes(irqsOn), retries)) {
            lockChecks.reads(held(lock, cpu.hartId(), how, irqsOn), retries);
        }
    }

    @Override
    public void readerWaits(long lock, String how) {
        if (checksLocks) {
            lockChecks.acquiring(held(lock, cpu.hartId(), how, cpu.irqsEnabled()));
        }
    }

    @Override
    public void readerGoesOn() {
        if (checksLocks) {
            lockChecks.gaveUp(holder());
        }
    }

    @Override
    public void released(long lock, String call) {
        if (checksLocks) {
            lockChecks.released(call, lock, null);
        }
    }

    @Override
    public void initialised(String call, long lock, int bytes) {
        if (checksLocks) {
            lockChecks.initialised(call, lock, bytes);
        }
    }

    /** Records that the caller waits for a mutex. */
    public void mutexAcquiring(long mutex, String how) {
        if (checksLocks) {
            acquiring(held(mutex, -1, how, true));
        }
    }

    /** Records that a signal has ended the caller's wait for a mutex. */
    public void mutexGivenUp(long mutex, String how) {
        if (checksLocks) {
            wantedBy.remove(cpu.tp());
            lockChecks.gaveUp(holder());
        }
    }

    /** Records that the caller has a mutex. */
    public void mutexAcquired(long mutex, String how) {
        if (checksLocks) {
            lockChecks.acquired(acquired(mutex, -1, how, true));
        }
    }

    /** Records that the caller releases a mutex. */
    public void mutexReleased(long mutex, String call) {
        if (checksLocks) {
            lockChecks.released(call, mutex, holder());
        }
    }

    @Override
    public void enablesIrqs(long lock, String call) {
        if (checksLocks) {
            lockChecks.enablesIrqs(call, lock, holder());
        }
    }

    /**
     * Records that the function of a timer, a work item or an interrupt begins. A task that waits for it waits for its
     * locks.
     *
     * @param record   the timer, the item, or the interrupt's record
     * @param what     the kind of function, for reports
     * @param function its text address
     */
    public void functionBegins(long record, String what, long function) {
        if (checksLocks) {
            int count = peekedCount();
            String name = String.valueOf(text.name(function));
            lockChecks.acquired(new Locks.Held(record, holder(), Locks.FUNCTION, what, name, level(count),
                    Locks.Level.TASK));
        }
    }

    /** Records that the function of a timer, a work item or an interrupt has ended. */
    public void functionEnded(long record) {
        if (checksLocks) {
            lockChecks.functionEnded(record, holder());
        }
    }

    /**
     * Records that the caller waits for the end of the function of a timer, a work item or an interrupt, until {@link
     * #functionAwaited}.
     *
     * @param spins whether the caller spins, so that the hart hangs if the wait has no end
     */
    public void awaitsFunction(long record, String call, boolean spins) {
        if (checksLocks && level(peekedCount()) == Locks.Level.TASK) {
            lockChecks.awaits(held(record, spins ? cpu.hartId() : Locks.FUNCTION, call, true));
        }
    }

    /** Records that the wait of {@link #awaitsFunction} has ended. */
    public void functionAwaited() {
        if (checksLocks) {
            lockChecks.gaveUp(holder());
        }
    }

    /**
     * Evaluates the condition of a sleep. It must not sleep itself: the task's state may say already that it does.
     */
    public boolean evaluate(BooleanSupplier condition) {
        if (!checksSleeps) {
            return condition.getAsBoolean();
        }
        Long task = cpu.tp();
        boolean outermost = evaluating.add(task);
        try {
            return condition.getAsBoolean();
        } finally {
            if (outermost) {
                evaluating.remove(task);
            }
        }
    }

    /** Reports a call that ends a section which was not begun. */
    public void notHeld(String call, String why) {
        if (violations.checks(Rule.LOCK_NOT_HELD)) {
            violations.of(Rule.LOCK_NOT_HELD, call + " without a section to end: " + why)
                    .line("why", "the preempt count would be too low, and the next section not protected")
                    .line("instead", "call " + call + " once for each call that begins a section").report();
        }
    }

    /** Reports a call that serves softirqs while interrupts are off. */
    public void wrongEnable(String call) {
        if (violations.checks(Rule.LOCK_IRQ_UNSAFE)) {
            violations.of(Rule.LOCK_IRQ_UNSAFE, call + " with interrupts off")
                    .line("why", "it serves softirqs, which turn interrupts on: the caller's section with interrupts "
                            + "off would not be one")
                    .line("instead", "release the inner lock first, or use spin_lock_irqsave for both").report();
        }
    }

    @Override
    public void notHeld(long lock, String call) {
        lockChecks.notHeld(call, lock);
    }

    /**
     * The state in which a driver's function was called.
     *
     * @param depth   the preempt count
     * @param irqsOn  whether interrupts were on
     * @param mutexes the mutexes that the caller held
     */
    public record Entered(int depth, boolean irqsOn, int mutexes) { }

    /** Returns the state that a driver's function finds, for {@link #leave}. Only looks. */
    public Entered enter() {
        return checksLocks ? new Entered(peekedCount(), cpu.irqsEnabled(), lockChecks.noneHeld() ? 0
                : lockChecks.mutexesOf(holder())) : NOTHING;
    }

    /**
     * Checks that a driver's function has ended the atomic sections and sections with mutexes that it began.
     *
     * @param entered as {@link #enter} returned it before the call
     */
    public void leave(String function, Entered entered) {
        leave(() -> function, entered);
    }

    /** Checks as {@link #leave(String, Entered)} does. */
    public void leave(Supplier<String> name, Entered entered) {
        if (!checksLocks || isBalanced(entered)) {
            return;
        }
        String function = name.get();
        int now = peekedCount();
        if (now != entered.depth) {
            lockChecks.left(function, holder(), sections(now) - sections(entered.depth), sections[cpu.hartId()]);
        } else if (entered.irqsOn && !cpu.irqsEnabled()) {
            lockChecks.leftIrqsOff(function, holder(), sections[cpu.hartId()]);
        } else if (lockChecks.mutexesOf(holder()) > entered.mutexes) {
            lockChecks.leftMutex(function, holder());
        }
    }

    private boolean isBalanced(Entered entered) {
        return peekedCount() == entered.depth && (cpu.irqsEnabled() || !entered.irqsOn)
                && (lockChecks.noneHeld() || lockChecks.mutexesOf(holder()) <= entered.mutexes);
    }

    /** Records that this hart's atomic section ended. */
    @Override
    public void ended() {
        begun = null;
        sections[cpu.hartId()] = null;
    }
}
