package ferrite.kernel.core;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.report.Hex;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.shadow.Locks;
import java.util.List;
import java.util.stream.Collectors;

/** Reports locks that are taken twice, in two orders, or unsafely with interrupts, and releases of free ones. */
final class LockChecks {

    private final Violations violations;
    private final Locks locks;

    LockChecks(Violations violations, Locks locks) {
        this.violations = violations;
        this.locks = locks;
    }

    boolean isWanted() {
        return violations.checks(Rule.LOCK_ORDER) || violations.checks(Rule.LOCK_RECURSION)
                || violations.checks(Rule.LOCK_NOT_HELD) || violations.checks(Rule.LOCK_IRQ_UNSAFE)
                || violations.checks(Rule.LOCK_LEFT) || violations.checks(Rule.USE_AFTER_FREE);
    }

    /** Checks that the caller does not wait for itself, or for one that waits for it. */
    void acquiring(Locks.Held wanted) {
        Locks.Held now = locks.holding(wanted.lock());
        boolean spins = now != null && wanted.hart() >= 0 && now.hart() == wanted.hart();
        boolean sleeps = now != null && wanted.hart() < 0 && now.holder().equals(wanted.holder());
        if (!spins && !sleeps) {
            List<Locks.Step> circle = locks.await(wanted);
            if (!circle.isEmpty()) {
                reportCircle(wanted, circle);
            }
            return;
        }
        violations.of(Rule.LOCK_RECURSION, wanted.how() + " of the lock at " + Hex.grouped(wanted.lock())
                + ", which " + (now.holder().equals(wanted.holder()) ? "the caller holds"
                        : "the interrupted " + now.holder() + " holds"))
                .line("held", now.describe())
                .line("why", spins ? "the hart would spin for ever: nobody else can release the lock"
                        : "the task would sleep for ever: nobody else can release the mutex")
                .line("instead", Rule.LOCK_RECURSION.right()).address("lock", wanted.lock())
                .text("held_at", now.site()).report();
        if (spins && violations.checks(Rule.LOCK_RECURSION)) {
            throw new KernelPanic(wanted.how() + " at " + wanted.site() + " waits for ever for the lock taken by "
                    + now.describe());
        }
    }

    private void reportCircle(Locks.Held wanted, List<Locks.Step> circle) {
        if (!violations.checks(Rule.LOCK_ORDER)) {
            return;
        }
        Violations.Building report = violations.of(Rule.LOCK_ORDER, circle.stream()
                .map(step -> step.first().holder()).collect(Collectors.joining(" and "))
                + " wait for each other's locks, for ever");
        circle.forEach(step -> report.line("held", step.first().describe())
                .line("", "then waits: " + step.second().describe()));
        report.line("instead", Rule.LOCK_ORDER.right()).address("lock", wanted.lock()).report();
        if (wanted.hart() >= 0) {
            throw new KernelPanic(wanted.how() + " at " + wanted.site() + " waits for ever: "
                    + circle.get(0).second().holder() + " and the holder of the lock wait for each other");
        }
    }

    /** Notes that the caller waits no more for a lock that it did not get. */
    void gaveUp(String holder) {
        locks.giveUp(holder);
    }

    /** Checks that the caller does not wait for a function that waits, or may wait, for the caller's locks. */
    void awaits(Locks.Held wanted) {
        if (locks.of(wanted.holder()).stream().anyMatch(own -> own.lock() == wanted.lock())) {
            return;                                    // the function waits for itself, of which its call tells
        }
        List<Locks.Step> circle = locks.await(wanted);
        if (!circle.isEmpty()) {
            reportCircle(wanted, circle);
        } else {
            reportOrder(wanted, locks.order(wanted));
        }
    }

    /** Notes that a lock is held, and checks its order with others. */
    void acquired(Locks.Held taken) {
        reportOrder(taken, locks.take(taken));
        reportUnsafe(taken);
    }

    private void reportOrder(Locks.Held taken, List<Locks.Step> circle) {
        if (!circle.isEmpty() && violations.checks(Rule.LOCK_ORDER)) {
            Violations.Building report = violations.of(Rule.LOCK_ORDER, "the lock at " + Hex.grouped(taken.lock())
                    + " is taken after the one at " + Hex.grouped(circle.get(0).first().lock())
                    + ", and the other way round elsewhere");
            report.line("here", circle.get(0).first().describe()).line("", "then " + taken.describe());
            for (Locks.Step step : circle.subList(1, circle.size())) {
                report.line("elsewhere", step.first().describe()).line("", "then " + step.second().describe());
            }
            report.line("why", "when both happen at once, each waits for the other for ever")
                    .line("instead", Rule.LOCK_ORDER.right()).address("lock", taken.lock()).report();
        }
    }

    private void reportUnsafe(Locks.Held taken) {
        Locks.Step inside = locks.unsafeInside(taken);
        if (inside != null && violations.checks(Rule.LOCK_IRQ_UNSAFE)) {
            violations.of(Rule.LOCK_IRQ_UNSAFE, "the lock at " + Hex.grouped(inside.second().lock())
                    + ", taken " + inside.first().taker().open() + ", is taken inside the lock at "
                    + Hex.grouped(inside.first().lock()) + ", which " + inside.first().taker().text() + " takes")
                    .line(handler(inside.first()), inside.first().describe())
                    .line("elsewhere", inside.second().describe())
                    .line("why", "the " + handler(inside.first()) + " may interrupt the holder of the inner lock and "
                            + "spin for the outer one, whose holder waits for the inner one")
                    .line("instead", Rule.LOCK_IRQ_UNSAFE.right()).address("lock", inside.second().lock()).report();
        }
        reportInterruptible(taken.lock());
    }

    /** Returns whether {@link #reads} would learn something. */
    boolean isNewRead(long lock, Locks.Level taker, Locks.Level comes, boolean retries) {
        return locks.isNewRead(lock, taker, comes, retries);
    }

    /** Notes that a lock is read, see {@code AtomicSections.reads}, and checks it against its writers. */
    void reads(Locks.Held read, boolean retries) {
        locks.read(read, retries);
        reportInterruptible(read.lock());
    }

    private void reportInterruptible(long lock) {
        Locks.Step unsafe = locks.interruptible(lock);
        if (unsafe != null && violations.checks(Rule.LOCK_IRQ_UNSAFE)) {
            violations.of(Rule.LOCK_IRQ_UNSAFE, "the lock at " + Hex.grouped(lock)
                    + " is taken by " + unsafe.second().taker().text() + ", and "
                    + unsafe.second().taker().open() + " elsewhere")
                    .line(handler(unsafe.second()), unsafe.second().describe())
                    .line("elsewhere", unsafe.first().describe())
                    .line("why", "the " + (unsafe.second().taker() == Locks.Level.HARDIRQ ? "interrupt" : "softirq")
                            + " may come while its own hart holds the lock, and then the "
                            + handler(unsafe.second()) + " spins for ever")
                    .line("instead", Rule.LOCK_IRQ_UNSAFE.right()).address("lock", lock).report();
        }
    }

    private static String handler(Locks.Held taken) {
        return taken.taker() == Locks.Level.HARDIRQ ? "handler" : "softirq";
    }

    /**
     * Notes that a lock is released.
     *
     * @param holder who must have it; null for a spinlock, which any code may release
     */
    void released(String call, long lock, String holder) {
        Locks.Held was = locks.release(lock);
        if (was == null && isZero(lock)) {
            notHeld(call, lock);                       // otherwise it was taken before the kernel attached
        } else if (was == null) {
            return;
        } else if (holder != null && !was.holder().equals(holder)) {
            wrong(call, lock, "which " + was.holder() + " holds", was,
                    "the holder's section is not protected any more").report();
        } else if (was.hart() >= 0 && isZero(lock)) {
            wrong(call, lock, "whose word somebody has set to 0 since it was taken", was,
                    "others may have taken the lock meanwhile").report();
        }
    }

    private boolean isZero(long lock) {
        try {
            return violations.peek().load32(lock) == 0;
        } catch (BusFault unmapped) {
            return false;
        }
    }

    /** Notes that a lock is initialised: it has no history any more. */
    void initialised(String call, long lock, int bytes) {
        Locks.Held now = locks.holding(lock);
        if (now != null) {
            wrong(call, lock, "which " + now.holder() + " holds", now, "two tasks may have the lock at once").report();
        }
        locks.forget(lock, bytes);
    }

    private Violations.Building wrong(String call, long lock, String how, Locks.Held held, String why) {
        return violations.of(Rule.LOCK_NOT_HELD, call + " of the lock at " + Hex.grouped(lock) + ", " + how)
                .line("held", held.describe()).line("why", why).line("instead", Rule.LOCK_NOT_HELD.right())
                .address("lock", lock).text("held_at", held.site());
    }

    void functionEnded(long record, String holder) {
        locks.release(record, holder);
    }

    /** Checks that a release that turns interrupts on does not do so under another lock that needs them off. */
    void enablesIrqs(String call, long lock, String holder) {
        for (Locks.Held other : locks.of(holder)) {
            if (other.hart() >= 0 && other.comes() == Locks.Level.TASK && violations.checks(Rule.LOCK_LEFT)) {
                violations.of(Rule.LOCK_LEFT, call + " of the lock at " + Hex.grouped(lock)
                        + " turns interrupts on under the lock at " + Hex.grouped(other.lock()))
                        .line("held", other.describe())
                        .line("why", "a handler that takes the other lock would spin on this hart for ever")
                        .line("instead", call.endsWith("_irq")
                                ? "take the inner lock without _irq: interrupts are off already"
                                : "give each release the flags of its own lock, in reverse order")
                        .address("lock", lock).report();
                return;
            }
        }
    }

    /** Returns whether nobody holds any lock. */
    boolean noneHeld() {
        return locks.areFree();
    }

    List<Locks.Held> heldBy(String holder) {
        return locks.of(holder).stream().filter(held -> held.hart() != Locks.FUNCTION).toList();
    }

    int mutexesOf(String holder) {
        return locks.mutexesOf(holder);
    }

    /** Reports a driver's function that returns with interrupts off. */
    void leftIrqsOff(String function, String holder, Context.Section since) {
        Violations.Building report = violations.at(Rule.LOCK_LEFT, function + " returned with interrupts off",
                since == null ? "?" : since.site(), holder);
        if (since != null) {
            report.line("began", since.toString());
        }
        report.line("why", "this hart takes no interrupt until somebody enables them: no timer, no device, no other "
                + "task").line("instead", Rule.LOCK_LEFT.right()).report();
    }

    /** Reports a driver's function that returns with a mutex held. */
    void leftMutex(String function, String holder) {
        Locks.Held last = locks.of(holder).stream().filter(held -> held.hart() == -1).findFirst().orElseThrow();
        violations.at(Rule.LOCK_LEFT, function + " returned with a mutex held", last.site(), holder)
                .line("held", last.describe())
                .line("why", "the next task that takes the mutex may wait for ever: this one has left the driver")
                .line("instead", Rule.LOCK_LEFT.right()).address("lock", last.lock()).report();
    }

    void notHeld(String call, long lock) {
        if (violations.checks(Rule.LOCK_NOT_HELD)) {
            violations.of(Rule.LOCK_NOT_HELD, call + " of the lock at " + Hex.grouped(lock) + ", which is not held")
                    .line("why", "the next holder's section is not protected, and the preempt count is one too low")
                    .line("instead", Rule.LOCK_NOT_HELD.right()).address("lock", lock).report();
        }
    }

    /**
     * Checks at the return of a driver's function that it has left the atomic sections that it began.
     *
     * @param depth how many sections are left, more than at the call
     */
    void left(String function, String holder, int depth, Context.Section since) {
        List<Locks.Held> still = locks.of(holder);
        String site = !still.isEmpty() ? still.get(0).site()
                : since == null ? "?" : since.site();
        Violations.Building report = violations.at(Rule.LOCK_LEFT, function + " returned with " + (depth > 0
                ? depth == 1 ? "an atomic section" : depth + " atomic sections" : "more sections ended")
                + (depth > 0 ? " still open" : " than begun"),
                site, holder);
        if (since != null) {
            report.line("began", since.toString());
        }
        still.forEach(held -> report.line("held", held.describe()));
        report.line("why", "nothing else runs on this hart until the section ends, and a task that sleeps in it "
                + "may stop the machine").line("instead", Rule.LOCK_LEFT.right()).report();
    }
}
