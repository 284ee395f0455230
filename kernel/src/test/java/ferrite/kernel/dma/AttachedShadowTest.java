package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.MutexLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a kernel that attaches knows of memory from RAM and from the devices' registers alone. */
@Timeout(60)
class AttachedShadowTest {

    private static final int BYTES = 512;

    private final KernelFixture fixture = KernelFixture.options().boot();
    private final long[] kept = new long[2];

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private List<String> reported(KernelFixture.Body body) {
        fixture.run(body);
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    private void enable(int mode) {
        int channel = fixture.dmaChannel();
        kept[0] = kernel().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 1);
        check(kernel().requestDma(channel, "test") == 0, "the channel is taken");
        int flags = kernel().claimDmaLock();
        kernel().disableDma(channel);
        kernel().clearDmaFf(channel);
        kernel().setDmaMode(channel, mode);
        kernel().setDmaAddr(channel, kernel().virtToPhys(kept[0]));
        kernel().setDmaCount(channel, BYTES);
        kernel().enableDma(channel);
        kernel().releaseDmaLock(flags);
    }

    private void attach() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.reattach();
    }

    @Test
    void aChannelThatIsUnmaskedStillHasItsMemory() {
        fixture.run(() -> enable(DmaMode.DMA_MODE_READ));
        attach();
        assertThat(reported(() -> kernel().memory().load8(kept[0] + BYTES))).isEmpty();
        assertThat(reported(() -> kernel().memory().load8(kept[0] + BYTES - 1))).containsExactly("dma-cpu-access");
        assertThat(reported(() -> kernel().freePages(kept[0], 1))).containsExactly("dma-freed-in-use");
    }

    @Test
    void aTransferThatGoesOnAfterTheAttachEndsAtItsTerminalCount() {
        fixture.run(() -> enable(DmaMode.DMA_MODE_READ));
        attach();
        fixture.dmaDevice.makeReady(BYTES);
        assertThat(reported(() -> {
            fixture.requestDma(true);
            long end = fixture.cpu().time() + 100_000;
            while (fixture.cpu().time() < end) {
                kernel().cpuRelax();
            }
            check(kernel().memory().load8(kept[0]) == 1, "the device's first byte");
        })).isEmpty();
        assertThat(reported(() -> kernel().freePages(kept[0], 1))).isEmpty();
    }

    @Test
    void aChannelThatIsMaskedAgainHasNothing() {
        fixture.run(() -> {
            enable(DmaMode.DMA_MODE_READ);
            int flags = kernel().claimDmaLock();
            kernel().disableDma(fixture.dmaChannel());
            kernel().releaseDmaLock(flags);
        });
        attach();
        assertThat(reported(() -> kernel().freePages(kept[0], 1))).isEmpty();
    }

    @Test
    void theLineThatLastStoredToADevicesRegistersStandsForItsRequest() {
        BusMaster device = new BusMaster("timer", 32);
        fixture.run(() -> {
            kept[0] = kernel().__getFreePages(Gfp.GFP_KERNEL, 0);
            kernel().freePages(kept[0], 0);
        });
        for (int round = 0; round < 2; round++) {
            String[] line = new String[1];
            fixture.run(() -> {
                kernel().memory().store32(fixture.timerRegisters() + 8, 0);
                line[0] = "AttachedShadowTest.java:" + (StackWalker.getInstance().walk(frames -> frames.findFirst()
                        .orElseThrow().getLineNumber()) - 1);
                fixture.machine.bus().write(device, kernel().virtToPhys(kept[0]), new byte[8], 0, 8);
            });
            assertThat(fixture.takeViolations()).singleElement().satisfies(violation -> {
                assertThat(violation.rule()).isEqualTo("dma-freed-memory");
                assertThat(violation.mistake()).contains(line[0]);
            });
            attach();
        }
    }

    @Test
    void aChannelThatWasSetUpBeforeMayBeEnabledAgain() {
        fixture.run(() -> enable(DmaMode.DMA_MODE_READ));
        attach();
        assertThat(reported(() -> {
            int flags = kernel().claimDmaLock();
            kernel().disableDma(fixture.dmaChannel());
            kernel().enableDma(fixture.dmaChannel());
            kernel().releaseDmaLock(flags);
        })).isEmpty();
    }

    @Test
    void aMutexThatWasTakenBeforeMayBeReleased() {
        fixture.run(() -> {
            kept[0] = kernel().kzalloc(MutexLayout.SIZE, Gfp.GFP_KERNEL);
            kernel().mutexInit(kept[0]);
            kernel().mutexLock(kept[0]);
        });
        attach();
        assertThat(reported(() -> kernel().mutexUnlock(kept[0]))).isEmpty();
        assertThat(reported(() -> kernel().mutexUnlock(kept[0]))).containsExactly("lock-not-held");
    }

    @ParameterizedTest
    @ValueSource(ints = {0x10, 0xffff_fff0, Integer.MAX_VALUE, -1})
    void aKernelAttachesToADamagedTableOfChannelsAndDamagedAreas(int rubbish) {
        fixture.run(() -> {
            enable(DmaMode.DMA_MODE_READ);
            kernel().vmalloc(5000);
            long root = fixture.kernel().base().root();
            long table = RootLayout.DMA_TABLE.get(fixture.memory(), root);
            for (int channel = 0; channel < 8; channel++) {
                fixture.memory().store32(table + 32L * channel + (rubbish < 0 ? 0 : 12), rubbish);
            }
        });
        fixture.takeViolations();
        fixture.reattach();
        assertThat(fixture.kernel().isUp()).isTrue();
    }

    @Test
    void anAreasRequestedBytesAreKnown() {
        fixture.run(() -> kept[1] = kernel().vmalloc(5000));
        attach();
        assertThat(reported(() -> kernel().memory().store8(kept[1] + 4999, 1))).isEmpty();
        assertThat(reported(() -> kernel().memory().store8(kept[1] + 5000, 1))).containsExactly("area-overrun");
        assertThat(reported(() -> kernel().vfree(kept[1]))).isEmpty();
    }
}
