package ferrite.kernel.core;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Callers that must not sleep, and the reports if they do. Lies outside the packages of which the search for the caller
 * skips the frames.
 */
@Timeout(60)
class ContextTest {

    private final KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Kernel kernel() {
        return fixture.kernel();
    }

    private static int line() {
        return StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    /** Returns the only report. */
    private Violation theReport() {
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports).as("log " + fixture.log).hasSize(1);
        assertThat(reports.get(0).rule()).isEqualTo("sleep-in-atomic");
        return reports.get(0);
    }

    private void assertReported(String call, String context) {
        Violation report = theReport();
        assertThat(report.summary()).isEqualTo(call + " may sleep, which is forbidden here");
        assertThat(report.line("context")).contains(context);
    }

    @Test
    void anAllocationThatMaySleepUnderASpinlockIsReportedWithWhereTheLockWasTakenAndTheRunGoesOn() {
        int[] lines = new int[2];
        fixture.run(() -> {
            long lock = fixture.zeroed(4);
            lines[0] = line() + 1;
            int flags = kernel().base().driverLocks().lockIrqSave(lock);
            lines[1] = line() + 1;
            long object = kernel().calls().kmalloc(64, Gfp.GFP_KERNEL);
            kernel().base().driverLocks().unlockIrqRestore(lock, flags);
            check(object != 0, "the allocation failed");
            kernel().calls().kfree(object);
        });
        Violation report = theReport();
        assertThat(report.summary()).isEqualTo("kmalloc with GFP_KERNEL may sleep, which is forbidden here");
        assertThat(report.line("context"))
                .isEqualTo("preemption is off, once, since spin_lock_irqsave at ContextTest.java:" + lines[0]);
        assertThat(report.line("where")).startsWith("at ContextTest.java:" + lines[1] + ", in task ")
                .endsWith("'body'");
        assertThat(report.line("instead")).contains("GFP_ATOMIC");
        assertThat(report.mistake()).isEqualTo("sleep-in-atomic at ContextTest.java:" + lines[1]);
        assertThat(report.when().hart()).isZero();
    }

    @Test
    void theAtomicSectionIsTheOutermostOne() {
        int[] line = new int[1];
        fixture.run(() -> {
            long locks = fixture.zeroed(8);
            line[0] = line() + 1;
            kernel().base().driverLocks().lock(locks);
            kernel().base().driverLocks().lock(locks + 4);
            kernel().base().driverLocks().unlock(locks + 4);
            kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0);
            kernel().base().driverLocks().unlock(locks);
        });
        assertReported("__get_free_pages with GFP_KERNEL", "since spin_lock at ContextTest.java:" + line[0]);
    }

    @Test
    void withPreemptionOrInterruptsOffNothingThatMaySleepIsAllowed() {
        int[] line = new int[1];
        fixture.run(() -> {
            line[0] = line() + 1;
            kernel().base().driverLocks().preemptDisable();
            kernel().calls().kfree(kernel().calls().kzalloc(8, Gfp.GFP_KERNEL));
            kernel().base().driverLocks().preemptEnable();
        });
        assertReported("kmalloc with GFP_KERNEL|__GFP_ZERO", "since preempt_disable at ContextTest.java:" + line[0]);
        fixture.run(() -> {
            line[0] = line() + 1;
            int flags = kernel().base().driverLocks().localIrqSave();
            kernel().calls().kfree(kernel().calls().kmalloc(8, Gfp.GFP_KERNEL));
            kernel().base().driverLocks().localIrqRestore(flags);
        });
        assertReported("kmalloc with GFP_KERNEL",
                "interrupts are off, since local_irq_save at ContextTest.java:" + line[0]);
        fixture.run(() -> {
            int flags = fixture.cpu().irqSave();
            kernel().calls().kfree(kernel().calls().kmalloc(8, Gfp.GFP_KERNEL));
            fixture.cpu().irqRestore(flags);
        });
        Violation report = theReport();
        assertThat(report.line("context")).as("the beginning was not recorded").isEqualTo("interrupts are off");
    }

    @Test
    void anInterruptHandlerMayNotSleepWhateverItInterrupted() {
        fixture.runUnderInterrupts(5000, () -> {
            if (kernel().base().context().inHardirq() && fixture.violations.isEmpty()) {
                kernel().calls().kfree(kernel().calls().kmalloc(8, Gfp.GFP_KERNEL));
            }
        }, fixture.onEveryHart(hart -> {
            for (int i = 0; i < 3000; i++) {
                kernel().calls().kfree(kernel().calls().kmalloc(8, Gfp.GFP_KERNEL));
            }
        }));
        assertReported("kmalloc with GFP_KERNEL", "in the handler of interrupt 2, timer_handler");
    }

    /** A call that may sleep, and its name in the report. */
    private record Sleeper(String name, KernelFixture.Body call) { }

    @Test
    void everyCallThatMaySleepSaysSoWhetherOrNotItWouldHaveSlept() {
        long handler = fixture.text("unused", (IrqHandler) (irq, data) -> IrqReturn.IRQ_HANDLED);
        long[] memory = new long[1];
        fixture.run(() -> {
            memory[0] = fixture.zeroed(256);
            kernel().tasks().waitQueues().init(memory[0]);
            kernel().tasks().mutexes().init(memory[0] + WaitQueueLayout.SIZE);
        });
        long mutex = memory[0] + WaitQueueLayout.SIZE;
        List<Sleeper> sleepers = List.of(
                new Sleeper("wait_event", () -> kernel().tasks().sleep().waitEvent(memory[0], () -> true)),
                new Sleeper("mutex_lock", () -> kernel().tasks().mutexes().lock(mutex)),
                new Sleeper("schedule", () -> kernel().tasks().scheduler().schedule()),
                new Sleeper("ioremap", () -> kernel().calls().ioremap(0xf005_1000L, 0x1000)),
                new Sleeper("copy_to_user", () -> kernel().calls().copyToUser(mutex + MutexLayout.SIZE, memory[0], 4)),
                new Sleeper("copy_from_user",
                        () -> kernel().calls().copyFromUser(mutex + MutexLayout.SIZE, memory[0], 4)),
                new Sleeper("request_irq", () -> kernel().interrupts().request(5, handler, 0, 0, "unused", 0)),
                new Sleeper("free_irq", () -> kernel().interrupts().freeIrq(5, 0)));
        for (Sleeper sleeper : sleepers) {
            fixture.run(() -> {
                kernel().base().driverLocks().preemptDisable();
                sleeper.call.run();
                kernel().base().driverLocks().preemptEnable();
            });
            List<Violation> reports = fixture.takeViolations();
            assertThat(reports).as(sleeper.name).isNotEmpty();
            assertThat(reports.get(0).summary()).isEqualTo(sleeper.name + " may sleep, which is forbidden here");
        }
    }

    @Test
    void whatCannotSleepMayBeCalledAnywhereAndSoMayAnythingOnceTheSectionHasEnded() {
        fixture.runUnderInterrupts(5000, () -> kernel().calls().kfree(kernel().calls().kmalloc(8, Gfp.GFP_ATOMIC)),
                fixture.onEveryHart(hart -> {
                    long lock = fixture.zeroed(4);
                    for (int i = 0; i < 500; i++) {
                        int flags = kernel().base().driverLocks().lockIrqSave(lock);
                        long object = kernel().calls().kmalloc(64, Gfp.GFP_ATOMIC);
                        long page = kernel().calls().__getFreePages(Gfp.GFP_ATOMIC, 0);
                        kernel().base().driverLocks().unlockIrqRestore(lock, flags);
                        kernel().calls().kfree(object);
                        kernel().calls().freePages(page, 0);
                        kernel().calls().kfree(kernel().calls().kmalloc(64, Gfp.GFP_KERNEL));
                        kernel().base().driverLocks().lock(lock);
                        kernel().base().driverLocks().unlock(lock);
                        kernel().tasks().sleep().waitEvent(lock, () -> true);
                    }
                }));
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void whetherTheRuleIsCheckedChangesNothingInTheMachine() {
        Machine.Digest[] digests = new Machine.Digest[2];
        for (int i = 0; i < 2; i++) {
            try (KernelFixture each = KernelFixture.options().harts(4)
                    .checks(i == 0 ? Checks.NONE : Checks.ALL).boot()) {
                each.run(each.onEveryHart(hart -> {
                    long lock = each.zeroed(4);
                    for (int k = 0; k < 50; k++) {
                        int flags = each.kernel().base().driverLocks().lockIrqSave(lock);
                        each.kernel().calls().kfree(each.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL));
                        each.kernel().base().driverLocks().unlockIrqRestore(lock, flags);
                    }
                }));
                assertThat(each.takeViolations()).hasSize(i == 0 ? 0 : 200);
                digests[i] = each.machine.digest();
            }
        }
        assertThat(digests[0]).isEqualTo(digests[1]);
    }
}
