package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.TestDevice;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.work.WorkFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that no driver in the tree needs. */
@Timeout(60)
class RareCallsTest {

    private static final int ROUNDS = 20;

    private KernelFixture fixture;
    private long record;

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    private void boot(int harts) {
        fixture = KernelFixture.options().harts(harts).interleaving(Interleavings.RANDOM, 3).boot();
        fixture.run(() -> record = kernel().kzalloc(512, Gfp.GFP_KERNEL));
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    // ---- locks, waits and barriers ----

    /** The classic test of a barrier: without one, both harts may read 0 (store buffering). */
    @Test
    void aBarrierIsBetweenAStoreAndALoadAndOthersBetweenLoads() {
        boot(2);
        int[] seen = new int[2];
        for (int i = 0; i < ROUNDS; i++) {
            fixture.run(() -> kernel().memory().fill(record, 0, 16));
            fixture.run(fixture.onEveryHart(hart -> {
                kernel().memory().store32(record + 4L * hart, 1);
                kernel().smpMb();
                seen[hart] = kernel().memory().load32(record + 4L * (1 - hart));
                kernel().rmb();
                kernel().dmaRmb();
                check(kernel().memory().load32(record + 4L * hart) == 1, "its own store");
            }));
            assertThat(seen[0] + seen[1]).isPositive();
        }
    }

    @Test
    void aSequenceLockIsReadWithInterruptsOffAndTriedForWriting() {
        boot(1);
        fixture.run(() -> {
            kernel().seqlockInit(record);
            int begun = kernel().readSeqbeginIrqsave(record, record + 64);
            check(!fixture.cpu().irqsEnabled(), "interrupts are off");
            check(!kernel().readSeqretryIrqrestore(record, begun, kernel().memory().load32(record + 64)), "no writer");
            check(fixture.cpu().irqsEnabled(), "interrupts are as before");
            check(kernel().writeTryseqlock(record) && !kernel().writeTryseqlock(record), "taken once");
            kernel().writeSequnlock(record);
            begun = kernel().readSeqbegin(record);
            kernel().readBarrierDepends();
            kernel().smpReadBarrierDepends();
            check(kernel().writeTryseqlock(record), "free again");
            kernel().writeSequnlock(record);
            check(kernel().readSeqretry(record, begun), "a writer was there");
        });
    }

    @Test
    void aMutexAndAWordTellTheirState() {
        boot(1);
        fixture.run(() -> {
            kernel().mutexInit(record);
            check(!kernel().mutexIsLocked(record), "free");
            kernel().mutexLock(record);
            check(kernel().mutexIsLocked(record), "held");
            kernel().mutexUnlock(record);
            kernel().atomicSet(record + 64, 2);
            check(kernel().atomicDecReturn(record + 64) == 1 && kernel().atomicRead(record + 64) == 1, "2 - 1");
            kernel().mightSleep("read", "read before the lock is taken");
            kernel().spinLock(record + 128);
            kernel().mightSleep("read", "read before the lock is taken");
            kernel().spinUnlock(record + 128);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsExactly("sleep-in-atomic");
    }

    @Test
    void aWakeUpReachesOneExclusiveWaiter() {
        boot(1);
        List<String> woken = new ArrayList<>();
        fixture.run(() -> kernel().initWaitqueueHead(record));
        List<Job> jobs = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            jobs.add(Job.of(name, 1, () -> {
                kernel().prepareToWaitExclusive(record);
                kernel().schedule();
                kernel().finishWait(record);
                woken.add(name);
            }));
        }
        jobs.add(Job.of("waker", 1, () -> {
            kernel().msleep(8);
            kernel().wakeUp(record);
            kernel().msleep(8);
            check(woken.equals(List.of("one")), "who was woken: " + woken);
            kernel().wakeUp(record);
        }));
        fixture.run(jobs);
        assertThat(woken).containsExactly("one", "two");
    }

    // ---- time and harts ----

    @Test
    void aLongLoopLetsOthersRunAndTimeGoesOn() {
        boot(2);
        boolean[] ran = new boolean[1];
        fixture.run(List.of(Job.on(0, () -> {
            check(kernel().numOnlineCpus() == 2, "harts");
            long start = kernel().schedClock();
            while (!ran[0]) {
                kernel().cpuRelax();
                kernel().condResched();
            }
            check(kernel().schedClock() > start, "no time has passed");
        }), Job.on(0, () -> ran[0] = true)));
    }

    // ---- interrupts and deferred work ----

    @Test
    void anInterruptAndATaskletWaitWhileTheyAreDisabledWithoutAWait() {
        boot(1);
        List<String> ran = new ArrayList<>();
        long handler = fixture.text("handler", (IrqHandler) (irq, data) -> {
            kernel().memory().store32(fixture.timerRegisters() + TestDevice.STATUS, 0);
            ran.add("handler");
            kernel().taskletDisableNosync(data);
            kernel().taskletSchedule(data);
            kernel().disableIrqNosync(irq);            // it would wait for itself by disable_irq
            return IrqReturn.IRQ_HANDLED;
        });
        long function = fixture.text("tasklet", (TimerFunction) data -> ran.add("tasklet"));
        fixture.run(() -> {
            kernel().taskletInit(record, function, 0);
            check(kernel().requestIrq(fixture.timerIrq(), handler, 0, "rare", record) == 0, "request_irq");
            interruptSoon();
            interruptSoon();
            check(ran.equals(List.of("handler")), "both are disabled: " + ran);
            kernel().taskletEnable(record);
            kernel().msleep(4);
            check(ran.equals(List.of("handler", "tasklet")), "the tasklet is enabled: " + ran);
            kernel().enableIrq(fixture.timerIrq());
            kernel().udelay(50);
            check(ran.equals(List.of("handler", "tasklet", "handler")), "the interrupt is enabled: " + ran);
            kernel().taskletEnable(record);
            kernel().taskletKill(record);
            kernel().enableIrq(fixture.timerIrq());
            kernel().freeIrq(fixture.timerIrq(), record);
        });
    }

    private void interruptSoon() {
        kernel().memory().store32(fixture.timerRegisters() + TestDevice.DELAY, 100);
        kernel().udelay(50);
    }

    @Test
    void anItemRunsOnTheHartThatIsNamedAndOneQueueHasOneItemAtATime() {
        boot(2);
        int[] harts = {-1, -1};
        int[] now = new int[1];
        long onHart = fixture.text("on-hart", (WorkFunction) item ->
                harts[item == record ? 0 : 1] = fixture.cpu().hartId());
        long alone = fixture.text("alone", (WorkFunction) item -> {
            check(++now[0] == 1, "two items at once");
            kernel().msleep(4);
            now[0]--;
        });
        fixture.run(() -> {
            long queue = kernel().createWorkqueue("each");
            long single = kernel().createSinglethreadWorkqueue("single");
            kernel().initWork(record, onHart);
            kernel().initWork(record + 64, onHart);
            check(kernel().scheduleWorkOn(1, record) && kernel().queueWorkOn(0, queue, record + 64), "queued");
            kernel().flushWork(record);
            kernel().flushWorkqueue(queue);
            kernel().initWork(record + 128, alone);
            kernel().initWork(record + 192, alone);
            check(kernel().queueWork(single, record + 128) && kernel().queueWork(single, record + 192), "queued");
            kernel().destroyWorkqueue(single);
            kernel().destroyWorkqueue(queue);
            kernel().initWork(record, onHart);
            check(kernel().queueWork(kernel().systemUnboundWq(), record), "the kernel's unbound queue");
            kernel().flushWork(record);
        });
        assertThat(harts[1]).isZero();
        assertThat(now).containsExactly(0);
    }

    // ---- scatterlists ----

    @Test
    void anEntryTellsItsPhysicalAddress() {
        boot(1);
        fixture.run(() -> {
            kernel().sgInitTable(record, 1);
            kernel().sgSetBuf(record, record + 100, 8);
            check(kernel().sgPhys(record) == kernel().virtToPhys(record + 100), "sg_phys");
        });
    }
}
