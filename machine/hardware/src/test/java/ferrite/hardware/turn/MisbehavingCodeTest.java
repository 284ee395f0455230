package ferrite.hardware.turn;

import static ferrite.hardware.turn.TinyKernel.SHARED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Machine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java code that keeps the turn, accesses the machine without it, or does not end when it is unwound. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MisbehavingCodeTest {

    private final AtomicReference<Throwable> thrown = new AtomicReference<>();

    /** Has a host thread of its own do something while a hart's strand has the turn, and keeps the turn meanwhile. */
    private void elsewhere(Runnable access) {
        Thread thread = new Thread(() -> {
            try {
                access.run();
            } catch (Throwable refused) {
                thrown.set(refused);
            }
        }, "stranger");
        thread.start();
        join(thread);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TinyKernel kernel(Consumer<TinyKernel> work) {
        return new TinyKernel(1, Interleavings.RR, 1, k -> hart -> work.accept(k));
    }

    // ---- host threads ----

    private void isRefused(Consumer<TinyKernel> access) {
        try (TinyKernel kernel = kernel(k -> {
            k.memory.store32(SHARED, 7);
            elsewhere(() -> access.accept(k));
            k.memory.store32(SHARED + 4, k.memory.load32(SHARED));
        })) {
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.PANIC);
            assertThat(thrown.getAndSet(null)).isSameAs(kernel.turn.panic()).hasMessageStartingWith(
                    "the host thread 'stranger' accessed the machine at ");
            assertThat(kernel.word(SHARED)).as("the access was not made").isEqualTo(7);
        }
    }

    @Test
    void anAccessByAHostThreadWithoutTheTurnIsRefusedAndEndsTheRun() {
        isRefused(k -> checked(k).store32(SHARED, 8));
        isRefused(k -> checked(k).write(SHARED, new byte[4], 0, 4));
        isRefused(k -> checked(k).copy(SHARED, SHARED + 64, 4));
        isRefused(k -> checked(k).load8(SHARED));
        isRefused(k -> k.cpu.tp());
        isRefused(k -> k.cpu.irqSave());
    }

    /** Returns memory as a driver has it. */
    private static KernelMemory checked(TinyKernel kernel) {
        return kernel.memory.checkedBy(AccessCheck.NONE);
    }

    @Test
    void accessesOfHartsThatTakeTurnsAreNotRefused() {
        AtomicReference<KernelMemory> view = new AtomicReference<>();
        try (TinyKernel kernel = new TinyKernel(3, Interleavings.RANDOM, 1, k -> hart -> {
            for (int i = 0; i < 3000; i++) {
                view.get().amoAdd32(SHARED, 1);
            }
        })) {
            view.set(kernel.memory.checkedBy(AccessCheck.NONE));
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(kernel.word(SHARED)).isEqualTo(9000);
        }
    }

    // ---- code that keeps the turn ----

    @Test
    void aStrandThatKeepsTheTurnIsAbandonedAndItsLaterAccessesAreNotMade() throws InterruptedException {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        AtomicInteger went = new AtomicInteger();
        IllegalStateException reason = new IllegalStateException("stuck");
        try (TinyKernel kernel = kernel(k -> {
            stuck.countDown();
            await(released);
            k.cpu.tp();
            went.incrementAndGet();
        })) {
            Thread watcher = new Thread(() -> {
                await(stuck);
                kernel.turn.strands().abandon(kernel.turn.strands().holder(), reason);
            });
            watcher.start();
            assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.PANIC);
            assertThat(kernel.turn.panic()).isSameAs(reason);
            assertThat(kernel.turn.strands().shouldProgress()).isFalse();
            watcher.join();
        }
        released.countDown();
        Thread.sleep(50);
        assertThat(went).hasValue(0);
    }

    @Test
    void aStrandThatHasGivenUpTheTurnIsNotAbandoned() {
        Strand[] first = new Strand[1];
        boolean[] abandoned = new boolean[1];
        try (TinyKernel kernel = new TinyKernel(2, Interleavings.RR, 1, k -> hart -> {
            if (hart == 0) {
                first[0] = k.turn.strands().holder();
            } else {
                abandoned[0] = k.turn.strands().abandon(first[0], new IllegalStateException("not stuck"));
            }
        })) {
            assertThat(kernel.run()).isEqualTo(Turn.Stop.ALL_WAIT);
            assertThat(first[0]).isNotNull();
            assertThat(abandoned[0]).isFalse();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- code that does not end ----

    /** Runs to the end of the instructions, and closes a machine whose code does something when it is unwound. */
    private static TinyKernel closed(Consumer<TinyKernel> whenUnwound) {
        TinyKernel kernel = kernel(k -> {
            for (;;) {
                try {
                    k.memory.load32(SHARED);
                } catch (Throwable everything) {
                    whenUnwound.accept(k);
                }
            }
        });
        kernel.turn.limitInstructions(1000);
        assertThat(kernel.turn.run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        kernel.close();
        return kernel;
    }

    @Test
    void codeThatCatchesEveryErrorDoesNotKeepTheMachineFromClosing() {
        assertThat(closed(k -> { }).turn.strands().unended()).extracting(Strand::name).containsExactly("hart 0");
    }

    @Test
    void codeThatLoopsWithoutAnAccessDoesNotKeepTheMachineFromClosing() {
        boolean[] over = new boolean[1];
        assertThat(closed(k -> {
            while (!over[0]) {
                sleep();
            }
        }).turn.strands().unended()).extracting(Strand::name).containsExactly("hart 0");
        over[0] = true;
    }

    private static void sleep() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void codeThatCatchesTheErrorAndThenReturnsHasEnded() {
        assertThat(closed(k -> {
            throw new IllegalArgumentException("another");
        }).turn.strands().unended()).isEmpty();
    }

    @Test
    void aMachineWhoseCodeDoesNotEndCannotBeRestored() {
        try (TinyKernel kernel = kernel(k -> {
            for (;;) {
                try {
                    k.memory.load32(SHARED);
                } catch (Throwable everything) {
                    k.memory.load32(SHARED + 4);
                }
            }
        }); TinyKernel stubborn = kernel(k -> {
            for (;;) {
                try {
                    k.memory.load32(SHARED);
                } catch (Throwable everything) {
                    thrown.set(everything);
                }
            }
        })) {
            Machine.Snapshot snapshot = kernel.machine.snapshot();
            Machine.Snapshot other = stubborn.machine.snapshot();
            kernel.turn.limitInstructions(1000);
            stubborn.turn.limitInstructions(1000);
            kernel.turn.run();
            stubborn.turn.run();
            assertThatThrownBy(() -> stubborn.machine.restore(other)).isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("the code of 'hart 0' does not end");
            kernel.machine.restore(snapshot);
            assertThat(kernel.turn.run()).as("the other one ended").isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        }
    }
}
