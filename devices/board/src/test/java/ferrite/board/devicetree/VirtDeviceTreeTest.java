package ferrite.board.devicetree;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The device tree of the virt board, as the device tree compiler reads it, and the nodes that Linux looks for. */
class VirtDeviceTreeTest {

    @TempDir
    private Path directory;

    private static byte[] flat(int harts) {
        return VirtDeviceTree.flatten(new BoardOptions().kind(BoardKind.VIRT).ram(2L << 30).harts(harts),
                new Chosen("console=ttyS0", 0x8800_0000L, 0x8800_0123L));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void theCompilerHasNothingToComplainAbout(int harts) throws Exception {
        Path blob = Files.write(directory.resolve("virt.dtb"), flat(harts));
        assertThat(Tools.run(directory, "dtc", "-I", "dtb", "-O", "dtb", "-o", "again.dtb", blob.toString())).isEmpty();
    }

    /** Checks the order too: Linux numbers disks in it. */
    @Test
    void theVirtioSlotsAreDescribedAsQemuDescribesThem() throws Exception {
        Tools.run(directory, "qemu-system-riscv32", "-M", "virt,dumpdtb=qemu.dtb", "-bios", "none", "-display", "none");
        List<DeviceTreeNode> theirs =
                virtioSlots(FlattenedDeviceTree.parse(Files.readAllBytes(directory.resolve("qemu.dtb"))));
        List<DeviceTreeNode> ours = virtioSlots(FlattenedDeviceTree.parse(flat(1)));
        assertThat(ours).hasSize(8).extracting(DeviceTreeNode::name)
                .containsExactlyElementsOf(theirs.stream().map(DeviceTreeNode::name).toList());
        for (int i = 0; i < ours.size(); i++) {
            for (String property : List.of("compatible", "reg", "interrupts")) {
                assertThat(ours.get(i).property(property)).as(ours.get(i) + " " + property)
                        .isEqualTo(theirs.get(i).property(property));
            }
            assertThat(ours.get(i).propertyNames()).containsExactlyInAnyOrderElementsOf(theirs.get(i).propertyNames());
        }
    }

    private static List<DeviceTreeNode> virtioSlots(DeviceTreeNode tree) {
        return tree.find("/soc")
                .orElseThrow().children().stream().filter(node -> node.name().startsWith("virtio_mmio@")).toList();
    }

    @Test
    void linuxFindsWhatItLooksFor() throws Exception {
        Path blob = Files.write(directory.resolve("virt.dtb"), flat(2));
        assertThat(Tools.run(directory, "dtc", "-q", "-I", "dtb", "-O", "dts", blob.toString()))
                .contains("compatible = \"riscv-virtio\";",
                        "memory@80000000 {", "reg = <0x00 0x80000000 0x00 0x80000000>;")
                .contains("riscv,isa = \"rv32imac_zicsr_zifencei_zicntr_sstc\";",
                        "mmu-type = \"riscv,sv32\";", "timebase-frequency = <0x989680>;")
                .contains("compatible = \"riscv,cpu-intc\";", "clint@2000000 {",
                        "compatible = \"sifive,clint0\\0riscv,clint0\";")
                .contains("interrupts-extended = <0x01 0x03 0x01 0x07 0x02 0x03 0x02 0x07>;")
                .contains("plic@c000000 {", "interrupts-extended = <0x01 0x0b 0x01 0x09 0x02 0x0b 0x02 0x09>;")
                .contains("serial@10000000 {", "compatible = \"ns16550a\";", "interrupts = <0x0a>;")
                .contains("rtc@101000 {", "compatible = \"google,goldfish-rtc\";", "interrupts = <0x0b>;")
                .contains("bootargs = \"console=ttyS0\";", "stdout-path = \"/soc/serial@10000000\";")
                .contains("linux,initrd-start = <0x88000000>;", "linux,initrd-end = <0x88000123>;")
                .contains("compatible = \"syscon-poweroff\";", "value = <0x5555>;", "compatible = \"syscon-reboot\";",
                        "value = <0x7777>;");
        DeviceTreeNode tree = FlattenedDeviceTree.parse(flat(2));
        assertThat(tree.find("/soc/serial@10000000").orElseThrow().cell("clock-frequency")).isEqualTo(3_686_400);
        for (int slot = 0; slot < 8; slot++) {
            DeviceTreeNode node = tree.find("/soc/virtio_mmio@" + Long.toHexString(0x1000_1000L + slot * 0x1000L))
                    .orElseThrow();
            assertThat(node.cell("interrupts")).isEqualTo(1 + slot);
            assertThat(node.regions()).containsExactly(new Region(0x1000_1000L + slot * 0x1000L, 0x1000));
        }
        assertThat(tree.find("/poweroff").orElseThrow().cell("regmap"))
                .isEqualTo(tree.find("/soc/test@100000").orElseThrow().cell("phandle"));
    }
}
