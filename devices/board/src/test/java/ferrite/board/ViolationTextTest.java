package ferrite.board;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaViolation;
import ferrite.kernel.mm.PageOwner;
import org.junit.jupiter.api.Test;

/** How a broken rule reads, with everything known and with little. */
class ViolationTextTest {

    private static final PageOwner.Owner OWNER = new PageOwner.Owner("MyDriver.java:71", "insmod", 7, Gfp.GFP_KERNEL, 2, 100_000);

    private static Violation violation(long dma, boolean toMemory) {
        return new Violation("dma-above-reach", "dma0", 2, "disk0", dma, dma & 0xff_ffff, 65_536, toMemory, "single");
    }

    private static String text(DmaViolation violation) {
        return new ViolationText("ferrite run --seed 1").of(violation);
    }

    @Test
    void everythingThatIsKnownIsSaid() {
        assertThat(text(new DmaViolation(violation(0x0102_0000, true), 220_450, 48_213, 1, 0xc102_0000L, "Normal", 4, OWNER, "MyDriver.java:94",
                "which belongs to kmalloc-64"))).isEqualTo("""
                violation dma-above-reach: channel 2 was given a buffer that a 24-bit DMA controller cannot address

                  what      disk0 was to put 65536 bytes into memory at 0x0102_0000; the controller drives 24 bits (below 0x0100_0000)
                  buffer    0xc102_0000 (physical 0x0102_0000), 64 KiB, order 4, zone Normal
                            allocated at MyDriver.java:71 by task 7 'insmod' on hart 2 with GFP_KERNEL, 1.204 ms ago
                  channel   2 of dma0, single mode, device to memory, count 65536, set up at MyDriver.java:94
                  when      2.204 ms, event 48213, hart 1
                  why       GFP_KERNEL searches Normal first; on a machine with more than 16 MiB that memory is out of the controller's reach.
                            Silicon would drop the upper bits and write to 0x0002_0000, which belongs to kmalloc-64.
                  instead   ask for GFP_KERNEL|GFP_DMA: only the DMA zone is searched then
                  again     ferrite run --seed 1

                """);
    }

    @Test
    void theOtherDirectionReadsMemory() {
        assertThat(text(new DmaViolation(violation(0x0102_0000, false), 1000, 1, 0, 0xc102_0000L, "Normal", 0, OWNER, null, "which is free memory")))
                .contains("disk0 was to get 65536 bytes out of memory at 0x0102_0000")
                .contains("memory to device, count 65536\n").contains("read from 0x0002_0000, which is free memory.").contains("4 KiB, order 0");
    }

    @Test
    void withoutAnOwnerTheAddressIsWhatIsWrong() {
        assertThat(text(new DmaViolation(violation(0x0102_0000, true), 1000, 1, -1, 0xc102_0000L, "Normal", -1, null, null, "which is not memory")))
                .contains("not allocated, zone Normal").doesNotContain("allocated at").doesNotContain("hart")
                .contains("the address has bits above the controller's 24 wires").contains("instead   give the channel memory of the DMA zone");
    }

    @Test
    void highMemoryHasNoVirtualAddress() {
        assertThat(text(new DmaViolation(violation(0x3900_0000, true), 1000, 1, 0, 0, "HighMem", 10, null, null, "which is free memory")))
                .contains("buffer    physical 0x3900_0000, 4 MiB, order 10, zone HighMem");
    }

    @Test
    void anAddressWithoutMemoryIsSaidToHaveNone() {
        assertThat(text(new DmaViolation(violation(0xf000_0000L, true), 1000, 1, 0, 0, null, -1, null, null, "which belongs to the kernel itself")))
                .contains("buffer    physical 0xf000_0000, where there is no memory").contains("write to 0x0000_0000, which belongs to the kernel itself.");
    }

    @Test
    void aBufferOfTheRightFlagIsNotBlamedOnTheFlag() {
        PageOwner.Owner right = new PageOwner.Owner("MyDriver.java:71", "insmod", 7, Gfp.GFP_KERNEL | Gfp.GFP_DMA, 2, 0);
        assertThat(text(new DmaViolation(violation(0x0102_0000, true), 1000, 1, 0, 0, "DMA", 0, right, null, "x")))
                .contains("with GFP_KERNEL|GFP_DMA, 10.00 µs ago").doesNotContain("searches Normal first");
    }

    @Test
    void theSameMistakeIsMadeByTheSameLines() {
        DmaViolation one = new DmaViolation(violation(0x0102_0000, true), 1, 1, 0, 0, "Normal", 4, OWNER, "A.java:1", "x");
        DmaViolation elsewhen = new DmaViolation(violation(0x0204_0000, true), 2, 9, 3, 0, "Normal", 4, OWNER, "A.java:1", "y");
        DmaViolation elsewhere = new DmaViolation(violation(0x0102_0000, true), 1, 1, 0, 0, "Normal", 4, OWNER, "A.java:2", "x");
        assertThat(ViolationText.mistake(elsewhen)).isEqualTo(ViolationText.mistake(one));
        assertThat(ViolationText.mistake(elsewhere)).isNotEqualTo(ViolationText.mistake(one));
    }
}
