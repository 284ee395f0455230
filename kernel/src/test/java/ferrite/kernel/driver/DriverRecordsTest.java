package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.sched.MutexLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records in a driver's memory that the kernel reads and writes for it: each mistake with a near miss. */
@Timeout(60)
class DriverRecordsTest {

    private final KernelFixture fixture = KernelFixture.options().bootArguments("slub_debug=FZP").boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private List<Violation> reported(KernelFixture.Body body) {
        fixture.run(body);
        return fixture.takeViolations();
    }

    private long object(int bytes) {
        long object = kernel().kzalloc(bytes, Gfp.GFP_KERNEL);
        check(object != 0, "no memory");
        return object;
    }

    @Test
    void aFreeWithALockInItThatIsHeldIsReported() {
        List<Violation> all = reported(() -> {
            long object = object(MutexLayout.SIZE);
            kernel().mutexInit(object);
            kernel().mutexLock(object);
            kernel().kfree(object);
        });
        assertThat(all).extracting(Violation::rule).containsExactly("use-after-free");
        assertThat(all.get(0).summary()).contains("a free of an object with a lock in it that is held");
        assertThat(all.get(0).line("held")).startsWith("mutex_lock at DriverRecordsTest.java:");

        assertThat(reported(() -> {
            long pages = kernel().getZeroedPage(Gfp.GFP_KERNEL);
            kernel().spinLock(pages + 8);
            kernel().freePage(pages);
            kernel().preemptEnable();
        })).extracting(Violation::rule).containsExactly("use-after-free");
    }

    @Test
    void aFreeAfterTheReleaseIsNotReported() {
        assertThat(reported(() -> {
            long object = object(MutexLayout.SIZE);
            kernel().mutexInit(object);
            kernel().mutexLock(object);
            kernel().mutexUnlock(object);
            kernel().kfree(object);
        })).isEmpty();
    }

    @Test
    void aBusAddressIsNotWrittenUnnoticedIntoFreeMemory() {
        assertThat(reported(() -> {
            long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
            kernel().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32));
            long word = object(4);
            long memory = kernel().dmaAllocCoherent(dev, 100, word, Gfp.GFP_KERNEL);
            kernel().dmaFreeCoherent(dev, 100, memory, kernel().memory().loadAddress(word));
            kernel().kfree(word);
        })).isEmpty();
        assertThat(reported(() -> {
            long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
            kernel().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32));
            long word = object(4);
            kernel().kfree(word);
            long memory = kernel().dmaAllocCoherent(dev, 100, word, Gfp.GFP_KERNEL);
            kernel().dmaFreeCoherent(dev, 100, memory, kernel().virtToPhys(memory));
        })).extracting(Violation::rule).containsExactly("use-after-free");
    }

    @Test
    void aListOfScatterEntriesStaysInsideItsObject() {
        assertThat(reported(() -> kernel().sgInitTable(object(4 * ScatterListLayout.SIZE), 4))).isEmpty();
        assertThat(reported(() -> kernel().sgInitTable(object(3 * ScatterListLayout.SIZE), 4)))
                .extracting(Violation::rule).containsOnly("object-overrun").isNotEmpty();
        assertThat(reported(() -> {
            long list = object(2 * ScatterListLayout.SIZE);
            kernel().sgInitTable(list, 2);
            kernel().sgSetBuf(list + 2 * ScatterListLayout.SIZE, object(16), 16);
        })).extracting(Violation::rule).containsOnly("object-overrun").isNotEmpty();
    }
}
