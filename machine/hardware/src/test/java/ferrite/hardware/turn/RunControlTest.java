package ferrite.hardware.turn;

import static ferrite.hardware.turn.TinyKernel.SHARED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Halting a machine, letting it run on, and asking it questions from another thread. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunControlTest {

    private static final int SECONDS = 10;

    /** One hart that counts for ever, in a word of memory. */
    private final TinyKernel kernel = new TinyKernel(1, Interleavings.RR, 1, k -> hart -> {
        for (;;) {
            k.memory.amoAdd32(SHARED, 1);
        }
    });
    private final RunControl control = kernel.machine.control();

    /** The controller's loop, as a run has it; ends when the machine is switched off or killed. */
    private CompletableFuture<Turn.Stop> start() {
        CompletableFuture<Turn.Stop> end = new CompletableFuture<>();
        Thread controller = new Thread(() -> {
            try {
                Turn.Stop stop = Turn.Stop.HALTED;
                while (stop == Turn.Stop.HALTED || control.haltAtEnd(stop)) {
                    control.waitWhileHalted();
                    if (control.isKilled()) {
                        break;
                    }
                    stop = kernel.turn.run();
                }
                kernel.turn.posts().refuse();
                end.complete(stop);
            } catch (InterruptedIOException e) {
                end.completeExceptionally(e);
            }
        });
        controller.setDaemon(true);
        controller.start();
        return end;
    }

    private <T> T ask(java.util.function.Supplier<T> question) throws Exception {
        return control.ask(question).get(SECONDS, TimeUnit.SECONDS);
    }

    private boolean switchOff() {
        kernel.turn.stop(Turn.Stop.POWERED_OFF);
        control.resume();
        return true;
    }

    @Test
    void aHaltedMachineStandsStillAndSaysWhyUntilItIsResumed() throws Exception {
        CompletableFuture<Turn.Stop> end = start();
        control.post(control::halt);
        assertThat(ask(control::isHalted)).isTrue();
        int count = ask(() -> kernel.word(SHARED));
        assertThat(ask(control::stopReason)).isEqualTo(Turn.Stop.HALTED);
        assertThat(ask(() -> kernel.word(SHARED))).as("nothing has run meanwhile").isEqualTo(count);
        control.post(control::resume);
        while (ask(() -> kernel.word(SHARED)) == count) {
            Thread.onSpinWait();
        }
        assertThat(ask(control::stopReason)).as("while it runs").isNull();
        control.post(this::switchOff);
        assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Turn.Stop.POWERED_OFF);
        assertThat(control.stopReason()).isEqualTo(Turn.Stop.POWERED_OFF);
        kernel.close();
    }

    @Test
    void aMachineThatIsHaltedBeforeItsFirstRunExecutesNothing() throws Exception {
        control.halt();
        CompletableFuture<Turn.Stop> end = start();
        assertThat(ask(kernel.machine.clock()::instructions)).isZero();
        assertThat(ask(control::stopReason)).isEqualTo(Turn.Stop.HALTED);
        control.post(control::resume);
        while (ask(() -> kernel.word(SHARED)) == 0) {
            Thread.onSpinWait();
        }
        control.post(this::switchOff);
        assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Turn.Stop.POWERED_OFF);
        kernel.close();
    }

    @Test
    void aQuestionThatFailsFailsAloneAndOneAfterTheRunIsRefused() throws Exception {
        CompletableFuture<Turn.Stop> end = start();
        CompletableFuture<Object> failing = control.ask(() -> {
            throw new IllegalStateException("corrupt");
        });
        assertThatThrownBy(() -> failing.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("corrupt");
        assertThat(ask(() -> "and the run goes on")).isNotNull();
        control.post(this::switchOff);
        assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Turn.Stop.POWERED_OFF);
        assertThatThrownBy(() -> control.ask(() -> 1).get()).hasCauseInstanceOf(RejectedExecutionException.class);
        kernel.close();
    }

    @Test
    void aMachineWhoseFreeHartsWaitIsHaltedAndNotEnded() throws Exception {
        CompletableFuture<Turn.Stop> end = start();
        control.post(() -> control.resume(0, null));
        while (!ask(control::isHalted)) {
            Thread.onSpinWait();
        }
        assertThat(ask(() -> control.lastHalt().reason())).isEqualTo(Halt.Reason.WAITING);
        control.post(control::kill);
        end.get(SECONDS, TimeUnit.SECONDS);
        kernel.close();
    }

    @Test
    void aMachineAnswersWhileEventsAreDueForEverAndNoHartMayRun() throws Exception {
        Clock clock = kernel.machine.clock();
        ClockEvent[] endless = new ClockEvent[1];
        endless[0] = clock.newEvent("endless", () -> endless[0].scheduleIn(1));
        CompletableFuture<Turn.Stop> end = start();
        long before = ask(() -> {
            endless[0].scheduleIn(1);
            control.resume(0, null);
            return clock.firedEvents();
        });
        while (ask(clock::firedEvents) == before) {
            Thread.onSpinWait();
        }
        control.post(control::halt);
        assertThat(ask(() -> control.lastHalt().reason())).isEqualTo(Halt.Reason.REQUEST);
        control.post(control::kill);
        end.get(SECONDS, TimeUnit.SECONDS);
        kernel.close();
    }

    @Test
    void aMachineThatItsLastDebuggerLeavesHoldsNoHart() throws Exception {
        CompletableFuture<Turn.Stop> end = start();
        int count = ask(() -> {
            control.countDebuggers(1);
            control.resume(0, null);
            control.countDebuggers(-1);
            return kernel.word(SHARED);
        });
        while (ask(() -> kernel.word(SHARED)) == count) {
            Thread.onSpinWait();
        }
        control.post(this::switchOff);
        assertThat(end.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Turn.Stop.POWERED_OFF);
        kernel.close();
    }

    @Test
    void aKilledMachineIsNotHaltedByALaterRequest() throws Exception {
        control.halt();
        CompletableFuture<Turn.Stop> end = start();
        control.post(() -> {
            control.kill();
            control.halt();
        });
        end.get(SECONDS, TimeUnit.SECONDS);
        kernel.close();
    }

    @Test
    void anInterruptedControllerStopsWaiting() {
        control.halt();
        Thread.currentThread().interrupt();
        assertThatThrownBy(control::waitWhileHalted).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        kernel.close();
    }

    @Test
    void aWaitingControllerLendsTheTurnToAThreadThatLooks() throws Exception {
        assertThat(control.lookNow(() -> { })).as("no controller waits").isFalse();
        control.halt();
        CompletableFuture<Turn.Stop> end = start();
        Thread[] looking = new Thread[1];
        CompletableFuture<Boolean> resumed = new CompletableFuture<>();
        Runnable look = () -> {
            looking[0] = Thread.currentThread();
            control.post(() -> {
                resumed.complete(true);
                control.kill();
            });
            assertThat(resumed).as("the controller waits for the end of the look").isNotDone();
            assertThat(control.lookNow(() -> { })).as("a second loan").isFalse();
        };
        while (!control.lookNow(look)) {               // until the controller has begun to wait
            Thread.onSpinWait();
        }
        assertThat(looking[0]).isSameAs(Thread.currentThread());
        assertThat(resumed.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        end.get(SECONDS, TimeUnit.SECONDS);
        assertThat(control.lookNow(() -> { })).as("the run is over").isFalse();
        kernel.close();
    }
}
