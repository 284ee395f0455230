package ferrite.scenarios;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.turn.RunControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Boots a Linux many times in one JVM, several at once, and compares the runs. {@code tests/scenarios/linux-repeat
 * --warm} starts it. Arguments: IMAGE INITRD BOOTS AT-ONCE RESULT. The first process writes its result to the file
 * RESULT, and later ones compare with it.
 */
final class RepeatedBoots {

    private static final int DISK_BYTES = 1 << 20;
    private static final long MAX_INSTRUCTIONS = 2_000_000_000;

    /** The sources of input without bytes. */
    private enum Kind { FILE, CLOSED_PIPE, LATE_PIPE }

    /** A run, and its slices: the hart, the tick and the event number of each beginning. */
    private record Run(String result, String output, List<long[]> slices) { }

    private final GuestProgram program;
    private final Path directory;

    private RepeatedBoots(Path image, Path initrd, Path directory) {
        program = new GuestProgram(image, initrd, "console=ttyS0 panic=-1 random");
        this.directory = directory;
    }

    /** Boots machines. The exit status is 1 if two runs differ. */
    public static void main(String[] arguments) throws Exception {
        int boots = Integer.parseInt(arguments[2]);
        Path expected = Path.of(arguments[4]);
        Path directory = Files.createTempDirectory("boots");
        RepeatedBoots all = new RepeatedBoots(Path.of(arguments[0]), Path.of(arguments[1]), directory);
        Run first = all.boot(0);
        if (Files.exists(expected)) {
            require(Files.readString(expected), first);
        } else {
            Files.writeString(expected, first.result);
        }
        ExecutorService pool = Executors.newFixedThreadPool(Integer.parseInt(arguments[3]));
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 1; i < boots; i++) {
                int number = i;
                runs.add(pool.submit(() -> {
                    compare(first, all.boot(number));
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } catch (ExecutionException differs) {
            System.out.println(differs.getCause());
            System.exit(1);
        } finally {
            pool.shutdownNow();
        }
        Files.deleteIfExists(directory);
    }

    private static void require(String expected, Run run) {
        if (!run.result.equals(expected)) {
            throw new IllegalStateException("the first run of this process differs:\n" + expected + "\n" + run.result);
        }
    }

    private static void compare(Run first, Run other) {
        if (first.result.equals(other.result)) {
            return;
        }
        int slice = 0;
        while (slice < Math.min(first.slices.size(), other.slices.size())
                && Arrays.equals(first.slices.get(slice), other.slices.get(slice))) {
            slice++;
        }
        throw new IllegalStateException("two runs differ:\n" + first.result + "\n" + other.result
                + "\nfrom slice " + slice + " on (hart, tick, event number): " + at(first, slice) + " and "
                + at(other, slice) + "\n" + first.output + "\n-----\n" + other.output);
    }

    private static String at(Run run, int slice) {
        return slice < run.slices.size() ? Arrays.toString(run.slices.get(slice)) : "none";
    }

    private Run boot(int number) throws IOException {
        Path a = Files.write(directory.resolve("a" + number), new byte[DISK_BYTES]);
        Path b = Files.write(directory.resolve("b" + number), new byte[DISK_BYTES]);
        BoardOptions options = BoardOptions.ofBoot().harts(4).ram(64 << 20).disk(a).disk(b).virtio(VirtioKind.CONSOLE)
                .virtio(VirtioKind.ENTROPY).maxInstructions(MAX_INSTRUCTIONS);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<long[]> slices = new ArrayList<>();
        try (BareSession session = new BareSession(options, program,
                control -> input(Kind.values()[number % Kind.values().length], control), out,
                new PrintStream(OutputStream.nullOutputStream()))) {
            session.machine().onSlice(hart -> slices.add(new long[] {hart, session.machine().clock().now(),
                session.machine().turn().eventNumber()}));
            int status = session.run();
            return new Run(status + " " + session.machine().digest() + " " + Tools.sha256(a) + " " + Tools.sha256(b)
                    + " " + out.size(), out.toString(StandardCharsets.ISO_8859_1), slices);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            Files.delete(a);
            Files.delete(b);
        }
    }

    private static SerialInput input(Kind kind, RunControl control) {
        if (kind == Kind.FILE) {
            return new PipedInput(InputStream.nullInputStream(), true, control);
        }
        try {
            PipedOutputStream sender = new PipedOutputStream();
            PipedInputStream pipe = new PipedInputStream(sender);
            Thread closer = new Thread(() -> {
                try (sender) {
                    Thread.sleep(kind == Kind.LATE_PIPE ? System.nanoTime() % 1500 : 0);
                } catch (InterruptedException | IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            closer.setDaemon(true);
            closer.start();
            return new PipedInput(pipe, false, control);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
