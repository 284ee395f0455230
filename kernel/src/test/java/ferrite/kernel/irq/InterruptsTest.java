package ferrite.kernel.irq;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Turn;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.TestDevice;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptsTest {

    /** A source without a device. */
    private static final int OTHER = 9;

    private final KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private final List<Long> calls = new ArrayList<>();
    private final long counting = fixture.text("counting", (IrqHandler) this::count);

    @AfterEach
    void close() {
        fixture.close();
    }

    private IrqReturn count(int irq, long data) {
        fixture.memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
        calls.add(data);
        return IrqReturn.IRQ_HANDLED;
    }

    private Interrupts interrupts() {
        return fixture.kernel().interrupts();
    }

    private int request(long handler, long data) {
        return interrupts().request(fixture.timerIrq(), handler, 0, 0, "test-timer", data);
    }

    private void await(long ticks) {
        long end = fixture.cpu().time() + ticks;
        while (fixture.cpu().time() < end) {
            fixture.cpu().relax();
        }
    }

    /** Makes the timer interrupt once, and waits until the interrupt is handled. */
    private void interruptOnce() {
        fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
        await(20_000);
    }

    @Test
    void aHandlerIsCalledWithItsDataAndCounted() {
        fixture.run(() -> {
            check(request(counting, 0x1234_5678L) == 0, "request_irq");
            interruptOnce();
            interruptOnce();
        });
        assertThat(calls).containsExactly(0x1234_5678L, 0x1234_5678L);
        assertThat(interrupts().count(fixture.peek(), fixture.timerIrq(), 0)).isEqualTo(2);
        assertThat(interrupts().count(fixture.peek(), fixture.timerIrq(), 1)).isZero();
        assertThat(interrupts().name(fixture.peek(), fixture.timerIrq())).isEqualTo("test-timer");
        assertThat(fixture.proc("interrupts")).containsPattern("(?m)^ *2: +2 +0 +SiFive PLIC +2 +\\S+ +test-timer$");
    }

    @Test
    void anInterruptThatIsTakenIsBusyAndOneThatDoesNotExistInvalid() {
        fixture.run(() -> {
            check(request(counting, 0) == 0, "request_irq");
            check(request(counting, 0) == -Errno.EBUSY, "a second request");
            for (int irq : new int[] {0, -1, Interrupts.SOURCES, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                check(interrupts().request(irq, counting, 0, 0, "none", 0) == -Errno.EINVAL, "a request for " + irq);
            }
            check(request(counting, 1) == -Errno.EBUSY, "it was given away");
        });
    }

    @Test
    void afterFreeIrqNothingIsCalledAndAnotherMayHaveIt() {
        fixture.run(() -> {
            check(request(counting, 1) == 0, "request_irq");
            interruptOnce();
            interrupts().freeIrq(fixture.timerIrq(), 1);
            check(interrupts().name(fixture.memory(), fixture.timerIrq()) == null, "it still has a name");
            interruptOnce();
            check(calls.equals(List.of(1L)), "the freed handler was called: " + calls);
            check(request(counting, 2) == 0, "request_irq after free_irq");
            await(20_000);
            check(calls.equals(List.of(1L, 2L)), "the interrupt that was up meanwhile did not arrive: " + calls);
            interruptOnce();
        });
        assertThat(calls).containsExactly(1L, 2L, 2L);
    }

    /** The PLIC ignores the completion of a disabled source, which would then never interrupt again. */
    @Test
    void anInterruptThatIsFreedWhileItIsHandledComesAgainWhenItIsRequestedAgain() {
        boolean[] inHandler = new boolean[1];
        long slow = fixture.text("slow", (IrqHandler) (irq, data) -> {
            inHandler[0] = true;
            count(irq, data);
            await(50_000);
            inHandler[0] = false;
            return IrqReturn.IRQ_HANDLED;
        });
        fixture.run(List.of(Job.on(1, () -> {
            check(request(slow, 7) == 0, "request_irq");
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
            while (!inHandler[0]) {
                fixture.cpu().relax();
            }
            interrupts().freeIrq(fixture.timerIrq(), 7);
            check(!inHandler[0], "free_irq returned while the handler ran");
            check(request(counting, 8) == 0, "request_irq again");
            interruptOnce();
            interruptOnce();
        })));
        assertThat(calls).containsExactly(7L, 8L, 8L);
    }

    @Test
    void whoFreesWhatWasNeverRequestedIsTold() {
        fixture.run(() -> {
            for (int irq : new int[] {fixture.timerIrq(), 0, Interrupts.SOURCES + 1, -1}) {
                String bug = bugOf(() -> interrupts().freeIrq(irq, 0));
                check(bug.contains("free_irq") && bug.contains(Integer.toString(irq)), "said: " + bug);
            }
            check(fixture.cpu().irqsEnabled(), "interrupts stayed off");
        });
        fixture.run(() -> { });  // needs the interrupt that a too large number would have replaced
    }

    @Test
    void aHandlerRunsWithInterruptsOffOnTopOfTheTaskThatItInterrupted() {
        long[] seen = new long[2];
        long looking = fixture.text("looking", (IrqHandler) (irq, data) -> {
            seen[0] = fixture.cpu().irqsEnabled() ? 1 : 2;
            seen[1] = fixture.cpu().tp();
            return count(irq, data);
        });
        fixture.run(List.of(Job.on(0, () -> {
            check(request(looking, 0) == 0, "request_irq");
            interruptOnce();
            check(seen[0] == 2, "interrupts are on in a handler");
            check(seen[1] == fixture.cpu().tp(), "the handler did not run on this task");
            check(fixture.cpu().irqsEnabled(), "interrupts stayed off");
        })));
    }

    @Test
    void anInterruptIsTakenAtAnyAccessAndNothingOfTheTaskIsLost() {
        long sum = fixture.text("nothing", (IrqHandler) this::count);
        fixture.run(List.of(Job.on(0, () -> {
            long data = fixture.zeroed(4096);
            check(request(sum, 0) == 0, "request_irq");
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.PERIOD, 97);
            for (int i = 0; i < 5000; i++) {
                long at = data + i % 1024 * 4L;
                fixture.memory().store32(at, fixture.memory().load32(at) + i);
            }
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.PERIOD, 0);
            long total = 0;
            for (int i = 0; i < 1024; i++) {
                total += fixture.memory().load32(data + 4L * i);
            }
            check(total == 4999L * 5000 / 2, "a store was lost: " + total);
        })));
        assertThat(calls).hasSizeGreaterThan(50);
    }

    @Test
    void aMistakeInAHandlerStopsTheMachineAndSaysWhere() {
        long broken = fixture.text("broken_handler", (IrqHandler) (irq, data) -> {
            throw new KernelBug("a handler that frees what it never had");
        });
        Turn.Stop stop = fixture.runToStop(List.of(Job.on(1, () -> {
            check(request(broken, 0) == 0, "request_irq");
            interruptOnce();
        })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class)
                .hasMessageContaining("broken_handler").hasMessageContaining("a handler that frees what it never had")
                .hasMessageContaining("InterruptsTest.java:");
        assertThat(fixture.go()).as("a machine that panicked stays so").isEqualTo(Turn.Stop.PANIC);
    }

    @Test
    void aHandlerThatFreesItsOwnInterruptIsToldInsteadOfWaitingForItself() {
        long broken = fixture.text("freeing_handler", (IrqHandler) (irq, data) -> {
            interrupts().freeIrq(irq, data);
            return IrqReturn.IRQ_HANDLED;
        });
        Turn.Stop stop = fixture.runToStop(List.of(Job.on(1, () -> {
            check(request(broken, 0) == 0, "request_irq");
            interruptOnce();
        })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class)
                .hasMessageContaining("freeing_handler")
                .hasMessageContaining("by an interrupt handler; call it from a task");
    }

    @Test
    void aHandlerThatTouchesNothingMappedStopsTheMachine() {
        long broken = fixture.text("wild_handler", (IrqHandler) (irq, data) ->
                fixture.memory().load32(0x40) == 0 ? IrqReturn.IRQ_NONE : IrqReturn.IRQ_HANDLED);
        Turn.Stop stop = fixture.runToStop(List.of(Job.on(1, () -> {
            check(request(broken, 0) == 0, "request_irq");
            interruptOnce();
        })));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class)
                .hasMessageContaining("load page fault").hasMessageContaining("0x00000040")
                .hasMessageContaining("InterruptsTest.java:");
    }
    // ---- shared interrupts ----

    private int requestShared(long handler, long devId) {
        return interrupts().request(fixture.timerIrq(), handler, 0, IrqFlags.IRQF_SHARED, "shared-" + devId, devId);
    }

    @Test
    void aDriverMayAskWhetherAnInterruptIsFree() {
        KernelCalls calls = fixture.kernel().calls();
        int irq = fixture.timerIrq();
        fixture.run(() -> {
            check(!calls.canRequestIrq(0, 0) && !calls.canRequestIrq(-1, 0) && !calls.canRequestIrq(9999, 0), "none");
            check(calls.canRequestIrq(irq, 0) && calls.canRequestIrq(irq, IrqFlags.IRQF_SHARED), "free");
            check(requestShared(counting, 1) == 0, "request_irq");
            check(!calls.canRequestIrq(irq, 0) && calls.canRequestIrq(irq, IrqFlags.IRQF_SHARED), "shared");
            interrupts().freeIrq(irq, 1);
            check(request(counting, 1) == 0, "request_irq");
            check(!calls.canRequestIrq(irq, 0) && !calls.canRequestIrq(irq, IrqFlags.IRQF_SHARED), "one driver's");
            interrupts().freeIrq(irq, 1);
        });
    }

    @Test
    void aProbeFindsTheInterruptThatADeviceRaises() {
        KernelCalls calls = fixture.kernel().calls();
        int timer = fixture.timerIrq();
        fixture.run(() -> {
            int watched = calls.probeIrqOn();
            check((watched >> timer & 1) == 1 && (watched >> OTHER & 1) == 1, "watched: " + watched);
            check((watched & 1) == 0, "there is no source 0");
            interruptOnce();
            check(calls.probeIrqOff(watched) == timer, "the timer's");
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
            watched = calls.probeIrqOn();
            check(calls.probeIrqOff(watched) == 0, "no interrupt");
            watched = calls.probeIrqOn();
            interruptOnce();
            fixture.irqLine(OTHER).set(true);
            await(20_000);
            check(calls.probeIrqOff(watched) == -Math.min(timer, OTHER), "two interrupts");
            fixture.irqLine(OTHER).set(false);
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
        });
        fixture.run(() -> {
            check(request(counting, 1) == 0, "request_irq");
            int watched = calls.probeIrqOn();
            check((watched >> timer & 1) == 0, "it has a handler");
            check(calls.probeIrqOff(watched) == 0, "no interrupt");
            this.calls.clear();
            interruptOnce();
            check(this.calls.equals(List.of(1L)), "the handler of a watched source: " + this.calls);
            interrupts().freeIrq(timer, 1);
            long before = interrupts().count(fixture.memory(), timer, 0);
            interruptOnce();
            check(interrupts().count(fixture.memory(), timer, 0) == before, "a source is enabled after the search");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void anInterruptThatComesWithoutACauseIsNotFound() {
        KernelCalls calls = fixture.kernel().calls();
        fixture.run(() -> {
            fixture.irqLine(OTHER).set(true);          // before the driver asks its device
            int watched = calls.probeIrqOn();
            check((watched >> OTHER & 1) == 0, "watched: " + watched);
            interruptOnce();
            check(calls.probeIrqOff(watched) == fixture.timerIrq(), "the timer's");
            fixture.irqLine(OTHER).set(false);
            calls.preemptDisable();
            calls.probeIrqOff(calls.probeIrqOn());
            calls.preemptEnable();
        });
        assertThat(fixture.takeViolations()).extracting(each -> each.rule()).contains("sleep-in-atomic");
    }

    @Test
    void handlersOfASharedInterruptAreAllCalledAndFreedOneByOne() {
        fixture.run(() -> {
            check(requestShared(counting, 0) == -Errno.EINVAL, "a shared handler without a dev_id");
            check(requestShared(counting, 1) == 0 && requestShared(counting, 2) == 0, "request_irq");
            check(request(counting, 3) == -Errno.EBUSY, "a handler that does not share");
            interruptOnce();
            check(calls.equals(List.of(1L, 2L)), "called: " + calls);
            interrupts().freeIrq(fixture.timerIrq(), 1);
            interruptOnce();
            check(calls.equals(List.of(1L, 2L, 2L)), "after free_irq of the first: " + calls);
            check(requestShared(counting, 4) == 0, "request_irq of a third");
        });
        assertThat(fixture.proc("interrupts")).containsPattern("(?m)Edge +shared-2, shared-4$");
        fixture.run(() -> {
            check(bugOf(() -> interrupts().freeIrq(fixture.timerIrq(), 1)).contains("dev_id"), "it is free already");
            interrupts().freeIrq(fixture.timerIrq(), 2);
            interrupts().freeIrq(fixture.timerIrq(), 4);
            check(request(counting, 0) == 0, "it is not free");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void anInterruptIsWantedIfOneOfItsHandlersWantsIt() {
        long refusing = fixture.text("refusing", (IrqHandler) (irq, data) -> IrqReturn.IRQ_NONE);
        fixture.run(() -> {
            check(requestShared(refusing, 1) == 0 && requestShared(counting, 2) == 0, "request_irq");
            for (int i = 0; i < 10; i++) {
                interruptOnce();
            }
        });
        assertThat(calls).hasSize(10);
    }

    // ---- disabling ----

    @Test
    void aDisabledInterruptIsHandledWhenItIsEnabledAsOftenAsItWasDisabled() {
        fixture.run(() -> {
            check(request(counting, 1) == 0, "request_irq");
            interrupts().disable(fixture.timerIrq());
            interrupts().disableNosync(fixture.timerIrq());
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
            await(10_000);
            interrupts().enable(fixture.timerIrq());
            await(10_000);
            check(calls.isEmpty(), "it was handled while disabled");
            interrupts().enable(fixture.timerIrq());
            await(10_000);
            check(calls.equals(List.of(1L)), "it was not handled when enabled: " + calls);
            check(bugOf(() -> interrupts().enable(fixture.timerIrq())).contains("unbalanced enable_irq"), "unbalanced");
            check(bugOf(() -> interrupts().disable(99)).contains("which does not exist"), "no such source");
        });
    }

    @Test
    void disableIrqWaitsForARunningHandlerAndItsInterruptComesAgain() {
        boolean[] inHandler = new boolean[1];
        long slow = fixture.text("slow", (IrqHandler) (irq, data) -> {
            inHandler[0] = true;
            count(irq, data);
            await(50_000);
            inHandler[0] = false;
            return IrqReturn.IRQ_HANDLED;
        });
        fixture.run(List.of(Job.on(1, () -> {
            check(request(slow, 7) == 0, "request_irq");
            for (int round = 1; round < 4; round++) {
                fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
                while (!inHandler[0]) {
                    fixture.cpu().relax();
                }
                interrupts().disable(fixture.timerIrq());
                check(!inHandler[0], "disable_irq returned while the handler ran");
                interrupts().enable(fixture.timerIrq());
                check(calls.size() == round, "calls: " + calls);
            }
        })));
    }

    @Test
    void anInterruptThatIsRequestedDisabledStaysSo() {
        fixture.run(() -> {
            check(interrupts().request(fixture.timerIrq(), counting, 0, IrqFlags.IRQF_NO_AUTOEN, "late", 1) == 0,
                    "request_irq");
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
            await(10_000);
            check(calls.isEmpty(), "it was handled");
            interrupts().enable(fixture.timerIrq());
            await(10_000);
            check(calls.size() == 1, "it was not handled");
        });
    }

    // ---- threads ----

    @Test
    void aThreadDoesWhatAHandlerMustNotAndTheInterruptWaitsForItWithOneshot() {
        boolean[] inThread = new boolean[1];
        long thread = fixture.text("sleeper", (IrqHandler) (irq, data) -> {
            check(!inThread[0] && !fixture.kernel().calls().inAtomic(), "the thread's function is atomic or twice");
            inThread[0] = true;
            fixture.kernel().calls().usleepRange(100, 200);
            inThread[0] = false;
            return count(irq, data);
        });
        int flags = IrqFlags.IRQF_ONESHOT;
        fixture.run(List.of(Job.on(1, () -> {
            int irq = fixture.timerIrq();
            check(interrupts().request(irq, 0, thread, 0, "no-oneshot", 1) == -Errno.EINVAL, "without a handler");
            check(interrupts().request(irq, 0, thread, flags, "threaded", 1) == 0, "request_threaded_irq");
            for (int i = 1; i < 4; i++) {
                fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
                await(30_000);
                check(calls.size() == i, "the thread ran " + calls.size() + " times, not " + i);
            }
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
            while (!inThread[0]) {
                fixture.cpu().relax();
            }
            interrupts().synchronizeIrq(irq);
            check(!inThread[0] && calls.size() == 4, "synchronize_irq did not wait for the thread");
        })));
        assertThat(taskNames()).contains("irq/2-threaded");
        fixture.run(() -> interrupts().freeIrq(fixture.timerIrq(), 1));
        assertThat(taskNames()).doesNotContain("irq/2-threaded");
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.run(() -> {
            check(request(counting, 9) == 0, "request_irq after the thread has gone");
            interruptOnce();
        });
        assertThat(calls).endsWith(9L);
    }

    @Test
    void aHandlerWakesItsThreadForSomeInterruptsOnly() {
        int[] interrupts = new int[1];
        long quick = fixture.text("quick", (IrqHandler) (irq, data) -> {
            fixture.memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
            return ++interrupts[0] % 2 == 0 ? IrqReturn.IRQ_WAKE_THREAD : IrqReturn.IRQ_HANDLED;
        });
        fixture.run(() -> {
            check(interrupts().request(fixture.timerIrq(), quick, counting, 0, "half", 5) == 0, "request");
            for (int i = 0; i < 4; i++) {
                fixture.memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
                fixture.kernel().calls().msleep(1);
            }
            interrupts().freeIrq(fixture.timerIrq(), 5);
        });
        assertThat(interrupts[0]).isEqualTo(4);
        assertThat(calls).containsExactly(5L, 5L);
    }

    private List<String> taskNames() {
        return fixture.kernel().tasks().tasks().all(fixture.peek()).stream()
                .map(task -> TaskLayout.COMM.get(fixture.peek(), task)).toList();
    }

    @Test
    void aThreadThatDisablesItsOwnInterruptIsReportedAndDisableIrqInAnAtomicSectionToo() {
        long thread = fixture.text("own", (IrqHandler) (irq, data) -> {
            interrupts().disable(irq);
            interrupts().enable(irq);
            return count(irq, data);
        });
        fixture.run(List.of(Job.on(1, () -> {
            check(interrupts().request(fixture.timerIrq(), 0, thread, IrqFlags.IRQF_ONESHOT, "own", 1) == 0, "request");
            interruptOnce();
            check(calls.size() == 1, "the thread ran " + calls.size() + " times");
        })));
        assertThat(fixture.takeViolations()).extracting(one -> one.rule()).containsExactly("lock-recursion");
        fixture.run(() -> {
            long lock = fixture.zeroed(4);
            fixture.kernel().calls().spinLock(lock);
            fixture.kernel().calls().disableIrq(fixture.timerIrq());
            fixture.kernel().calls().spinUnlock(lock);
            fixture.kernel().calls().enableIrq(fixture.timerIrq());
        });
        assertThat(fixture.takeViolations()).extracting(one -> one.rule()).contains("sleep-in-atomic");
    }
}
