package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.dma.DmaController;
import ferrite.kernel.Errno;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.mm.Gfp;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IsaDmaTest {

    private final KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private final int channel = fixture.dmaChannel();

    @AfterEach
    void close() {
        fixture.close();
    }

    private IsaDma dma() {
        return fixture.kernel().isaDma();
    }

    private void program(int mode, long bus, int bytes) {
        int flags = dma().claimDmaLock();
        dma().disableDma(channel);
        dma().clearDmaFf(channel);
        dma().setDmaMode(channel, mode);
        dma().setDmaAddr(channel, bus);
        dma().setDmaCount(channel, bytes);
        dma().enableDma(channel);
        dma().releaseDmaLock(flags);
    }

    private int residue() {
        int flags = dma().claimDmaLock();
        dma().clearDmaFf(channel);
        int residue = dma().getDmaResidue(channel);
        dma().releaseDmaLock(flags);
        return residue;
    }

    private void await(long ticks) {
        long end = fixture.cpu().time() + ticks;
        while (fixture.cpu().time() < end) {
            fixture.cpu().relax();
        }
    }

    // ---- owners ----

    @Test
    void aChannelHasOneOwnerAtATime() {
        fixture.run(() -> {
            check(dma().requestDma(1, "sound") == 0, "request_dma");
            check(dma().requestDma(1, "floppy") == -Errno.EBUSY, "a taken channel");
            check(dma().requestDma(3, "floppy") == 0, "another channel");
            check(dma().requestDma(4, "cascade") == -Errno.EINVAL && dma().requestDma(-1, "none") == -Errno.EINVAL, "channels that do not exist");
            check(dma().owner(fixture.memory(), 1).equals("sound"), "the owner");
            check(fixture.proc("dma").equals(" 1: sound\n 3: floppy\n"), "/proc/dma: " + fixture.proc("dma"));
            dma().freeDma(1);
            check(dma().owner(fixture.memory(), 1) == null, "a freed channel's owner");
            check(dma().requestDma(1, "floppy") == 0, "a freed channel");
        });
    }

    @Test
    void everyCallOnAChannelThatNobodyRequestedIsRefused() {
        fixture.run(() -> {
            List<KernelFixture.Body> calls = List.of(() -> dma().freeDma(channel), () -> dma().setDmaMode(channel, IsaDma.DMA_MODE_READ),
                    () -> dma().setDmaAddr(channel, 0x1000), () -> dma().setDmaCount(channel, 16), () -> dma().enableDma(channel),
                    () -> dma().disableDma(channel), () -> dma().clearDmaFf(channel), () -> dma().getDmaResidue(channel),
                    () -> dma().takeDmaError(channel), () -> dma().freeDma(-1), () -> dma().setDmaMode(99, 0));
            for (KernelFixture.Body call : calls) {
                String bug = bugOf(call);
                check(bug.contains("which nobody requested; request_dma comes first"), "said: " + bug);
                check(fixture.cpu().irqsEnabled(), "interrupts stayed off after: " + bug);
            }
            check(dma().requestDma(channel, "tape") == 0, "the lock was left held, or the channel taken");
        });
    }

    @Test
    void freeingAChannelThatIsNotOwnedEndsTheTaskAndNotTheMachine() {
        assertThat(fixture.exitCodeOf(() -> dma().freeDma(channel))).isEqualTo(139);
        fixture.run(() -> check(dma().requestDma(channel, "tape") == 0, "request_dma"));
    }

    @Test
    void aCountThatTheCounterCannotHoldIsRefused() {
        fixture.run(() -> {
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            for (int bytes : new int[] {0, -1, IsaDma.MAX_BYTES + 1}) {
                String bug = bugOf(() -> dma().setDmaCount(channel, bytes));
                check(bug.contains("set_dma_count of " + bytes + " bytes"), "said: " + bug);
            }
            dma().setDmaCount(channel, IsaDma.MAX_BYTES);
            dma().setDmaCount(channel, 1);
        });
    }

    @Test
    void aBufferAcrossA64KibBoundaryIsRefused() {
        fixture.run(() -> {
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            dma().setDmaAddr(channel, 0x2_fff0);
            dma().setDmaCount(channel, 17);
            String bug = bugOf(() -> dma().enableDma(channel));
            check(bug.contains("17 bytes at 0x2fff0 cross a 64 KiB boundary"), "said: " + bug);
            dma().setDmaCount(channel, 16);
            dma().enableDma(channel);
            dma().freeDma(channel);
        });
    }

    // ---- transfers ----

    @Test
    void aTransferFromTheDeviceFillsTheBufferAndNothingElse() {
        fixture.dmaDevice.makeReady(5000);
        fixture.run(() -> {
            long buffer = fixture.kernel().getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_ZERO, 1);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(IsaDma.DMA_MODE_READ, fixture.kernel().virtToPhys(buffer) + 16, 5000);
            fixture.requestDma(true);
            check(residue() > 0, "nothing was left to move at once");
            await(10_000);
            check(residue() == 0, residue() + " bytes were not moved");
            for (int i = 0; i < 8192; i++) {
                int expected = i < 16 || i >= 5016 ? 0 : i - 15 & 0xff;
                check(fixture.memory().load8(buffer + i) == expected, "byte " + i + " is " + fixture.memory().load8(buffer + i));
            }
            dma().freeDma(channel);
            fixture.kernel().freePages(buffer, 1);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aTransferToTheDeviceReadsTheBuffer() {
        fixture.dmaDevice.makeReady(4096);
        fixture.run(() -> {
            long buffer = fixture.kernel().getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 0);
            fixture.memory().fill(buffer, 3, 4096);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(IsaDma.DMA_MODE_WRITE, fixture.kernel().virtToPhys(buffer), 4096);
            fixture.requestDma(true);
            await(10_000);
            check(residue() == 0, "bytes were not moved");
        });
        assertThat(fixture.dmaDevice.sum()).isEqualTo(3 * 4096);
    }

    @Test
    void theResidueIsWhatTheDeviceDidNotMove() {
        fixture.dmaDevice.makeReady(300);
        fixture.run(() -> {
            long buffer = fixture.kernel().getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 0);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(IsaDma.DMA_MODE_READ, fixture.kernel().virtToPhys(buffer), 1000);
            check(residue() == 1000, "before it began: " + residue());
            fixture.requestDma(true);
            await(10_000);
            check(residue() == 700, "when the device had no more: " + residue());
            int flags = dma().claimDmaLock();
            dma().disableDma(channel);
            dma().releaseDmaLock(flags);
        });
    }

    @Test
    void aBufferOutOfTheControllersReachIsReportedWithWhoAllocatedIt() {
        fixture.dmaDevice.makeReady(100);
        fixture.run(() -> {
            long buffer = fixture.kernel().getFreePages(Gfp.GFP_KERNEL, 2);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(IsaDma.DMA_MODE_READ, fixture.kernel().virtToPhys(buffer), 100);
            fixture.requestDma(true);
            await(1000);
            check(residue() == 100, "the controller moved bytes");
            check(dma().takeDmaError(channel), "the error bit is not set");
            check(!dma().takeDmaError(channel), "the error bit was not cleared");
            fixture.kernel().freePages(buffer, 2);
        });
        assertThat(fixture.violations).hasSize(1);
        var violation = fixture.violations.get(0);
        assertThat(violation.what().rule()).isEqualTo(DmaController.ABOVE_REACH);
        assertThat(violation.zone()).isEqualTo("Normal");
        assertThat(violation.order()).isEqualTo(2);
        assertThat(violation.owner().task()).isEqualTo("body");
        assertThat(violation.owner().gfp()).isEqualTo(Gfp.GFP_KERNEL);
        assertThat(violation.va()).isEqualTo(violation.what().dma() + 0xc000_0000L);
    }
}
