package ferrite.hardware.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ferrite.hardware.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlattenedDeviceTreeTest {
    private static final int BEGIN = FlattenedDeviceTree.FDT_BEGIN_NODE;
    private static final int END_NODE = FlattenedDeviceTree.FDT_END_NODE;
    private static final int PROP = FlattenedDeviceTree.FDT_PROP;
    private static final int NOP = FlattenedDeviceTree.FDT_NOP;
    private static final int END = FlattenedDeviceTree.FDT_END;
    private static final int NAME_A = 'a' << 24;

    private final byte[] sample = FlattenedDeviceTree.flatten(SampleTrees.machine(), SampleTrees.RESERVATIONS);

    @Test
    void aTreeSurvivesFlatteningAndParsing() {
        long seed = System.nanoTime();
        for (long i = seed; i < seed + 500; i++) {
            DeviceTreeNode tree = SampleTrees.random(new Random(i));
            DeviceTreeNode parsed = FlattenedDeviceTree.parse(FlattenedDeviceTree.flatten(tree, List.of()));

            assertThat(describe(parsed)).as("seed %d", i).isEqualTo(describe(tree));
        }
    }

    private static String describe(DeviceTreeNode node) {
        StringBuilder text = new StringBuilder(node.path()).append(" {");
        node.propertyNames().forEach(property ->
                text.append(property).append('=').append(Arrays.toString(node.property(property))).append(';'));
        node.children().forEach(child -> text.append(describe(child)));
        return text.append('}').toString();
    }

    @Test
    void reservationsAreReadBackInOrder() {
        assertThat(FlattenedDeviceTree.reservations(sample)).isEqualTo(SampleTrees.RESERVATIONS);
        assertThatIllegalArgumentException().isThrownBy(() ->
                FlattenedDeviceTree.flatten(SampleTrees.machine(), List.of(new Region(0, 0))));
    }

    @Test
    void theHeaderIsThatOfVersion17() {
        ByteBuffer header = ByteBuffer.wrap(sample);

        assertThat(header.getInt(0)).isEqualTo(0xd00dfeed);
        assertThat(header.getInt(4)).isEqualTo(sample.length);
        assertThat(header.getInt(20)).isEqualTo(17);
        assertThat(header.getInt(24)).isEqualTo(16);
        assertThat(header.getInt(28)).isZero();
    }

    @Test
    void bytesBehindTheTotalSizeAreIgnored() {
        byte[] inALargerBuffer = Arrays.copyOf(sample, sample.length + 100);

        assertThat(describe(FlattenedDeviceTree.parse(inALargerBuffer))).isEqualTo(describe(SampleTrees.machine()));
    }

    @Test
    void everyTruncationIsAClearError() {
        for (int length = 0; length < sample.length; length++) {
            byte[] truncated = Arrays.copyOf(sample, length);
            assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> FlattenedDeviceTree.parse(truncated))
                    .withMessageStartingWith("At byte 0x");
        }
    }

    @Test
    void everyTruncationWhoseHeaderIsCorrectedIsAClearError() {
        for (int length = FlattenedDeviceTree.HEADER_BYTES; length < sample.length; length++) {
            byte[] truncated = Arrays.copyOf(sample, length);
            ByteBuffer.wrap(truncated).putInt(4, length);
            assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> FlattenedDeviceTree.parse(truncated));
        }
    }

    @Test
    void everyValueOfEveryByteParsesOrIsAClearError() {
        for (int at = 0; at < sample.length; at++) {
            byte[] mutated = sample.clone();
            for (int value = 0; value < 256; value++) {
                mutated[at] = (byte) value;
                parseOrRefuse(mutated, "byte " + at + " is " + value);
            }
        }
    }

    @Test
    void randomMutationsParseOrAreAClearError() {
        long seed = System.nanoTime();
        for (long i = seed; i < seed + 20_000; i++) {
            Random random = new Random(i);
            byte[] mutated = sample.clone();
            for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
                mutate(mutated, random);
            }
            parseOrRefuse(mutated, "seed " + i);
        }
    }

    /** Changes a byte, or stores a word that the parser may take for a token or an offset. */
    private static void mutate(byte[] blob, Random random) {
        if (random.nextBoolean()) {
            blob[random.nextInt(blob.length)] = (byte) random.nextInt();
        } else {
            int[] words = {0, 1, 2, 3, 4, 9, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, blob.length,
                    random.nextInt(blob.length)};
            ByteBuffer.wrap(blob).putInt(random.nextInt(blob.length / 4) * 4, words[random.nextInt(words.length)]);
        }
    }

    private static void parseOrRefuse(byte[] blob, String what) {
        try {
            DeviceTreeNode tree = FlattenedDeviceTree.parse(blob);
            FlattenedDeviceTree.flatten(tree, FlattenedDeviceTree.reservations(blob));
        } catch (DeviceTreeException refused) {
            assertThat(refused.getMessage()).as(what).startsWith("At byte 0x").endsWith(".");
        } catch (RuntimeException other) {
            throw new AssertionError(what, other);
        }
    }

    @Test
    void tokensInTheWrongOrderAreRefusedWithTheirOffset() {
        assertRefused("before it has a root", END);
        assertRefused("comes where no node is open", END_NODE, END);
        assertRefused("outside of any node", PROP, 0, 0, BEGIN, 0, END_NODE, END);
        assertRefused("a second root", BEGIN, 0, END_NODE, BEGIN, 0, END_NODE, END);
        assertRefused("the root has a name", BEGIN, NAME_A, END_NODE, END);
        assertRefused("it is empty", BEGIN, 0, BEGIN, 0, END_NODE, END_NODE, END);
        assertRefused("names of siblings should differ", BEGIN, 0, BEGIN, NAME_A, END_NODE, BEGIN, NAME_A, END_NODE,
                END_NODE, END);
        assertRefused("follows a child node", BEGIN, 0, BEGIN, NAME_A, END_NODE, PROP, 0, 0, END_NODE, END);
        assertRefused("appears a second time", BEGIN, 0, PROP, 0, 0, PROP, 0, 0, END_NODE, END);
        assertRefused("do not fit", BEGIN, 0, PROP, -1, 0, END_NODE, END);
        assertRefused("do not fit", BEGIN, 0, PROP, 9, 0, END_NODE, END);
        assertRefused("which has 0x2 bytes", BEGIN, 0, PROP, 0, 2, END_NODE, END);
        assertRefused("inside the node /", BEGIN, 0, END);
        assertRefused("its last token", BEGIN, 0, END_NODE, END, NOP);
        assertRefused("where a token should be", BEGIN, 0, END_NODE);
        assertRefused("the token is 0x5", BEGIN, 0, 5);
        assertThat(FlattenedDeviceTree.parse(blobOf(NOP, BEGIN, 0, NOP, PROP, 0, 0, NOP, END_NODE, NOP, END))
                .propertyNames())
                .containsExactly("p");
    }

    private static void assertRefused(String reason, int... structure) {
        assertThatExceptionOfType(DeviceTreeException.class)
                .isThrownBy(() -> FlattenedDeviceTree.parse(blobOf(structure)))
                .withMessageContaining(reason);
    }

    /** Builds a blob with these words as structure block, and "p" as the only name of a property. */
    private static byte[] blobOf(int... structure) {
        int structureBytes = 4 * structure.length;
        ByteBuffer blob = ByteBuffer.allocate(56 + structureBytes + 2);
        blob.putInt(FlattenedDeviceTree.MAGIC).putInt(blob.capacity()).putInt(56).putInt(56 + structureBytes).putInt(40)
                .putInt(17).putInt(16).putInt(0).putInt(2).putInt(structureBytes).putLong(0).putLong(0);
        for (int word : structure) {
            blob.putInt(word);
        }
        return blob.put((byte) 'p').put((byte) 0).array();
    }

    @Test
    void nodesNestedDeeperThanTheLimitAreRefused() {
        int[] structure = new int[200_000];
        for (int i = 0; i < structure.length; i += 2) {
            structure[i] = BEGIN;
            structure[i + 1] = i == 0 ? 0 : NAME_A;
        }
        assertRefused("deeper than 32 levels", structure);
    }

    @Test
    void theLargestTreeOfTheSmallestNodesParsesInLinearTime() {
        int nodes = (FlattenedDeviceTree.MAX_BYTES - 100) / 16 - 2;
        int[] structure = new int[4 * nodes + 4];
        structure[0] = BEGIN;
        for (int i = 0; i < nodes; i++) {
            structure[4 * i + 2] = BEGIN;
            structure[4 * i + 3] = 'a' << 24 | ('a' + i % 26) << 16 | ('a' + i / 26 % 26) << 8 | ('a' + i / 676 % 26);
            structure[4 * i + 4] = ('a' + i / 17576) << 24;
            structure[4 * i + 5] = END_NODE;
        }
        structure[structure.length - 2] = END_NODE;
        structure[structure.length - 1] = END;

        Assertions.assertTimeout(Duration.ofSeconds(10), () -> {
            DeviceTreeNode tree = FlattenedDeviceTree.parse(blobOf(structure));
            for (int i = 0; i < nodes; i++) {
                tree.findByPhandle(i);
            }
            assertThat(tree.children()).hasSize(nodes);
        });
    }

    @Test
    void dtcReadsAFlattenedTreeAsItWasMeant(@TempDir Path directory) throws IOException, InterruptedException {
        Tools.need("dtc");
        Files.write(directory.resolve("sample.dtb"), sample);

        String source = Tools.run(directory, "dtc", "-I", "dtb", "-O", "dts", "sample.dtb");

        assertThat(source).doesNotContain("Warning", "Error");
        assertThat(source.lines().map(String::strip)).containsSubsequence(
                "/memreserve/\t0x0000000000001000 0x0000000000002000;",
                "model = \"Ferrite\";",
                "compatible = \"ferrite,board\\0ferrite\";",
                "cpu@0 {",
                "interrupt-controller;",
                "phandle = <0x07>;",
                "memory@0 {",
                "reg = <0x00 0x40000000>;",
                "ranges;",
                "disk@f0040000 {",
                "reg = <0xf0040000 0x1000 0xf0050000 0x10>;",
                "mac = [01 02 03 04 05];");
    }

    @Test
    void aTreeCompiledByDtcIsReadAsItWasWritten(@TempDir Path directory) throws IOException, InterruptedException {
        Tools.need("dtc");
        Files.writeString(directory.resolve("tree.dts"), """
                /dts-v1/;
                /memreserve/ 0x80000000 0x1000;
                / {
                    #address-cells = <2>;
                    #size-cells = <2>;
                    chosen { bootargs = "root=/dev/ram"; };
                    memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0 0x8000000>; };
                };
                """, StandardCharsets.UTF_8);
        Tools.run(directory, "dtc", "-I", "dts", "-O", "dtb", "-o", "tree.dtb", "tree.dts");
        byte[] blob = Files.readAllBytes(directory.resolve("tree.dtb"));

        DeviceTreeNode tree = FlattenedDeviceTree.parse(blob);

        assertThat(FlattenedDeviceTree.reservations(blob)).containsExactly(new Region(0x8000_0000L, 0x1000));
        assertThat(tree.find("/chosen").orElseThrow().string("bootargs")).isEqualTo("root=/dev/ram");
        assertThat(tree.find("/memory").orElseThrow().regions()).containsExactly(new Region(0x8000_0000L, 0x800_0000));
    }

    @Test
    void theTreeOfQemusVirtMachineIsRead(@TempDir Path directory) throws IOException, InterruptedException {
        Tools.need("qemu-system-riscv32");
        Tools.run(directory, "qemu-system-riscv32", "-machine", "virt,dumpdtb=virt.dtb", "-bios", "none", "-m", "64M",
                "-smp", "2");

        DeviceTreeNode tree = FlattenedDeviceTree.parse(Files.readAllBytes(directory.resolve("virt.dtb")));

        assertThat(tree.isCompatible("riscv-virtio")).isTrue();
        assertThat(tree.find("/memory").orElseThrow().regions()).containsExactly(new Region(0x8000_0000L, 64 << 20));
        DeviceTreeNode plic = tree.find("/soc/plic").orElseThrow();
        assertThat(tree.findByPhandle(plic.cell("phandle"))).containsSame(plic);
    }
}
