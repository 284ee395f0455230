package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program virtio of firmware-images/programs, on Ferrite and in QEMU, with the same output and the same disks
 * afterwards.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtioProgramTest {

    private static final String TWO_LINES = "typed while it polls\nand while it sleeps\n";
    private static final Path IMAGE = GuestRun.program("virtio", BoardKind.VIRT);
    private static final int CHECKS = 199;
    /** The start of each line on the virtio console. */
    private static final String CONSOLE = "hvc: ";
    private static final int ROUNDS = 8;
    /** The minimum number of times that the program waits for a request before it reads the console. */
    private static final int WAITS = 150;

    @TempDir
    private Path directory;
    private Path disk;
    private Path secondDisk;

    @BeforeEach
    void makeDisks() throws IOException {
        disk = Disks.random(directory, "disk0.img", 100 * Disks.SECTOR, 1);
        secondDisk = Disks.random(directory, "disk1.img", 20 * Disks.SECTOR, 2);
    }

    private BoardOptions options(int harts) {
        return new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(harts).disk(disk).readOnlyDisk(secondDisk)
                .virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY);
    }

    private GuestRun run(BoardOptions options) throws IOException {
        return GuestRun.of(new GuestProgram(IMAGE, null, ""), options, TWO_LINES);
    }

    private static String lines(String out, boolean ofConsole) {
        return out.lines().filter(line -> line.startsWith(CONSOLE) == ofConsole).map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static void requireSuccess(GuestRun run) {
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).doesNotContain("FAILED").doesNotContain("unexpected");
        assertThat(run.out().lines().filter(line -> line.startsWith("ok "))).hasSize(CHECKS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void qemuSaysTheSameAndLeavesTheSameOnTheDisks(int harts) throws Exception {
        Tools.need("qemu-system-riscv32");
        byte[] before = Files.readAllBytes(disk);
        byte[] protectedBefore = Files.readAllBytes(secondDisk);
        Path uart = directory.resolve("uart.out");
        // The devices in Ferrite's order. The terminal belongs to the virtio console.
        List<String> command = List.of("qemu-system-riscv32", "-M", "virt", "-bios", "none", "-m",
                "64M", "-smp", "" + harts, "-display", "none",
                "-monitor", "none", "-serial", "file:" + uart, "-global", "virtio-mmio.force-legacy=false",
                "-drive", "if=none,format=raw,id=d0,file=" + disk, "-device", "virtio-blk-device,drive=d0,serial=disk0",
                "-drive", "if=none,format=raw,id=d1,readonly=on,file=" + secondDisk, "-device",
                "virtio-blk-device,drive=d1,serial=disk1", "-chardev", "stdio,id=c0", "-device", "virtio-serial-device",
                "-device", "virtconsole,chardev=c0", "-device", "virtio-rng-device",
                "-kernel", IMAGE.toRealPath().toString());
        Program.Ended ended;
        try (Program qemu = Program.start(directory, command)) {
            ended = qemu.type(TWO_LINES.split("\n")).end();
        }
        byte[] byQemu = Files.readAllBytes(disk);
        assertThat(byQemu).isNotEqualTo(before);
        Files.write(disk, before);

        GuestRun here = run(options(harts));
        requireSuccess(here);
        assertThat(lines(here.out(), false)).isEqualTo(Files.readString(uart));
        assertThat(lines(here.out(), true)).isEqualTo(ended.out()).hasLineCount(3);
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(Files.readAllBytes(disk)).isEqualTo(byQemu);
        assertThat(Files.readAllBytes(secondDisk)).isEqualTo(protectedBefore);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void theSameSeedIsTheSameRunUnderEveryInterleaving(Interleavings interleaving) throws IOException {
        Seed seed = Seed.fresh();
        long ofRun = seed.random(0).nextLong();
        byte[] before = Files.readAllBytes(disk);
        List<GuestRun> runs = new ArrayList<>();
        for (long one : new long[] {ofRun, ofRun, ofRun + 1}) {
            Files.write(disk, before);
            runs.add(run(options(4).interleaving(interleaving).seed(one)));
            requireSuccess(runs.get(runs.size() - 1));
        }
        assertThat(runs.get(1)).as(seed.replay(interleaving)).isEqualTo(runs.get(0));
        assertThat(runs.get(2).digest().memory()).as("entropy is in memory, and differs")
                .isNotEqualTo(runs.get(0).digest().memory());
        assertThat(runs.get(2).out()).isEqualTo(runs.get(0).out());
    }

    // ---- return to an earlier moment ----

    /** Input that can be repeated and never ends. A session would remember the end. */
    private static final class Retyped implements SerialInput {

        private int taken;

        @Override
        public boolean isPerson() {
            return false;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return taken < TWO_LINES.length() ? TWO_LINES.charAt(taken++) : '.';
        }

        @Override
        public long await(long nanoseconds) {
            throw new IllegalStateException("this input never makes a program wait");
        }
    }

    /** A snapshot needs every hart to wait: the program waits for requests then. */
    @Test
    void aRunGoesOnFromASnapshotWithARequestInFlightAsItDidTheFirstTime() throws Exception {
        Seed seed = Seed.fresh();
        byte[] before = Files.readAllBytes(disk);
        for (int round = 0; round < ROUNDS; round++) {
            Files.write(disk, before);
            goBack(1 + seed.random(round).nextInt(WAITS), seed.replay("round " + round));
        }
    }

    private void goBack(int waits, String replay) throws IOException, MonitorException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Retyped input = new Retyped();
        try (BareSession session = new BareSession(options(1), new GuestProgram(IMAGE, null, ""), turn -> input, out,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))) {
            Machine machine = session.machine();
            assertThat(machine.turn().runUntilQuiet()).as(replay).isEqualTo(Turn.Stop.QUIET);
            for (int i = 1; i < waits; i++) {
                machine.clock().jumpTo(machine.clock().nextDue());
                machine.clock().fireDue();
                assertThat(machine.turn().runUntilQuiet()).as(replay).isEqualTo(Turn.Stop.QUIET);
            }
            String requests = ReportText.of(session.monitor().execute("virtio"));
            assertThat(requests).as(replay).containsPattern("in flight +1");
            Machine.Snapshot snapshot = machine.snapshot();
            Outcome first = finish(session, out);
            machine.restore(snapshot);
            assertThat(ReportText.of(session.monitor().execute("virtio"))).as(replay).isEqualTo(requests);
            input.taken = 0;
            assertThat(finish(session, out)).as(replay).isEqualTo(first);
        }
    }

    private record Outcome(int status, String out, Machine.Digest digest, String disk) { }

    private Outcome finish(BareSession session, ByteArrayOutputStream out) throws IOException {
        out.reset();
        int status = session.run();
        String content = Arrays.toString(Files.readAllBytes(disk));
        assertThat(status).as(out.toString(StandardCharsets.ISO_8859_1)).isZero();
        return new Outcome(status, out.toString(StandardCharsets.ISO_8859_1), session.machine().digest(), content);
    }

    // ---- the process ----

    @Test
    void theCommandTakesDisksAndDevicesAndTheMonitorShowsThem() throws Exception {
        Tools.need("nc");
        try (Program ferrite = FerriteJar.start(directory, "boot",
                IMAGE.toRealPath().toString(), "--harts", "1", "--disk", disk.toString(),
                "--disk", secondDisk + ",ro", "--virtio", "console,entropy", "--debug", "0", "--halt")) {
            String address = ferrite.awaitErrLine("debug port ");
            try (Program nc = Program.start(directory,
                    List.of("nc", "-N", "127.0.0.1", address.substring(address.indexOf(':') + 1)))) {
                String said = nc.type("virtio", "help", "continue").end().out();
                assertThat(said)
                        .contains("slot at 0x10008000\n  interrupt   8\n  device      block\n  status      reset\n")
                        .contains("slot at 0x10006000\n  interrupt   6\n  device      console\n")
                        .contains("slot at 0x10005000\n  interrupt   5\n  device      entropy\n")
                        .contains("slot at 0x10004000\n  interrupt  4\n  device     none\n").contains("virtio ");
            }
            ferrite.type(TWO_LINES.split("\n"));
            Program.Ended ended = ferrite.end();
            assertThat(ended.out()).contains("hvc: received and while it sleeps\n").endsWith("ok a flush\n");
            assertThat(ended.status()).as(ended.err()).isZero();
        }
    }
}
