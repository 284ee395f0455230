package ferrite.kernel.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The orders in which locks are taken. */
class LocksTest {

    private final Locks locks = new Locks();

    private List<Locks.Step> take(String holder, long... order) {
        List<Locks.Step> circle = List.of();
        for (long lock : order) {
            circle = locks.take(new Locks.Held(lock, holder, 0, "spin_lock", "A.java:" + lock, Locks.Level.TASK,
                    Locks.Level.TASK));
        }
        for (long lock : order) {
            assertThat(locks.release(lock)).isNotNull();
        }
        return circle;
    }

    @Test
    void aCircleIsFoundWithAllItsStepsAndToldOnce() {
        assertThat(take("one", 1, 2)).isEmpty();
        assertThat(take("two", 2, 3)).isEmpty();
        assertThat(take("one", 1, 3)).isEmpty();

        assertThat(take("three", 3, 1)).extracting(step -> step.first().lock() + " " + step.second().lock())
                .as("the shortest way back").containsExactly("3 1", "1 3");
        assertThat(take("three", 3, 1)).as("again").isEmpty();
    }

    @Test
    void aListThatIsLockedNodeByNodeIsNoCircleHoweverLong() {
        int nodes = 100_000;
        for (int round = 0; round < 2; round++) {
            locks.take(new Locks.Held(1, "walker", 0, "spin_lock", "A.java:1", Locks.Level.TASK, Locks.Level.TASK));
            for (long node = 2; node <= nodes; node++) {
                assertThat(locks.take(new Locks.Held(node, "walker", 0, "spin_lock", "A.java:2", Locks.Level.TASK,
                        Locks.Level.TASK)))
                        .isEmpty();
                locks.release(node - 1);
            }
            locks.release(nodes);
        }
        assertThat(take("other", nodes, 1)).as("all the way round").hasSize(nodes);
    }

    private static Locks.Held mutex(long lock, String holder) {
        return new Locks.Held(lock, holder, -1, "mutex_lock", "A.java:" + lock, Locks.Level.TASK, Locks.Level.SOFTIRQ);
    }

    @Test
    void holdersThatWaitForEachOtherAreFound() {
        locks.take(mutex(1, "one"));
        locks.take(mutex(2, "two"));
        locks.take(mutex(3, "three"));

        assertThat(locks.await(mutex(2, "one"))).as("two works").isEmpty();
        assertThat(locks.await(mutex(1, "three"))).as("one waits for two, who works").isEmpty();
        assertThat(locks.await(mutex(3, "two"))).extracting(step -> step.first().holder() + " has "
                + step.first().lock() + ", waits for " + step.second().lock())
                .containsExactly("two has 2, waits for 3", "three has 3, waits for 1", "one has 1, waits for 2");
    }

    @Test
    void aHolderThatGaveUpOrGotItsLockWaitsNoMore() {
        locks.take(mutex(1, "one"));
        locks.take(mutex(2, "two"));
        assertThat(locks.await(mutex(2, "one"))).isEmpty();
        locks.giveUp("one");
        assertThat(locks.await(mutex(1, "two"))).isEmpty();
        locks.release(1);
        locks.take(mutex(1, "two"));
        assertThat(locks.await(mutex(2, "one"))).as("two has both").isEmpty();
    }

    @Test
    void aLockInFreedMemoryIsForgotten() {
        take("one", 0x1000, 0x2000);
        locks.forget(0x1000, 64);
        assertThat(take("two", 0x2000, 0x1000)).as("another lock at the same address").isEmpty();
        assertThat(take("one", 0x1000, 0x2000)).hasSize(2);
    }

    @Test
    void aHandlersLockThatIsTakenWithInterruptsOnIsToldOnce() {
        Locks.Held handler = new Locks.Held(1, "irq", 0, "spin_lock", "A.java:1", Locks.Level.HARDIRQ,
                Locks.Level.TASK);
        Locks.Held task = new Locks.Held(1, "task", 0, "spin_lock", "A.java:2", Locks.Level.TASK, Locks.Level.SOFTIRQ);
        locks.take(handler);
        locks.release(1);
        assertThat(locks.interruptible(1)).isNull();
        locks.take(task);
        assertThat(locks.interruptible(1)).isEqualTo(new Locks.Step(task, handler));
        assertThat(locks.interruptible(1)).isNull();
    }

    @Test
    void aSoftirqInterruptsTasksButNotHandlersAndNotWhileSoftirqsAreDisabled() {
        Locks.Held softirq = new Locks.Held(1, "softirq", 0, "spin_lock", "A.java:1", Locks.Level.SOFTIRQ,
                Locks.Level.HARDIRQ);
        Locks.Held bh = new Locks.Held(1, "task", 0, "spin_lock_bh", "A.java:2", Locks.Level.TASK,
                Locks.Level.HARDIRQ);
        Locks.Held handler = new Locks.Held(1, "irq", 0, "spin_lock", "A.java:3", Locks.Level.HARDIRQ,
                Locks.Level.TASK);
        Locks.Held open = new Locks.Held(2, "task", 0, "spin_lock", "A.java:4", Locks.Level.TASK,
                Locks.Level.SOFTIRQ);
        for (Locks.Held one : new Locks.Held[] {softirq, bh}) {
            locks.take(one);
            locks.release(one.lock());
        }
        assertThat(locks.interruptible(1)).isNull();
        locks.take(open);
        assertThat(locks.interruptible(2)).isNull();
        locks.take(handler);
        assertThat(locks.interruptible(1)).as("the handler may interrupt both").isNotNull();
    }
}
