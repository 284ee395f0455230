package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs of firmware-images/programs, which check themselves: on both boards, and in QEMU, with the same output.
 */
@Timeout(120)
class GuestProgramsTest {

    private static final String TWO_LINES = "typed while it polls\nand while it sleeps\n";

    @TempDir
    private Path directory;

    private static BoardOptions options(int harts) {
        return new BoardOptions().ram(64 << 20).harts(harts);
    }

    static Stream<Arguments> programsAndBoards() {
        return Stream.of("instructions", "privilege", "sv32", "foreign", "serial").flatMap(name ->
                Stream.of(BoardKind.values()).map(board -> Arguments.of(name, board)));
    }

    @ParameterizedTest
    @MethodSource("programsAndBoards")
    void aProgramFindsEverythingRight(String name, BoardKind board) throws IOException {
        GuestRun run = GuestRun.of(name, options(2), board, TWO_LINES);
        assertThat(run.out()).contains("ok ").doesNotContain("FAILED").doesNotContain("unexpected");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"compute, 'other words times=0', true", "calls, times=0, true", "memory, times=0, true",
            "compute, times, false"})
    void aSpeedProgramDoesItsWorkAsOftenAsItsCommandLineSays(String name, String words, boolean ends)
            throws IOException {
        GuestProgram program = new GuestProgram(GuestRun.program("speed-" + name, BoardKind.VIRT), null, words);
        BoardOptions options = options(1).ram(128 << 20).kind(BoardKind.VIRT).maxInstructions(1_000_000);
        GuestRun run = GuestRun.of(program, options, control -> new GuestRun.Typed(""));
        assertThat(run.out().startsWith("ok " + name)).as(run.out()).isEqualTo(ends);
    }

    @ParameterizedTest
    @CsvSource({"instructions, 1", "privilege, 1", "sv32, 1", "serial, 1", "smp, 2", "hosted, 1"})
    void qemuSaysTheSame(String name, int harts) throws Exception {
        try (Program qemu = QemuVirt.bare(directory, harts, GuestRun.program(name, BoardKind.VIRT))) {
            if (name.equals("serial")) {
                qemu.awaitOut("transmitter interrupts\n");    // QEMU's receiver takes bytes before the program waits
                qemu.type(TWO_LINES.split("\n"));            // the other harts may have ended by now
            }
            Program.Ended ended = qemu.end();
            GuestRun here = GuestRun.of(name, options(harts), BoardKind.VIRT, TWO_LINES);
            assertThat(here.out()).isEqualTo(ended.out());
            assertThat(here.status()).as(here.err()).isEqualTo(ended.status()).isZero();
        }
    }

    // ---- files of other linkers ----

    private Path linked(String... options) throws Exception {
        return link("""
                .globl _start
                _start: li t0, 0x100000
                lw t1, pass
                sw t1, 0(t0)
                1: j 1b
                .data
                pass: .word 0x5555
                """, options);
    }

    private Path link(String source, String... options) throws Exception {
        Files.writeString(directory.resolve("p.S"), source);
        List<String> command = new ArrayList<>(List.of("riscv64-unknown-elf-gcc", "-march=rv32imac_zicsr",
                "-mabi=ilp32", "-nostdlib", "-mcmodel=medany", "-Wl,--no-relax",
                "-Wl,--no-warn-rwx-segments", "-o", "p.elf", "p.S"));
        command.addAll(List.of(options));
        Tools.run(directory, command.toArray(String[]::new));
        return directory.resolve("p.elf");
    }

    /** Replaces a number in an ELF file: a half-word of the header, or a word of each program header. */
    private static void patch(Path elf, int inHeader, int inSegments, int value) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(elf)).order(ByteOrder.LITTLE_ENDIAN);
        if (inHeader > 0) {
            file.putShort(inHeader, (short) value);
        }
        for (int i = 0; inSegments > 0 && i < file.getShort(44); i++) {
            file.putInt(file.getInt(28) + 32 * i + inSegments, value);
        }
        Files.write(elf, file.array());
    }

    private static GuestRun onVirt(Path elf) throws IOException {
        return GuestRun.of(new GuestProgram(elf, null, ""), options(1).kind(BoardKind.VIRT), "");
    }

    private void endsWellAsInQemu(Path elf, String note) throws Exception {
        GuestRun here = onVirt(elf);
        assertThat(here.err()).isEqualTo(note);
        assertThat(here.status()).isZero();
        try (Program qemu = QemuVirt.bare(directory, 1, elf)) {
            assertThat(qemu.end().status()).isZero();
        }
    }

    @Test
    void theHeadersBelowRamAreLeftOut() throws Exception {
        Path elf = linked("-Wl,-Ttext=0x80000000", "-Wl,-z,max-page-size=0x1000");
        endsWellAsInQemu(elf, "ferrite boot: " + elf + ": the first 4096 bytes of the segment at pa "
                + "0x7ffff000..0x80000011 lie below RAM and are left out\n");
    }

    /** A guest that writes only the low word of mtimecmp has its tick. */
    @Test
    void theTimerIsDueAtReset() throws Exception {
        Path elf = link("""
                .globl _start
                _start: csrr t1, mip
                li t0, 0x2004000
                lw t2, 0(t0)
                lw t3, 4(t0)
                or t2, t2, t3
                li t0, 0x100000
                bnez t2, 1f
                andi t1, t1, 1 << 7
                beqz t1, 1f
                li t1, 0x5555
                sw t1, 0(t0)
                1: li t1, 0x13333
                sw t1, 0(t0)
                """, "-Wl,-Ttext=0x80000000", "-Wl,-N");
        endsWellAsInQemu(elf, "");
    }

    /** Ends with a failure unless the clock's high word is this, and its alarm interrupts hart 0 through the PLIC. */
    private static String clock(int highWord) {
        return """
                .globl _start
                _start: li s0, 0x101000         # the clock
                li s1, 0xc000000                # the PLIC
                lw t1, 0(s0)
                lw t2, 4(s0)
                li t3, %d
                bne t2, t3, fail
                li t0, 1
                sw t0, 44(s1)                   # priority of source 11
                li t0, 1 << 11
                li t3, 0xc002000
                sw t0, 0(t3)                    # enabled for hart 0 in M-mode
                li t3, 0xc200000
                sw zero, 0(t3)
                li t0, 1 << 11
                csrs mie, t0
                li t0, 1
                sw t0, 16(s0)
                li t0, 2000000                  # two milliseconds
                add t0, t0, t1
                bltu t0, t1, fail
                sw t2, 12(s0)
                sw t0, 8(s0)
                lw t4, 24(s0)
                beqz t4, fail                   # the alarm is to come
                wfi
                lw t4, 4(t3)                    # claim
                li t5, 11
                bne t4, t5, fail
                lw t1, 0(s0)
                bltu t1, t0, fail
                sw zero, 28(s0)
                sw t4, 4(t3)
                csrr t4, mip
                li t0, 1 << 11
                and t4, t4, t0
                bnez t4, fail
                li t1, 0x5555
                j end
                fail: li t1, 0x13333
                end: li t0, 0x100000
                sw t1, 0(t0)
                j .
                """.formatted(highWord);
    }

    @Test
    void theRealTimeClockHasADateAndItsAlarmInterrupts() throws Exception {
        Path elf = link(clock(0x1886_7251), "-Wl,-Ttext=0x80000000", "-Wl,-N");     // 2026-01-01T00:00:00Z
        assertThat(onVirt(elf).status()).isZero();
        try (Program qemu = QemuVirt.bare(directory, 1, elf, "-rtc", "base=2026-01-01T00:00:00,clock=vm")) {
            assertThat(qemu.end().status()).isZero();
        }
        GuestProgram program = new GuestProgram(elf, null, "");
        BoardOptions options = options(1).kind(BoardKind.VIRT).rtc("2026-01-01T00:00:05Z");
        assertThat(GuestRun.of(program, options, "").status()).as("five seconds are more than the word").isEqualTo(1);
        Path epoch = link(clock(0), "-Wl,-Ttext=0x80000000", "-Wl,-N");
        assertThat(GuestRun.of(new GuestProgram(epoch, null, ""), options(1).kind(BoardKind.VIRT)
                .rtc("1970-01-01T00:00:00Z"), "").status()).isZero();
    }

    @Test
    void theLegacyInterfaceIsAsInQemuWhichHasItByDefault() throws Exception {
        Path program = GuestRun.program("legacy", BoardKind.VIRT);
        BoardOptions options = options(1).kind(BoardKind.VIRT).virtio(VirtioKind.ENTROPY);
        assertThat(GuestRun.of("legacy", options, BoardKind.VIRT, "").out()).startsWith("FAILED a legacy device");
        GuestRun here = GuestRun.of("legacy", options.virtioLegacy(true), BoardKind.VIRT, "");
        assertThat(here.out()).hasLineCount(17).doesNotContain("FAILED");
        try (Program qemu = QemuVirt.bare(directory, 1, program, "-global", "virtio-mmio.force-legacy=true", "-device",
                "virtio-rng-device")) {
            Program.Ended ended = qemu.end();
            assertThat(here.out()).isEqualTo(ended.out());
            assertThat(here.status()).as(here.err()).isEqualTo(ended.status()).isZero();
        }
    }

    /** A guest that takes 10 MHz for granted, as for QEMU, measures its time right. */
    @Test
    void mtimeCountsAsInQemuUnlessMoreIsWanted() throws Exception {
        Path elf = link("""
                .globl _start
                _start: rdcycle t0
                rdtime t1
                li t2, 5000
                1: addi t2, t2, -1
                bnez t2, 1b
                rdcycle t3
                rdtime t4
                sub t3, t3, t0                  # 10003 cycles
                sub t4, t4, t1
                slli t4, t4, 16
                li t1, 0x3333
                or t1, t1, t4
                li t0, 0x100000
                sw t1, 0(t0)
                j .
                """, "-Wl,-Ttext=0x80000000", "-Wl,-N");
        assertThat(onVirt(elf).err()).matches("the program reported failure, with code 100[01]\\n");
        assertThat(GuestRun.of(new GuestProgram(elf, null, ""), options(1).kind(BoardKind.VIRT)
                .timebase(100_000_000), "").err()).matches("the program reported failure, with code 1000\\d\\n");
    }

    @Test
    void segmentsWithoutFlagsAreLoaded() throws Exception {
        Path elf = linked("-Wl,-Ttext=0x80000000", "-Wl,-N");
        patch(elf, 0, 24, 0);
        endsWellAsInQemu(elf, "");
    }

    @Test
    void aStaticPieInRamStaysWhereItIs() throws Exception {
        Path elf = linked("-Wl,-Ttext=0x80000000", "-Wl,-N");
        patch(elf, 16, 0, 3);
        endsWellAsInQemu(elf, "");
    }

    @Test
    void aStaticPieThatIsLinkedAtZeroIsMovedToTheStartOfRam() throws Exception {
        Path elf = linked("-Wl,-Ttext=0", "-Wl,-N");
        assertThatThrownBy(() -> onVirt(elf)).hasMessageContaining("does not lie in RAM");
        patch(elf, 16, 0, 3);
        GuestRun run = onVirt(elf);
        assertThat(run.status()).as(run.err()).isZero();
    }

    // ---- many harts ----

    static Stream<Arguments> hartsAndInterleavings() {
        return Stream.of(2, 4, 8).flatMap(harts -> Stream.of(Interleavings.values())
                .map(interleaving -> Arguments.of(harts, interleaving)));
    }

    @ParameterizedTest
    @MethodSource("hartsAndInterleavings")
    void manyHartsAgreeUnderEveryInterleavingAndTheSameSeedIsTheSameRun(int harts, Interleavings interleaving)
            throws IOException {
        Seed seed = Seed.fresh();
        List<GuestRun> runs = new ArrayList<>();
        for (int again = 0; again < 2; again++) {
            runs.add(GuestRun.of("smp", options(harts).interleaving(interleaving).seed(seed.random(0).nextLong()),
                    BoardKind.VIRT, ""));
        }
        GuestRun run = runs.get(0);
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).startsWith("harts " + harts + "\n").doesNotContain("FAILED").hasLineCount(11);
        assertThat(runs.get(1)).isEqualTo(run);
    }

    @Test
    void anotherSeedIsAnotherRunWithTheSameResult() throws IOException {
        GuestRun one = GuestRun.of("smp", options(4).interleaving(Interleavings.RANDOM).seed(1), BoardKind.VIRT, "");
        GuestRun two = GuestRun.of("smp", options(4).interleaving(Interleavings.RANDOM).seed(2), BoardKind.VIRT, "");
        assertThat(two.digest().schedule()).isNotEqualTo(one.digest().schedule());
        assertThat(two.out()).isEqualTo(one.out());
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void supervisorSoftwareInterruptsGoFromHartToHart(Interleavings interleaving) throws IOException {
        GuestRun run = GuestRun.of("sswi", options(3).interleaving(interleaving), BoardKind.FERRITE, "");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).doesNotContain("FAILED").hasLineCount(6);
    }

    @Test
    void theOtherBoardHasManyHartsToo() throws IOException {
        GuestRun run = GuestRun.of("smp", options(3), BoardKind.FERRITE, "");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).startsWith("harts 3\n").doesNotContain("FAILED");
    }

    // ---- C programs with a library ----

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aProgramWithPicolibcPrintsAndEndsAsItLikes(BoardKind board) throws IOException {
        Path initrd = Files.writeString(directory.resolve("initrd"), "first files");
        for (String arguments : List.of("", "fail", "console=ttyS0 quiet")) {
            GuestRun run = GuestRun.of(new GuestProgram(GuestRun.program("hosted", board), initrd, arguments),
                    options(1).kind(board), "");
            assertThat(run.out()).isEqualTo("""
                    hello from picolibc, 32 bits
                    arguments '%s'
                    initrd of 11 bytes: 'first files'
                    sorted 1000 numbers from 3 to 10000: yes
                    strings|  -42|42   |0beef|c|4000000000
                    """.formatted(arguments));
            assertThat(run.status()).isEqualTo(arguments.equals("fail") ? 1 : 0);
            assertThat(run.err())
                    .isEqualTo(arguments.equals("fail") ? "the program reported failure, with code 1\n" : "");
        }
    }

    // ---- the host-target interface ----

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aProgramForSpikeTalksToItsHostAndEnds(BoardKind board) throws IOException {
        String said = "high half first\nlow half first\na system call\nthe key ";
        GuestRun failure = GuestRun.of("htif", options(1), board, "F");
        assertThat(failure.out()).isEqualTo(said + "F\n");
        assertThat(failure.err()).isEqualTo("the program reported failure, with code 21\n");
        assertThat(failure.status()).isEqualTo(1);
        GuestRun success = GuestRun.of("htif", options(1), board, "k");
        assertThat(success.out()).isEqualTo(said + "k\n");
        assertThat(success.status()).as(success.err()).isZero();
    }

    // ---- ends ----

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aCrashIsToldWithAllThatIsKnown(BoardKind board) throws IOException {
        GuestRun run = GuestRun.of("crash", options(2), board, "");
        assertThat(run.status()).isEqualTo(1);
        long start = board.ramBase();
        assertThat(run.err()).startsWith("hart 0 crashed: load access fault at pc 0x"
                + String.format(Locale.ROOT, "%08x", start + 0x20)
                + " <stumble+0x8>, tval 0x40000004,\n  and its handler at 0x40000000 cannot be fetched in M-mode\n")
                .contains("  s0      0x00005eed").contains("  a5      0x40000004").contains("  mcause  0x00000005")
                .contains("> 0x" + String.format(Locale.ROOT, "%08x", start + 0x20) + " <stumble+0x8>  lw a4,0(a5)\n")
                .contains(" <stumble+0x6>  nop\n").contains("  ret\n")
                .doesNotContain("hart 1");
    }

    @Test
    void aResetBeginsAnewWithMemoryAsItWasAndInstructionsGoOnCounting() throws IOException {
        GuestRun run = GuestRun.of(new GuestProgram(GuestRun.program("reboot", BoardKind.VIRT), null, ""),
                options(2).kind(BoardKind.VIRT).maxInstructions(5000), control -> new GuestRun.Typed(""));
        assertThat(run.out()).matches("(started\n){5,}(s|st|sta|star|start|starte|started)?");
        assertThat(run.err()).isEqualTo("--max-instructions ran out after 5000 instructions\n");
        assertThat(run.status()).isEqualTo(124);
    }

    @Test
    void theEndOfInputDoesNotEndTheRunAndWhoeverWaitsForMoreIsToldOf() throws IOException {
        GuestRun run = GuestRun.of("serial", options(1), BoardKind.VIRT, "one line\nhalf");
        assertThat(run.out()).contains("polled: one line\n").doesNotContain("half");
        assertThat(run.err()).isEqualTo("every hart waits, and nothing is left to happen\n");
        assertThat(run.status()).isEqualTo(124);
    }

    // ---- flat binaries ----

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aFlatBinaryGoesToTheStartOfRam(BoardKind board) throws IOException {
        // lui t0, finisher; lui t1, 5; addi t1, t1, 0x555; sw t1, (t0); j .
        int finisher = board == BoardKind.VIRT ? 0x0010_0000 : 0xf003_0000;
        int[] code = {finisher | 0x2b7, 0x0000_5337, 0x5553_0313, 0x0062_a023, 0x0000_006f};
        byte[] bytes = new byte[4 * code.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (code[i / 4] >>> 8 * (i % 4));
        }
        Path image = Files.write(directory.resolve("flat.bin"), bytes);
        assertThat(GuestRun.of(new GuestProgram(image, null, ""), options(1).kind(board), "").status()).isZero();
    }

    // ---- the process ----

    @Test
    void theProcessCarriesBytesUnchangedThroughAPipeAndAFile() throws Exception {
        Path image = GuestRun.program("serial", BoardKind.VIRT).toRealPath();
        try (Program ferrite = FerriteJar.start(directory, "boot", image.toString(), "--harts", "1")) {
            ferrite.type("first");
            ferrite.awaitOut("polled: first\n");
            ferrite.type("second");
            ferrite.awaitOut("by interrupts: second\n");
            Program.Ended ended = ferrite.end();
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void aHaltedProgramIsLookedAtAndLetGo() throws Exception {
        Tools.need("nc");
        Path image = GuestRun.program("hosted", BoardKind.VIRT).toRealPath();
        try (Program ferrite = FerriteJar.start(directory, "boot", image.toString(), "--harts", "2",
                "--debug", "0", "--halt")) {
            String address = ferrite.awaitErrLine("debug port ");
            try (Program nc = Program.start(directory,
                    List.of("nc", "-N", "127.0.0.1", address.substring(address.indexOf(':') + 1)))) {
                String said = nc.type("info registers 1", "x/2i 0x1000", "xp/4xb 0x80000000", "continue").end().out();
                assertThat(said).containsPattern("pc +0x00001000").containsPattern("mode +M").contains("auipc t0")
                        .endsWith("running\n");
            }
            Program.Ended ended = ferrite.end();
            assertThat(ended.out()).startsWith("hello from picolibc");
            assertThat(ended.status()).isZero();
        }
    }

    /** Runs at a terminal, which expect provides. */
    @Test
    void atATerminalKeysGoThroughAndCtrlAXLeaves() throws Exception {
        Tools.need("expect");
        String image = GuestRun.program("serial", BoardKind.VIRT).toRealPath().toString();
        String command = String.join(" ", FerriteJar.command("boot", image, "--harts", "1"));
        Path script = Files.writeString(directory.resolve("script.exp"), """
                set timeout 40
                spawn %s
                expect "ok an empty transmitter interrupts"
                send "a\\003b\\n"
                expect "polled: a\\003b"
                send "\\001x"
                expect "left from the console"
                expect eof
                exit [lindex [wait] 3]
                """.formatted(command), StandardCharsets.UTF_8);
        Program.Ended ended = Program.start(directory, List.of("expect", script.toString())).end();
        assertThat(ended.status()).as(ended.out() + ended.err()).isEqualTo(130);
        assertThat(ended.out()).contains("left from the console");
    }
}
