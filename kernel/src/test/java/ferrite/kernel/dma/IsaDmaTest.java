package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
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
        return fixture.kernel().dma().isa();
    }

    private void program(int mode, long bus, int bytes) {
        program(channel, mode, bus, bytes);
    }

    private void program(int channel, int mode, long bus, int bytes) {
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
        return residue(channel);
    }

    private int residue(int channel) {
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
            check(dma().requestDma(4, "thief") == -Errno.EBUSY, "the cascade");
            check(dma().requestDma(8, "none") == -Errno.EINVAL && dma().requestDma(-1, "none") == -Errno.EINVAL,
                    "channels that do not exist");
            check(dma().owner(fixture.memory(), 1).equals("sound"), "the owner");
            check(fixture.proc("dma").equals(" 1: sound\n 3: floppy\n 4: cascade\n"),
                    "/proc/dma: " + fixture.proc("dma"));
            dma().freeDma(1);
            check(dma().owner(fixture.memory(), 1) == null, "a freed channel's owner");
            check(dma().requestDma(1, "floppy") == 0, "a freed channel");
        });
    }

    private List<Violation> brokenBy(KernelFixture.Body call) {
        fixture.run(call);
        return fixture.takeViolations();
    }

    @Test
    void aChannelThatNobodyRequestedIsReportedOnceForAFile() {
        List<KernelFixture.Body> calls = List.of(() -> dma().setDmaMode(channel, DmaMode.DMA_MODE_READ),
                () -> dma().setDmaAddr(channel, 0x1000), () -> dma().setDmaCount(channel, 16),
                () -> dma().disableDma(channel), () -> dma().clearDmaFf(channel), () -> dma().getDmaResidue(channel));
        assertThat(brokenBy(() -> dma().freeDma(channel)).get(0).summary())
                .isEqualTo("free_dma on DMA channel " + channel + ", which nobody requested");
        calls.forEach(call -> assertThat(brokenBy(call)).extracting(Violation::mistake)
                .contains("dma-channel-unowned at IsaDmaTest.java, channel " + channel));
        fixture.run(() -> {
            check(fixture.cpu().irqsEnabled(), "interrupts stayed off");
            check(dma().requestDma(channel, "tape") == 0, "the lock was left held, or the channel taken");
            check(bugOf(() -> dma().freeDma(-1)).contains("does not exist"), "a channel that does not exist");
            check(bugOf(() -> dma().setDmaMode(99, 0)).contains("does not exist"), "another one");
        });
    }

    @Test
    void theLocksHolderIsToldThatItWaitsForItself() {
        fixture.run(() -> {
            int flags = dma().claimDmaLock();
            try {
                dma().requestDma(channel, "tape");
                check(false, "it went on");
            } catch (KernelPanic told) {
                check(told.getMessage().matches("claim_dma_lock at IsaDmaTest.java:\\d+ waits for ever for "
                        + "the lock taken by claim_dma_lock at IsaDmaTest.java:\\d+ by .*"), told.getMessage());
            }
            fixture.kernel().calls().preemptEnable();  // which the panic left undone
            dma().releaseDmaLock(flags);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsExactly("lock-recursion");
    }

    @Test
    void aCountThatTheCounterCannotHoldIsRefused() {
        fixture.run(() -> {
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            for (int bytes : new int[] {0, -1, IsaDma.maxBytes(channel) + 1}) {
                String bug = bugOf(() -> dma().setDmaCount(channel, bytes));
                check(bug.contains("set_dma_count of " + bytes + " bytes"), "said: " + bug);
            }
            dma().setDmaCount(channel, IsaDma.maxBytes(channel));
            dma().setDmaCount(channel, 1);
        });
    }

    @Test
    void aBufferAcrossA64KibBoundaryIsReported() {
        fixture.run(() -> {
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            dma().setDmaMode(channel, DmaMode.DMA_MODE_READ);
            dma().setDmaAddr(channel, 0x2_fff0);
            dma().setDmaCount(channel, 16);
            dma().enableDma(channel);
            dma().disableDma(channel);
            check(crossed().isEmpty(), "16 bytes");
            dma().setDmaCount(channel, 17);
            dma().enableDma(channel);
            dma().freeDma(channel);
        });
        assertThat(crossed()).singleElement().asString().contains("17 bytes at 0x2fff0 cross a 64 KiB boundary");
    }

    private List<String> crossed() {
        return fixture.takeViolations().stream().filter(one -> one.rule().equals("dma-boundary-crossed"))
                .map(Violation::summary).toList();
    }

    @Test
    void channel4IsNobodysToUse() {
        fixture.run(() -> {
            List<KernelFixture.Body> calls = List.of(() -> dma().freeDma(4),
                    () -> dma().setDmaMode(4, DmaMode.DMA_MODE_CASCADE),
                    () -> dma().enableDma(4), () -> dma().disableDma(4), () -> dma().getDmaResidue(4));
            for (KernelFixture.Body call : calls) {
                String bug = bugOf(call);
                check(bug.contains("DMA channel 4, which carries channels 0-3"), "said: " + bug);
            }
            check(dma().owner(fixture.memory(), 4).equals("cascade"), "the owner");
        });
    }

    @Test
    void onAChannelOfWordsAddressAndCountAreEvenBytesAndThePageIs128Kib() {
        int words = fixture.wordDmaChannel();
        fixture.run(() -> {
            check(dma().requestDma(words, "tape") == 0, "request_dma");
            check(bugOf(() -> dma().setDmaAddr(words, 0x1_0001))
                    .contains("set_dma_addr of 0x10001 on channel 6, which moves 16-bit words"), "odd address");
            check(bugOf(() -> dma().setDmaCount(words, 7))
                    .contains("set_dma_count of 7 bytes on channel 6"), "odd count");
            check(bugOf(() -> dma().setDmaCount(words, 0x2_0002)).contains("1 to 131072"), "too much");
            dma().setDmaMode(words, DmaMode.DMA_MODE_READ);
            dma().setDmaAddr(words, 0x2_0000);
            dma().setDmaCount(words, 0x2_0000);
            dma().enableDma(words);
            check(residue(words) == 0, "the whole page is 0 modulo what the counter holds, as Linux says");
            dma().disableDma(words);
            dma().setDmaAddr(words, 0x2_fffe);
            dma().setDmaCount(words, 4);
            dma().enableDma(words);
            dma().disableDma(words);
            dma().setDmaAddr(words, 0x3_fffe);
            crossed();
            dma().enableDma(words);
            check(crossed().get(0).contains("4 bytes at 0x3fffe cross a 128 KiB boundary"), "across a boundary");
        });
    }

    @Test
    void aBufferThatIsGoneThroughDownwardsEndsAboveItsBoundary() {
        int down = DmaRegisters.MODE_DECREMENT;
        fixture.run(() -> {
            for (int number : new int[] {channel, fixture.wordDmaChannel()}) {
                check(dma().requestDma(number, "tape") == 0, "request_dma");
                program(number, DmaMode.DMA_MODE_READ | down, 0x4_0000 + 30, number < 4 ? 31 : 32);
                dma().setDmaCount(number, number < 4 ? 32 : 34);
                check(crossed().isEmpty(), "up to the boundary");
                dma().enableDma(number);
                check(crossed().get(0).contains("bytes down from 0x4001e cross"), "across a boundary");
            }
        });
    }

    @Test
    void aChannelOfABusMasterNeedsNoAddress() {
        fixture.run(() -> {
            check(dma().requestDma(5, "scsi") == 0, "request_dma");
            dma().setDmaAddr(5, 0xfffe);
            dma().setDmaCount(5, 1000);
            dma().setDmaMode(5, DmaMode.DMA_MODE_CASCADE);
            dma().enableDma(5);
            check(!dma().takeDmaError(5), "refused");
        });
    }

    // ---- transfers ----

    @Test
    void aTransferOfWordsFillsTheBufferAndCountsBytes() {
        int words = fixture.wordDmaChannel();
        fixture.wordDmaDevice.makeReady(3000);
        fixture.run(() -> {
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_ZERO, 1);
            check(dma().requestDma(words, "tape") == 0, "request_dma");
            program(words, DmaMode.DMA_MODE_READ, fixture.kernel().calls().virtToPhys(buffer) + 16, 5000);
            check(residue(words) == 5000, "before it began: " + residue(words));
            fixture.requestWordDma(true);
            await(10_000);
            check(residue(words) == 2000, "when the device had no more: " + residue(words));
            for (int i = 0; i < 8192; i++) {
                int expected = i < 16 || i >= 3016 ? 0 : i - 15 & 0xff;
                check(fixture.memory().load8(buffer + i) == expected,
                        "byte " + i + " is " + fixture.memory().load8(buffer + i));
            }
            dma().freeDma(words);
            fixture.kernel().calls().freePages(buffer, 1);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void anAutoInitialisedChannelGoesRoundItsBufferUntilItIsDisabled() {
        fixture.dmaDevice.makeReady(4096 + 96);
        fixture.run(() -> {
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_ZERO, 0);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(DmaMode.DMA_MODE_READ | DmaMode.DMA_AUTOINIT, fixture.kernel().calls().virtToPhys(buffer), 4096);
            fixture.requestDma(true);
            await(10_000);
            check(residue() == 4000, "in the second round: " + residue());
            check(fixture.memory().load8(buffer + 95) == (4096 + 96 & 0xff), "the end of what the second round wrote");
            check(fixture.memory().load8(buffer + 96) == 97, "what the first round wrote");
            dma().freeDma(channel);
            fixture.kernel().calls().freePages(buffer, 0);
        });
    }

    @Test
    void aTransferFromTheDeviceFillsTheBufferAndNothingElse() {
        fixture.dmaDevice.makeReady(5000);
        fixture.run(() -> {
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_ZERO, 1);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(DmaMode.DMA_MODE_READ, fixture.kernel().calls().virtToPhys(buffer) + 16, 5000);
            fixture.requestDma(true);
            check(residue() > 0, "nothing was left to move at once");
            await(10_000);
            check(residue() == 0, residue() + " bytes were not moved");
            for (int i = 0; i < 8192; i++) {
                int expected = i < 16 || i >= 5016 ? 0 : i - 15 & 0xff;
                check(fixture.memory().load8(buffer + i) == expected,
                        "byte " + i + " is " + fixture.memory().load8(buffer + i));
            }
            dma().freeDma(channel);
            fixture.kernel().calls().freePages(buffer, 1);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aTransferToTheDeviceReadsTheBuffer() {
        fixture.dmaDevice.makeReady(4096);
        fixture.run(() -> {
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 0);
            fixture.memory().fill(buffer, 3, 4096);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(DmaMode.DMA_MODE_WRITE, fixture.kernel().calls().virtToPhys(buffer), 4096);
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
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 0);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(DmaMode.DMA_MODE_READ, fixture.kernel().calls().virtToPhys(buffer), 1000);
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
            long buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 2);
            check(dma().requestDma(channel, "tape") == 0, "request_dma");
            program(DmaMode.DMA_MODE_READ, fixture.kernel().calls().virtToPhys(buffer), 100);
            fixture.requestDma(true);
            await(1000);
            check(residue() == 100, "the controller moved bytes");
            check(dma().takeDmaError(channel), "the error bit is not set");
            check(!dma().takeDmaError(channel), "the error bit was not cleared");
            fixture.kernel().calls().freePages(buffer, 2);
        });
        assertThat(fixture.violations).hasSize(1);
        Violation violation = fixture.violations.get(0);
        assertThat(violation.rule()).isEqualTo(UnreachableAddress.RULE);
        assertThat(violation.line("buffer")).contains("16 KiB, order 2, zone Normal");
        assertThat(violation.lines()).anyMatch(line -> line.text().startsWith("allocated at ")
                && line.text().contains(" 'body' ") && line.text().contains(" with GFP_KERNEL,"));
        assertThat(Long.decode(violation.fact("va").text())).isEqualTo(violation.fact("pa").number() + 0xc000_0000L);
    }
}
