package ferrite.scenarios.foreign;

import ferrite.board.image.GuestProgram;
import ferrite.board.image.Signature;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.stdio.PipedInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Builds the test suites of others with the cross compiler, runs them on the virt board as {@code ferrite boot} does,
 * and prints the results. Nothing is written into the checkouts.
 */
public final class ForeignSuites {

    private static final String USAGE =
            "foreign-suites [--riscv-tests DIR] [--riscv-arch-test DIR] [--only NAME]";
    private static final long MAX_INSTRUCTIONS = 20_000_000;
    private static final int GRANULARITY = 4;

    /** The numbers of a group of tests. */
    private static final class Count {
        private int run;
        private int passed;
        private final List<String> failed = new ArrayList<>();
        private final List<String> known = new ArrayList<>();
    }

    private final Path directory;

    private ForeignSuites(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("foreign-suites");
        int status;
        try {
            status = new ForeignSuites(directory).run(List.of(arguments));
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("foreign-suites: " + e.getMessage());
            status = 2;
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        System.exit(status);
    }

    private int run(List<String> words) throws IOException, InterruptedException {
        String only = null;
        List<ForeignTest> tests = new ArrayList<>();
        for (int i = 0; i < words.size(); i += 2) {
            String value = i + 1 < words.size() ? words.get(i + 1) : null;
            if (value == null || !List.of("--riscv-tests", "--riscv-arch-test", "--only").contains(words.get(i))) {
                throw new IllegalArgumentException("'" + words.get(i) + "': " + USAGE);
            }
            switch (words.get(i)) {
                case "--only" -> only = value;
                case "--riscv-tests" -> tests.addAll(Suites.riscvTests(Path.of(value).toAbsolutePath()));
                default -> tests.addAll(Suites.architectureTests(Path.of(value).toAbsolutePath(), model()));
            }
        }
        String wanted = only;
        tests.removeIf(test -> wanted != null && !test.name().equals(wanted));
        if (tests.isEmpty()) {
            throw new IllegalArgumentException("no test is named: " + USAGE);
        }
        return report(tests);
    }

    /** Copies the header that describes the target into the temporary directory. */
    private Path model() throws IOException {
        try (InputStream in = ForeignSuites.class.getResourceAsStream("model_test.h")) {
            Files.copy(in, directory.resolve("model_test.h"), StandardCopyOption.REPLACE_EXISTING);
        }
        return directory;
    }

    private int report(List<ForeignTest> tests) throws IOException, InterruptedException {
        Map<String, Count> groups = new LinkedHashMap<>();
        for (ForeignTest test : tests) {
            Count count = groups.computeIfAbsent(test.group(), unused -> new Count());
            String failure = failureOf(test);
            count.run++;
            if (failure == null) {
                count.passed++;
            } else if (KnownFailure.of(test) != null) {
                count.known.add(test.name() + ": " + KnownFailure.of(test));
            } else {
                count.failed.add(test.name() + ": " + failure);
            }
        }
        boolean good = true;
        for (Map.Entry<String, Count> group : groups.entrySet()) {
            Count count = group.getValue();
            System.out.println(group.getKey() + ": " + count.passed + " of " + count.run + " pass");
            count.failed.forEach(test -> System.out.println("  FAILED " + test));
            count.known.forEach(test -> System.out.println("  known  " + test));
            good &= count.failed.isEmpty();
        }
        return good ? 0 : 1;
    }

    /** Builds and runs a test. Returns the reason of its failure, or null. */
    private String failureOf(ForeignTest test) throws IOException, InterruptedException {
        Path image = directory.resolve("test.elf");
        String complaint = compile(test, image);
        if (complaint != null) {
            return "it cannot be built: " + complaint;
        }
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).harts(test.harts()).ram(64 << 20)
                .maxInstructions(MAX_INSTRUCTIONS);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream told = new PrintStream(err, true, StandardCharsets.UTF_8);
        try (BareSession session = new BareSession(options, new GuestProgram(image, null, "", GuestProgram.NO_FIRMWARE),
                control -> new PipedInput(InputStream.nullInputStream(), true, control),
                OutputStream.nullOutputStream(), told)) {
            int status = session.run();
            if (status != 0) {
                return "status " + status + ", " + err.toString(StandardCharsets.UTF_8).lines()
                        .filter(line -> !line.startsWith("ferrite boot: ")).findFirst().orElse("without a word");
            }
            return test.reference() == null ? null : difference(session, test.reference());
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private String compile(ForeignTest test, Path image) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("riscv64-unknown-elf-gcc", "-Wl,--no-warn-rwx-segments", "-o",
                image.toString()));
        command.addAll(test.compiler());
        Path log = directory.resolve("compiler.log");
        Process compiler = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return compiler.waitFor() == 0 ? null
                : Files.readString(log, StandardCharsets.UTF_8).lines().findFirst().orElse("the compiler fails");
    }

    /** Compares the signature with the reference. Returns the first difference, or null. */
    private static String difference(BareSession session, Path reference) throws IOException {
        Signature signature = session.board().signature();
        if (signature == null) {
            return Signature.missing();
        }
        signature.requireIn(session.machine().bus());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        signature.write(session.machine().bus(), GRANULARITY, out);
        List<String> got = out.toString(StandardCharsets.US_ASCII).lines().toList();
        List<String> wanted = Files.readString(reference).lines().map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty()).toList();
        for (int i = 0; i < Math.min(got.size(), wanted.size()); i++) {
            if (!got.get(i).equalsIgnoreCase(wanted.get(i))) {
                return "word " + i + " of the signature is " + got.get(i) + ", not " + wanted.get(i);
            }
        }
        return got.size() == wanted.size() ? null
                : "the signature has " + got.size() + " words, not " + wanted.size();
    }
}
