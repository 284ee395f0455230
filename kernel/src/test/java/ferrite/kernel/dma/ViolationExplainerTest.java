package ferrite.kernel.dma;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.Violation;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViolationExplainerTest {

    private static final int REACH = 24;
    private static final long HIGH = 0x3900_0000;

    private final KernelFixture fixture = KernelFixture.options().ram(1L << 30).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Violation explain(long dma, int channel) {
        Kernel kernel = fixture.kernel();
        UnreachableAddress what = new UnreachableAddress(new BusMaster("dma0", REACH),
                channel < 0 ? null : new UnreachableAddress.Channel(channel, "single"),
                "disk0", dma, dma & (1L << REACH) - 1, 65_536, true);
        return new ViolationExplainer(fixture.machine, kernel.base(), kernel.mm(), kernel.dma()).explain(what);
    }

    private long allocated(int gfp, int order) {
        long[] va = new long[1];
        fixture.run(() -> va[0] = fixture.kernel().calls().__getFreePages(gfp, order));
        return fixture.kernel().mm().virtToPhys(va[0]);
    }

    @Test
    void aBufferOfTheWrongZoneIsToldWithItsOwnerAndTheRightFlag() {
        long pa = allocated(Gfp.GFP_KERNEL, 4);
        Violation violation = explain(pa, 2);
        assertThat(violation.line("buffer")).matches(
                "0x[0-9a-f]{4}_[0-9a-f]{4} \\(physical 0x[0-9a-f]{4}_[0-9a-f]{4}\\), 64 KiB, order 4, zone Normal");
        assertThat(violation.lines().get(2).text()).contains("allocated at ViolationExplainerTest.java:")
                .contains("by task").contains(" with GFP_KERNEL, ").endsWith(" ago");
        assertThat(violation.line("why")).startsWith("GFP_KERNEL searches Normal first");
        assertThat(violation.line("instead")).startsWith("ask for GFP_KERNEL|GFP_DMA");
        assertThat(violation.fact("zone").text()).isEqualTo("Normal");
        assertThat(violation.fact("flags").text()).isEqualTo("GFP_KERNEL");
        assertThat(violation.fact("site").text()).startsWith("ViolationExplainerTest.java:");
        assertThat(violation.mistake())
                .startsWith("dma-above-reach on channel 2, buffer allocated at ViolationExplainerTest.java:");
    }

    @Test
    void aBufferOfTheRightFlagIsNotBlamedOnTheFlag() {
        Violation violation = explain(allocated(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 0), 2);
        assertThat(violation.line("buffer")).contains("4 KiB, order 0, zone DMA");
        assertThat(violation.line("why")).isEqualTo("the address has bits above the controller's 24 wires.");
        assertThat(violation.line("instead")).startsWith("give the channel memory of the DMA zone");
    }

    /** Linux has no zone for __GFP_DMA together with __GFP_HIGHMEM. */
    @Test
    void aFlagForHighMemoryIsNamedAndNotAdvised() {
        long[] pa = new long[1];
        fixture.run(() -> pa[0] = fixture.kernel().calls()
                .pageToPfn(fixture.kernel().calls().allocPages(Gfp.GFP_HIGHUSER, 0)) << 12);
        Violation violation = explain(pa[0], 2);
        assertThat(violation.line("buffer")).endsWith("zone HighMem");
        assertThat(violation.line("why")).startsWith("GFP_HIGHUSER searches HighMem first");
        assertThat(violation.line("instead")).startsWith("ask for GFP_USER|GFP_DMA:");
    }

    @Test
    void highMemoryHasNoVirtualAddress() {
        Violation violation = explain(HIGH, 2);
        assertThat(violation.line("buffer")).isEqualTo("physical 0x3900_0000, not allocated, zone HighMem");
        assertThat(violation.fact("va").text()).isNull();
    }

    @Test
    void anAddressWithoutMemoryIsSaidToHaveNone() {
        Violation violation = explain(0xf000_0000L, 2);
        assertThat(violation.line("buffer")).isEqualTo("physical 0xf000_0000, where there is no memory");
        assertThat(violation.lines()).anyMatch(line -> line.text().equals(
                "Silicon would drop the upper bits and write to 0x0000_0000, which belongs to the kernel itself."));
        assertThat(violation.fact("zone").text()).isNull();
    }

    @Test
    void aBusMasterIsToldAboutMappingsAndHasNoChannel() {
        Violation violation = explain(HIGH, -1);
        assertThat(violation.line("channel")).isNull();
        assertThat(violation.line("instead")).contains("dma_map_single");
        assertThat(violation.mistake()).isEqualTo("dma-above-reach by dma0");
    }
}
