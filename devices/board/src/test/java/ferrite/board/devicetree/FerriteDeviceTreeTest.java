package ferrite.board.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.kernel.dma.Swiotlb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The device tree of the ferrite board, as the device tree compiler reads it. */
class FerriteDeviceTreeTest {

    @TempDir
    private Path directory;

    private String source(BoardOptions options) throws Exception {
        Path blob = Files.write(directory.resolve("board.dtb"), FerriteDeviceTree.flatten(options));
        return Tools.run(directory, "dtc", "-q", "-I", "dtb", "-O", "dts", blob.toString());
    }

    @Test
    void theCompilerReadsItAndSeesTheReachOfTheDmaController() throws Exception {
        String source = source(new BoardOptions());
        assertThat(source).contains("dma-ranges = <0x00 0x00 0x1000000>;")
                .contains("compatible = \"intel,8237a\";").contains("disk@f0050000 {").contains("dma@f0040000 {")
                .contains("reg = <0x00 0x40000000>;").contains("device_type = \"memory\";")
                .contains("riscv,ndev = <0x1f>;").contains("mmu-type = \"riscv,sv32\";");
        String isa = source.substring(source.indexOf("isa {"));
        assertThat(isa.indexOf("dma-ranges")).as("the reach belongs to the ISA bus, whose devices are inside")
                .isLessThan(isa.indexOf("disk@f0050000"));
    }

    @Test
    void itSaysHowManyAddressBitsTheCopyEngineHas() throws Exception {
        assertThat(source(new BoardOptions())).contains("dma-controller@f0080000 {")
                .contains("ferrite,addrwidth = <0x20>;");
        assertThat(source(new BoardOptions().copierAddressBits(26))).contains("ferrite,addrwidth = <0x1a>;");
    }

    /** Warnings would be on standard error: bad unit addresses, missing cells, duplicate phandles. */
    @Test
    void theCompilerHasNothingToComplainAboutButWhatTheBindingsDoNotAskFor() throws Exception {
        Path blob = Files.write(directory.resolve("board.dtb"), FerriteDeviceTree.flatten(new BoardOptions().harts(8)));
        String output = Tools.run(directory, "dtc", "-I", "dtb", "-O", "dtb", "-o", "again.dtb", blob.toString());
        assertThat(output.lines().filter(line -> !line.contains("(simple_bus_reg)")).toList())
                .as("the ISA bus has no address of its own").isEmpty();
        assertThat(flat(FlattenedDeviceTree.parse(Files.readAllBytes(directory.resolve("again.dtb")))))
                .isEqualTo(flat(FlattenedDeviceTree.parse(FerriteDeviceTree.flatten(new BoardOptions().harts(8)))));
    }

    private static List<String> flat(DeviceTreeNode node) {
        List<String> all = new ArrayList<>();
        all.add(node.path());
        node.children().forEach(child -> all.addAll(flat(child)));
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void everyHartIsThereAndIsReachedByEveryInterruptController(int harts) throws Exception {
        DeviceTreeNode tree = FlattenedDeviceTree.parse(FerriteDeviceTree.flatten(new BoardOptions().harts(harts)));
        assertThat(tree.find("/cpus").orElseThrow().children()).hasSize(harts);
        String source = source(new BoardOptions().harts(harts));
        assertThat(source.lines().filter(line -> line.contains("compatible = \"riscv,cpu-intc\"")).count())
                .isEqualTo(harts);
        assertThat(source).contains("cpu@" + (harts - 1) + " {").doesNotContain("cpu@" + harts + " {");
    }

    @ParameterizedTest
    @ValueSource(longs = {8L << 20, 1L << 31, 3840L << 20})
    void memoryIsAsLargeAsItIs(long bytes) {
        DeviceTreeNode tree = FlattenedDeviceTree.parse(FerriteDeviceTree.flatten(new BoardOptions().ram(bytes)));
        assertThat(tree.find("/memory@0").orElseThrow().regions()).containsExactly(new Region(0, bytes));
    }

    /** The two registers of the ACLINT's timer, as OpenSBI reads them: mtime first. */
    @Test
    void theTimerNamesMtimeAndThenMtimecmp() {
        DeviceTreeNode tree = FlattenedDeviceTree.parse(FerriteDeviceTree.flatten(new BoardOptions()));
        assertThat(tree.find("/soc/mtimer@f001bff8").orElseThrow().regions())
                .containsExactly(new Region(0xf001_bff8L, 8), new Region(0xf001_4000L, 0x7ff8));
    }

    @Test
    void theKernelsCommandLineHoldsWhatDiffersFromTheDefaults() throws Exception {
        assertThat(FlattenedDeviceTree.parse(FerriteDeviceTree.flatten(new BoardOptions())).find("/chosen")
                .orElseThrow().string("bootargs")).isEmpty();
        assertThat(source(new BoardOptions().zones(4 << 20, 64 << 20).owners(false).failPageAlloc("2,100,0,-1")
                .swiotlb(Swiotlb.Mode.FORCE).parameter("disk.gfp", "GFP_KERNEL")))
                .contains("bootargs = \"zone_dma=4194304 zone_normal=67108864 owners=off swiotlb=force "
                        + "fail_page_alloc=2,100,0,-1 disk.gfp=GFP_KERNEL\";");
    }
}
