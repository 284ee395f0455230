package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Payloads in S-mode on Ferrite's firmware: on both boards, and in QEMU with the same firmware and the same output. */
@Timeout(120)
class SbiTest {

    private static final String TWO_LINES = "asked for through the firmware\nand taken by interrupts\n";
    private static final String WELL = "all is well\n";

    @TempDir
    private Path directory;

    private static BoardOptions options(BoardKind board, int harts) {
        return new BoardOptions().kind(board).ram(64 << 20).harts(harts);
    }

    private static GuestProgram program(String name, BoardKind board, String arguments) {
        return new GuestProgram(GuestRun.program(name, board), null, arguments);
    }

    private static GuestRun kernel(BoardOptions options, BoardKind board, String arguments) throws IOException {
        return GuestRun.of(program("supervisor", board, arguments), options, TWO_LINES);
    }

    // ---- the test kernel ----

    static Stream<Arguments> hartsAndInterleavings() {
        return IntStream.of(1, 2, 3, 5, 8).boxed().flatMap(harts -> Stream.of(Interleavings.values())
                .map(interleaving -> Arguments.of(harts, interleaving)));
    }

    @ParameterizedTest
    @MethodSource("hartsAndInterleavings")
    void aKernelFindsEverythingRightAndTheSameSeedIsTheSameRun(int harts, Interleavings interleaving)
            throws IOException {
        long seed = Seed.fresh().random(0).nextLong();
        GuestRun run = kernel(options(BoardKind.VIRT, harts).interleaving(interleaving).seed(seed), BoardKind.VIRT, "");
        assertThat(run.out()).contains("harts " + harts + "\n").doesNotContain("FAILED").endsWith(WELL);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(kernel(options(BoardKind.VIRT, harts).interleaving(interleaving).seed(seed), BoardKind.VIRT, ""))
                .isEqualTo(run);
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "8"})
    void theOtherBoardIsTheSameToIt(int harts) throws IOException {
        GuestRun there = kernel(options(BoardKind.FERRITE, harts), BoardKind.FERRITE, "");
        assertThat(there.out()).endsWith(WELL)
                .isEqualTo(kernel(options(BoardKind.VIRT, harts), BoardKind.VIRT, "").out());
        assertThat(there.status()).as(there.err()).isZero();
    }

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void fromTheLeastRamToTheMost(BoardKind board) throws IOException {
        for (long bytes : new long[] {8 << 20, board.maxRamBytes()}) {
            GuestRun run = kernel(options(board, 2).ram(bytes), board, "");
            assertThat(run.out()).as(bytes + " bytes").doesNotContain("FAILED").endsWith(WELL);
        }
    }

    static Stream<Arguments> qemus() {
        return Stream.of(Arguments.of(1, List.of()), Arguments.of(4, List.of()),
                Arguments.of(2, List.of("-cpu", "rv32,sstc=false")), Arguments.of(2, List.of("-M", "virt,aclint=on")));
    }

    /** Without Sstc, timers use mtimecmp; the ACLINT's three devices replace the CLINT. */
    @ParameterizedTest
    @MethodSource("qemus")
    void qemuSaysTheSame(int harts, List<String> options) throws Exception {
        try (Program qemu = QemuVirt.payload(directory, harts, GuestRun.program("supervisor", BoardKind.VIRT),
                options.toArray(String[]::new))) {
            qemu.type(TWO_LINES.split("\n"));
            Program.Ended ended = qemu.end();
            GuestRun here = kernel(options(BoardKind.VIRT, harts), BoardKind.VIRT, "");
            assertThat(ended.out()).isEqualTo(here.out()).endsWith(WELL);
            assertThat(ended.status()).isEqualTo(here.status()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void theInitialRamDiskIsWhereTheTreeSays(BoardKind board) throws IOException {
        Path initrd = Files.writeString(directory.resolve("initrd"), "first files");
        GuestRun run = GuestRun.of(new GuestProgram(GuestRun.program("supervisor", board), initrd, ""),
                options(board, 1), TWO_LINES);
        assertThat(run.out()).contains("initrd first files\n").endsWith(WELL);
    }

    // ---- ends ----

    @ParameterizedTest
    @CsvSource({"shutdown, 0", "fail, 1", "syscon-poweroff, 0"})
    void itEndsAsItLikesHereAndInQemu(String how, int status) throws Exception {
        for (BoardKind board : BoardKind.values()) {
            GuestRun run = kernel(options(board, 2), board, how);
            assertThat(run.out()).endsWith(WELL);
            assertThat(run.status()).as(run.err()).isEqualTo(status);
        }
        try (Program qemu = QemuVirt.payload(directory, 1,
                GuestRun.program("supervisor", BoardKind.VIRT), "-append", how)) {
            assertThat(qemu.type(TWO_LINES.split("\n")).end().status()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({"reboot", "syscon-reboot"})
    void aRebootBeginsAnew(String how) throws Exception {
        GuestRun run = GuestRun.of(program("supervisor", BoardKind.VIRT, how), options(BoardKind.VIRT, 2)
                .maxInstructions(20_000_000), control -> new GuestRun.Typed(TWO_LINES.repeat(3)));
        assertThat(run.out()).startsWith(kernel(options(BoardKind.VIRT, 2), BoardKind.VIRT, "")
                .out().repeat(3) + "ok the hart that boots\n");
        try (Program qemu = QemuVirt.payload(directory, 1, GuestRun.program("supervisor", BoardKind.VIRT), "-append",
                how, "-no-reboot")) {
            assertThat(qemu.type(TWO_LINES.split("\n")).end().out()).endsWith(WELL);
        }
    }

    /** QEMU's -no-reboot does not look at the reason. */
    @ParameterizedTest
    @CsvSource({"reboot, 0, ''", "panic, 1, ', with code 1'", "shutdown, 0,"})
    void aRebootEndsTheRunIfThatIsWanted(String how, int status, String code) throws Exception {
        GuestRun run = kernel(options(BoardKind.VIRT, 1).endsAtReboot(true), BoardKind.VIRT, how);
        assertThat(run.out()).endsWith(WELL).hasLineCount(
                kernel(options(BoardKind.VIRT, 1), BoardKind.VIRT, "").out().split("\n").length);
        assertThat(run.err()).isEqualTo(code == null ? "" : "the program asked for a reboot" + code
                + ", which --no-reboot makes the end\n");
        assertThat(run.status()).isEqualTo(status);
    }

    // ---- a hostile payload ----

    /** Returns the final report. The output before it does not matter, and is not even text. */
    private static String report(String out) {
        return Arrays.stream(out.split("\n")).dropWhile(line -> !line.startsWith("harts "))
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @MethodSource("hartsAndInterleavings")
    void theFirmwareSurvivesAPayloadThatMeansHarm(int harts, Interleavings interleaving) throws IOException {
        Seed seed = Seed.fresh();
        BoardKind[] boards = BoardKind.values();
        BoardKind board = boards[(harts + interleaving.ordinal()) % boards.length];
        String arguments = Integer.toString(seed.random(harts).nextInt(1_000_000));
        GuestRun run = GuestRun.of(program("hostile", board, arguments),
                options(board, harts).interleaving(interleaving), "");
        assertThat(run.status()).as(seed.replay("payload seed " + arguments + " on " + board.label())
                + "\n" + report(run.out()) + run.err()).isZero();
        assertThat(report(run.out())).startsWith("harts " + harts + "\n")
                .contains("ok timers, interrupts and fences as ever").doesNotContain("FAILED");
    }

    @Test
    void soItDoesInQemu() throws Exception {
        Seed seed = Seed.fresh();
        for (int harts : new int[] {1, 3}) {
            String arguments = Integer.toString(seed.random(harts).nextInt(1_000_000));
            GuestRun here = GuestRun.of(program("hostile", BoardKind.VIRT, arguments),
                    options(BoardKind.VIRT, harts), "");
            try (Program qemu = QemuVirt.payload(directory, harts, GuestRun.program("hostile", BoardKind.VIRT),
                    "-append", arguments)) {
                Program.Ended ended = qemu.end();
                assertThat(report(ended.out())).as(seed.replay("payload seed " + arguments))
                        .isEqualTo(report(here.out())).doesNotContain("FAILED");
                assertThat(ended.status()).isZero();
            }
        }
    }

    // ---- kinds of images ----

    /** Returns code that reports success to the virt board's test finisher. */
    private static byte[] endsWell() {
        return code(0x0010_02b7,          // lui t0, 0x100: the test finisher
                0x0000_5337,              // lui t1, 5
                0x5553_0313,              // addi t1, t1, 0x555
                0x0062_a023,              // sw t1, (t0)
                0x0000_006f);             // j .
    }

    private static byte[] code(int... words) {
        byte[] bytes = new byte[4 * words.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (words[i / 4] >>> 8 * (i % 4));
        }
        return bytes;
    }

    private GuestRun flat(String bios, byte[] image) throws IOException {
        return GuestRun.of(new GuestProgram(Files.write(directory.resolve("flat.bin"), image), null, "", bios),
                options(BoardKind.VIRT, 2), "");
    }

    /** Returns code that first reads mstatus. In S-mode that is a trap, and its handler is missing. */
    private static byte[] readsMstatusFirst(byte[] rest) {
        byte[] image = Arrays.copyOf(code(0x3000_2373), 4 + rest.length);     // csrr t1, mstatus
        System.arraycopy(rest, 0, image, 4, rest.length);
        return image;
    }

    @Test
    void aFlatBinaryIsAnMModeProgramUnlessAFirmwareIsNamed() throws IOException {
        byte[] image = readsMstatusFirst(endsWell());
        assertThat(flat(null, image).status()).isZero();
        assertThat(flat("none", image).status()).isZero();
        GuestRun payload = flat("default", image);
        assertThat(payload.out())
                .isEqualTo("sbi: nothing can be fetched where S-mode's trap handler should be: 0x00000000\n");
        assertThat(payload.status()).isEqualTo(1);
        assertThat(flat("default", endsWell()).status()).isZero();
    }

    /**
     * Builds a Linux header (Documentation/riscv/boot-image-header.rst), followed by the code that its first word jumps
     * to.
     */
    private static byte[] linux(long textOffset, long imageSize, byte[] code) {
        byte[] image = Arrays.copyOf(code(0x0400_006f, 0, (int) textOffset, (int) (textOffset >>> 32), (int) imageSize,
                (int) (imageSize >>> 32), 0, 0, 2, 0, 0, 0, 0x4353_4952, 0x56, 0x0543_5352, 0), 64 + code.length);
        System.arraycopy(code, 0, image, 64, code.length);
        return image;
    }

    @Test
    void anImageOfLinuxGoesWhereItsHeaderSaysAndRunsInSModeIfThatLeavesRoom() throws IOException {
        GuestRun payload = flat(null, linux(4 << 20, 1 << 20, readsMstatusFirst(endsWell())));
        assertThat(payload.out()).startsWith("sbi: ");
        assertThat(flat(null, linux(4 << 20, 1 << 20, endsWell())).status()).isZero();
        assertThat(flat(null, linux(6 << 20, 1 << 20, endsWell())).status()).isZero();
        assertThat(flat(null, linux(0, 1 << 20, readsMstatusFirst(endsWell()))).status()).as("one for M-mode").isZero();
    }

    @Test
    void anImageOfLinuxThatCannotBeWhereItWantsIsRefused() {
        for (long[] wrong : new long[][] {{4 << 20, 61 << 20}, {64 << 20, 1}, {-1, 1},
                {Long.MAX_VALUE, Long.MAX_VALUE}, {4 << 20, -1}}) {
            assertThatThrownBy(() -> flat(null, linux(wrong[0], wrong[1], endsWell()))).isInstanceOf(IOException.class)
                    .hasMessageContaining("does not fit into 64M of RAM");
        }
        assertThatThrownBy(() -> flat("default", linux(0, 1 << 20, endsWell()))).isInstanceOf(IOException.class)
                .hasMessageContaining("takes 0x80000000..0x800fffff of RAM, and the firmware 0x80000000..");
    }

    @Test
    void anotherFirmwareIsToldTheSame() throws IOException {
        // lw a0, 8(a2); jr a0: jumps to the payload, in M-mode
        Path firmware = Files.write(directory.resolve("firmware.bin"), code(0x0086_2503, 0x0005_0067));
        assertThat(flat(firmware.toString(), readsMstatusFirst(endsWell())).status()).isZero();
    }

    @Test
    void theCommandTakesTheFirmwareAsQemuDoes() throws Exception {
        String image = GuestRun.program("supervisor", BoardKind.VIRT).toRealPath().toString();
        try (Program ferrite = FerriteJar.start(directory, "boot", image, "--bios", "default", "--harts", "2", "--ram",
                "64M", "--append", "fail")) {
            Program.Ended ended = ferrite.type(TWO_LINES.split("\n")).end();
            assertThat(ended.out()).contains("harts 2\n").endsWith(WELL);
            assertThat(ended.status()).as(ended.err()).isEqualTo(1);
        }
        assertThat(FerriteJar.run(directory, "boot", image, "--bios", "none",
                "--harts", "1", "--max-instructions", "1000000").out())
                .contains("FAILED").doesNotContain(WELL);
    }
}
