package ferrite.board.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Sentences of the documents, looked up in the statement. */
class ExpectationTest {

    private static final long IN_DMA = 0x10_0000;
    private static final long IN_NORMAL = 0x1000_0000L - 0x10_0000;
    private static final long ABOVE_28_BITS = 0x2000_0000L;

    private static Expectation of(String id, long pa) {
        return Expectation.of(Cell.parse(id), pa);
    }

    private static String cell(String fill, String gfp, int order, String call, int mask, String swiotlb) {
        return "ram=1G,swiotlb=" + swiotlb + ",fill=" + fill + ",mask=" + mask + ",gfp=" + gfp + ",order=" + order
                + ",call=" + call + ",dir=" + (call.equals("alloc_coherent") ? "both" : "to");
    }

    @Test
    void flagsChooseTheZone() {
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "map_page", 32, "on"), IN_NORMAL).memory())
                .containsExactly(Zone.NORMAL);
        assertThat(of(cell("normal", "GFP_KERNEL", 0, "map_page", 32, "on"), IN_DMA).memory())
                .containsExactly(Zone.DMA);
        assertThat(of(cell("dma", "GFP_KERNEL|__GFP_DMA", 0, "map_page", 32, "on"), -1).memory())
                .containsExactly(Zone.NONE);
        assertThat(of(cell("empty", "GFP_HIGHUSER", 5, "map_page", 32, "on"), IN_NORMAL).memory())
                .containsExactly(Zone.HIGHMEM);
        assertThat(of(cell("full", "GFP_ATOMIC", 0, "map_page", 32, "on"), IN_NORMAL).memory())
                .containsExactly(Zone.NORMAL);
        assertThat(of(cell("full", "GFP_NOWAIT", 0, "map_page", 32, "on"), -1).memory()).containsExactly(Zone.NONE);
    }

    @Test
    void theAddressAndTheMaskChooseTheWay() {
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "map_sg", 28, "on"), IN_NORMAL).path()).isEqualTo(Path.DIRECT);
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "map_sg", 28, "on"), ABOVE_28_BITS).path())
                .isEqualTo(Path.BOUNCED);
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "map_sg", 28, "off"), ABOVE_28_BITS).path())
                .isEqualTo(Path.REFUSED);
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "map_sg", 28, "force"), IN_NORMAL).path())
                .isEqualTo(Path.BOUNCED);
    }

    @Test
    void theIsaControllerIsGivenTheAddressItself() {
        Expectation near = of(cell("empty", "GFP_KERNEL", 0, "isa", 24, "force"), IN_DMA);
        assertThat(near.path()).isEqualTo(Path.DIRECT);
        assertThat(near.rules()).isEmpty();
        Expectation far = of(cell("empty", "GFP_KERNEL", 0, "isa", 24, "force"), IN_NORMAL);
        assertThat(far.path()).isEqualTo(Path.REFUSED);
        assertThat(far.rules()).containsExactly("dma-above-reach");
        assertThat(far.arrives()).isFalse();
    }

    @Test
    void coherentMemoryMayComeFromAnyZoneWithinTheMask() {
        assertThat(of(cell("empty", "GFP_KERNEL", 0, "alloc_coherent", 24, "on"), IN_DMA).memory())
                .containsExactly(Zone.DMA);
        assertThat(of(cell("dma", "GFP_KERNEL", 0, "alloc_coherent", 28, "on"), IN_NORMAL).memory())
                .as("1 GiB is more than 28 bits reach").containsExactly(Zone.NONE, Zone.NORMAL);
        assertThat(of(cell("dma", "GFP_KERNEL", 0, "alloc_coherent", 32, "on"), IN_NORMAL).memory())
                .containsExactly(Zone.NORMAL);
    }

    @Test
    void aCallThatMaySleepBreaksARuleInAtomicContext() {
        String id = cell("empty", "GFP_KERNEL", 11, "map_page", 24, "on") + ",context=atomic";
        assertThat(of(id, -1).rules()).containsExactly("sleep-in-atomic");
        assertThat(of(id.replace("GFP_KERNEL", "GFP_ATOMIC"), -1).rules()).isEmpty();
    }
}
