package ferrite.board.command;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.board.stdio.Streams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code ferrite demo}: four tasks read a disk through one DMA channel, and the summary shows that the bytes are right.
 */
@Command(name = "demo", mixinStandardHelpOptions = true,
        description =
                "Boot, let four tasks read a disk through one DMA channel, and compare the SHA-256 with the host's.",
                footer = {"", "Examples:", "  ferrite demo", "  ferrite demo some-file"})
final class DemoCommand implements Callable<Integer> {

    private static final int TASKS = 4;

    @Parameters(arity = "0..1", paramLabel = "FILE",
            description = "the contents of the disk; without it, a sample is made under target/")
    private Path file;

    @Override
    public Integer call() throws IOException {
        DemoDisk disk = DemoDisk.of(file);
        BoardOptions options = new BoardOptions().harts(TASKS).readOnlyDisk(disk.image());
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintStream err = Streams.standardError();
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        ViolationText violations = new ViolationText(ReplayLine.of("demo")
                .add(file == null ? List.of() : List.of(file.toString())).toString());
        int status;
        try (Session session = new Session(options, List.of("sha256sum -j " + TASKS + " /dev/disk0"), () -> null,
                new Session.Streams(output, err, OutputStream.nullOutputStream(), false), violations::of)) {
            DemoSummary summary = new DemoSummary(session.board(), disk, out);
            status = session.run();
            summary.print(output.toString(StandardCharsets.UTF_8));
            status = status == 0 && !summary.isRight() ? ExitStatus.FAILED : status;
        }
        out.flush();
        return status;
    }
}
