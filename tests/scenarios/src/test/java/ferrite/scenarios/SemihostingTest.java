package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program semihosting.c of firmware-images, here and in QEMU. */
@Timeout(120)
class SemihostingTest {

    private static final Path IMAGE = GuestRun.program("semihosting", BoardKind.VIRT);

    @TempDir
    private Path outer;
    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(outer.resolve("named"));
    }

    private static BoardOptions options() {
        return new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(2);
    }

    private static GuestProgram program(String argument) {
        return new GuestProgram(IMAGE, null, argument);
    }

    private GuestRun run(String argument, String input) throws IOException {
        return GuestRun.of(program(argument), options().semihosting(true).semihostingDirectory(directory), input);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesAndFactsAreAsInQemu() throws Exception {
        Path theirs = Files.createDirectory(outer.resolve("theirs"));
        GuestRun here = run("", "");
        try (Program qemu = QemuVirt.semihosting(theirs, IMAGE)) {
            Program.Ended ended = qemu.end();
            assertThat(here.out()).isEqualTo(ended.out()).contains("heap in RAM 00000001");
            assertThat(here.status()).isEqualTo(ended.status()).isZero();
        }
        assertThat(names(directory)).isEqualTo(names(theirs)).containsExactly("kept.txt");
        assertThat(directory.resolve("kept.txt")).hasSameBinaryContentAs(theirs.resolve("kept.txt"))
                .hasContent("hello, HOST\n");
    }

    @Test
    void aFileGrowsAtItsEndAndTheTerminalIsRead() throws IOException {
        GuestRun run = run("alone", "xy");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("left of an append 00000000\nlength 00000011\n",
                "a terminal 00000001\nto the terminal\nleft of a write 00000000\n!\n",
                "readc 00000078\nleft of a read 00000000\nread 00000079\n",
                "readc at the end ffffffff\nleft of a read at the end 00000001\nwrite to the input 00000002\n"
                + "read from the output 00000001\nseek ffffffff\n");
        assertThat(directory.resolve("kept.txt")).hasContent("hello, HOST\nmore\n");
    }

    @Test
    void nothingOutsideTheDirectoryIsReachedAndWrongCallsFail() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Path elsewhere = Files.createDirectory(outer.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("inside"), "secret");
        Files.writeString(elsewhere.resolve("x"), "secret");
        Files.createSymbolicLink(directory.resolve("link"), elsewhere.resolve("x"));
        Files.createSymbolicLink(directory.resolve("linked"), elsewhere);
        Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        Tools.run(directory, "mkfifo", "pipe");
        GuestRun run = run("hostile", "");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("the program reported failure, with code 1\n");
        String denied = " ffffffff\nerrno 0000000d\n";
        for (String way : List.of("../outside", "/etc/passwd", "link", "folder/../../outside", "folder/link/x",
                "folder/../inside", "pipe", "linked/inside")) {
            assertThat(run.out()).contains("\n" + way + denied);
        }
        assertThat(run.out()).contains("remove outside ffffffff\nrename outside ffffffff\na name of zeroes ffffffff\n",
                "a length of -1 ffffffff\nerrno 00000024\na block without memory ffffffff\nerrno 0000000e\n",
                "text without memory ffffffff\n", "write from nowhere 00000010\nwrite too much feffffff\n"
                + "read to nowhere 00000010\nlength 01000000\n", "read to nowhere 00000004\nread 00000000\n",
                "write there 00000001\nerrno 0000001b\na handle that is none ffffffff\n",
                "a command of the host ffffffff\nerrno 00000026\nopen files 00000040\nerrno 00000018\n");
        assertThat(run.out()).endsWith("from U 00000003\nfrom S 7fffffff\nebreak 00000003\nc.ebreak 00000003\n"
                + "another mark 00000003\n");
        assertThat(names(outer)).containsExactly("elsewhere", "named");
        assertThat(names(elsewhere)).containsExactly("inside", "x");
        assertThat(elsewhere.resolve("x")).hasContent("secret");
        assertThat(elsewhere.resolve("inside")).hasContent("secret");
    }

    @Test
    void withoutADirectoryThereAreNoFilesAndWithoutSemihostingNoCalls() throws IOException {
        GuestRun without = GuestRun.of(program("wait"), options().semihosting(true), "");
        assertThat(without.status()).isZero();
        GuestRun off = GuestRun.of(program(""), options(), "");
        assertThat(off.out()).as("each call is a breakpoint exception, which the program's handler skips").isEmpty();
        assertThat(off.err()).isEqualTo("the program reported failure, with code 99\n");
        assertThat(names(directory)).isEmpty();
    }

    @Test
    void aSnapshotOpensItsFilesAgainWhereTheyWere() throws IOException {
        Path snapshot = outer.resolve("half.snap");
        BoardOptions options = options().harts(1).semihosting(true).semihostingDirectory(directory);
        long half;
        try (BareSession whole = session(options, program("wait"))) {
            assertThat(whole.run()).isZero();
            half = whole.instructions() / 2;
        }
        Path file = directory.resolve("counted.txt");
        assertThat(file).hasContent("0123456789");

        try (BareSession first = session(options.maxInstructions(half), program("wait"))) {
            first.takeSnapshots(new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(half, snapshot))));
            assertThat(first.run()).isEqualTo(124);
        }
        String begun = Files.readString(file);
        assertThat(begun).hasSizeBetween(2, 8);
        assertThat(goOn(snapshot, directory)).isZero();
        assertThat(file).hasContent("0123456789");

        Path empty = Files.createDirectory(outer.resolve("empty"));
        assertThat(goOn(snapshot, empty)).as("its writes fail").isZero();
        assertThat(names(empty)).isEmpty();
    }

    private static BareSession session(BoardOptions options, GuestProgram program) throws IOException {
        return new BareSession(options, program, control -> new GuestRun.Typed(""), OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream()));
    }

    private static int goOn(Path snapshot, Path directory) throws IOException {
        try (SnapshotFile saved = SnapshotFile.open(snapshot)) {
            BoardOptions options = saved.machine().complete(new BoardOptions().semihostingDirectory(directory),
                    option -> false);
            try (BareSession session = new BareSession(options, saved, control -> new GuestRun.Typed(""),
                    OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
                return session.run();
            }
        }
    }
}
