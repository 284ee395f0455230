package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.ExitStatus;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The firmware's reading of the device tree, and the tree that it passes on. The tree is the board's, or a changed one
 * that the test stores in its place.
 */
@Timeout(60)
class SbiDeviceTreeTest {

    private static final String TWO_LINES = "one\ntwo\n";
    private static final BusMaster TEST = new BusMaster("test", 32);
    private static final int ROM_WORDS = 0x1000 / 4;

    @TempDir
    private Path directory;

    /** A run of the test kernel, and the tree afterwards if the run succeeded. */
    private record Handed(int status, String out, byte[] blob) {

        DeviceTreeNode tree() {
            return FlattenedDeviceTree.parse(blob);
        }
    }

    private static Handed run(BoardKind board, int harts, UnaryOperator<byte[]> change) throws IOException {
        BoardOptions options = new BoardOptions().kind(board).ram(64 << 20).harts(harts).maxInstructions(20_000_000);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options, new GuestProgram(GuestRun.program("supervisor", board),
                null, "quiet"), control -> new GuestRun.Typed(TWO_LINES), out,
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
            PhysicalBus bus = session.machine().bus();
            long at = treeAddress(bus);
            byte[] changed = change.apply(blob(bus, at));
            bus.write(TEST, at, changed, 0, changed.length);
            int status = session.run();
            return new Handed(status, out.toString(StandardCharsets.ISO_8859_1), status == 0 ? blob(bus, at) : null);
        }
    }

    /** Finds the address in the boot ROM: the word before the information for a firmware. */
    private static long treeAddress(PhysicalBus bus) {
        AddressRange rom = bus.ranges().stream().filter(range -> range.name().equals("bootrom"))
                .findFirst().orElseThrow();
        for (int word = 1; word < ROM_WORDS; word++) {
            if (bus.peek(rom.base() + 4L * word, 4) == 0x4942_534f) {
                return bus.peek(rom.base() + 4L * (word - 1), 4) & 0xffff_ffffL;
            }
        }
        throw new AssertionError("the boot ROM holds no information for a firmware");
    }

    private static byte[] blob(PhysicalBus bus, long at) {
        byte[] header = new byte[8];
        bus.peek(at, header, 0, header.length);
        byte[] blob = new byte[ByteBuffer.wrap(header).getInt(4)];
        bus.peek(at, blob, 0, blob.length);
        return blob;
    }

    private static UnaryOperator<byte[]> edited(Consumer<DeviceTreeNode> edit) {
        return blob -> {
            DeviceTreeNode root = FlattenedDeviceTree.parse(blob);
            edit.accept(root);
            return FlattenedDeviceTree.flatten(root, FlattenedDeviceTree.reservations(blob));
        };
    }

    private static void requireWell(Handed handed) {
        assertThat(handed.out()).doesNotContain("FAILED").endsWith("all is well\n");
        assertThat(handed.status()).isZero();
    }

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void thePayloadGetsTheBoardsTreeAndOneNodeMore(BoardKind board) throws Exception {
        byte[][] before = new byte[1][];
        Handed handed = run(board, 3, blob -> before[0] = blob);
        requireWell(handed);
        DeviceTreeNode expected = FlattenedDeviceTree.parse(before[0]);
        int cells = expected.cell("#address-cells");
        DeviceTreeNode reserved = expected.child("reserved-memory").set("#address-cells", cells)
                .set("#size-cells", cells).set("ranges");
        DeviceTreeNode firmware = reserved.child("firmware@" + Long.toHexString(board.ramBase()));
        int bytes = handed.tree().find("/reserved-memory/" + firmware.name()).orElseThrow().cells("reg")[2 * cells - 1];
        int start = (int) board.ramBase();
        firmware.set("reg", cells == 1 ? new int[] {start, bytes} : new int[] {0, start, 0, bytes}).set("no-map");
        assertThat(FlattenedDeviceTree.flatten(handed.tree(), List.of()))
                .isEqualTo(FlattenedDeviceTree.flatten(expected, List.of()));
        assertThat(bytes).isPositive().isLessThanOrEqualTo(48 << 10);

        Path file = Files.write(directory.resolve("handed.dtb"), handed.blob());
        Tools.need("dtc");
        assertThat(Program.start(directory, List.of("dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null",
                file.toString())).end().err()).doesNotContain("rror");
    }

    @Test
    void whatIsReservedAlreadyStaysSo() throws IOException {
        Handed handed = run(BoardKind.VIRT, 2, edited(root -> {
            DeviceTreeNode reserved = root.child("reserved-memory").set("#address-cells", 2)
                    .set("#size-cells", 2).set("ranges");
            reserved.child("other@82000000").set("reg", 0, 0x8200_0000, 0, 0x1000).set("no-map");
        }));
        requireWell(handed);
        assertThat(handed.tree().find("/reserved-memory").orElseThrow().children().stream().map(DeviceTreeNode::name))
                .containsExactly("other@82000000", "firmware@80000000");
    }

    @Test
    void whereNoHartHasSstcTimersAreTheAclints() throws IOException {
        String isa = "rv32imac_zicsr_zifencei_zicntr";
        Handed without = run(BoardKind.VIRT, 3,
                edited(root -> root.find("/cpus").orElseThrow().children().forEach(cpu -> cpu.set("riscv,isa", isa))));
        requireWell(without);
        requireWell(run(BoardKind.VIRT, 3,
                edited(root -> root.find("/cpus/cpu@1").orElseThrow().set("riscv,isa", isa))));
        requireWell(run(BoardKind.FERRITE, 3,
                edited(root -> root.find("/cpus").orElseThrow().children().forEach(cpu -> cpu.set("riscv,isa", isa)))));
    }

    @Test
    void aHartThatIsNotOkayIsNone() throws IOException {
        Handed handed = run(BoardKind.VIRT, 3,
                edited(root -> root.find("/cpus/cpu@2").orElseThrow().set("status", "disabled")));
        requireWell(handed);
        assertThat(handed.out()).contains("harts 2\n");
    }

    @Test
    void theAclintsTimerMayBeOneRange() throws IOException {
        requireWell(run(BoardKind.FERRITE, 2, edited(root -> {
            root.find("/cpus").orElseThrow().children().forEach(cpu -> cpu.set("riscv,isa", "rv32imac"));
            root.find("/soc/mtimer@f001bff8").orElseThrow().set("reg", 0xf001_4000, 0x8000);
        })));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/soc/clint@2000000", "/cpus/cpu@0", "/cpus/cpu@0/interrupt-controller"})
    void aTreeThatDoesNotTellHowToInterruptAHartIsRefusedWithASentence(String path) throws IOException {
        Handed handed = run(BoardKind.VIRT, 1, edited(root -> root.find(path)
                .orElseThrow().set("compatible", "something,else").set("device_type", "none")));
        assertThat(handed.out()).isEqualTo("sbi: the device tree does not tell how to interrupt hart 0x00000000\n");
        assertThat(handed.status()).isEqualTo(1);
    }

    /** Without a tree the firmware has no serial line for a message. */
    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8, 24, 36})
    void withoutATreeEveryHartWaits(int headerByte) throws IOException {
        Handed handed = run(BoardKind.VIRT, 2, blob -> {
            blob[headerByte] = 0x7f;
            return blob;
        });
        assertThat(handed.out()).isEmpty();
        assertThat(handed.status()).isEqualTo(ExitStatus.NOT_FINISHED);
    }
}
