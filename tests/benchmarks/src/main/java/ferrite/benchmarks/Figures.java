package ferrite.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * The jar's main class. {@code table [JAVA_HOME]...} runs the benchmarks of the table's rows on the running JVM and on
 * each named JDK, and prints the README's table on standard output, as Markdown. JMH's own output goes to standard
 * error. {@code qemu} is {@link QemuComparison}, {@code gdb} {@link DebugPortComparison}, and {@code throughput} {@link
 * Throughput}. All other arguments are JMH's own.
 */
public final class Figures {

    private static final String TABLE = "table";
    private static final String QEMU = "qemu";
    private static final String GDB = "gdb";
    private static final String THROUGHPUT = "throughput";

    /**
     * Finds the score of a benchmark with its parameters, such as {@code MemoryBenchmark.load32} or {@code
     * BootBenchmark.boot 32}.
     */
    private interface Scores {
        Score of(String benchmark);
    }

    /** The median and the minimum of the iterations, in the benchmark's unit. */
    private record Score(double median, double least) {

        /** Returns how many times faster than another score this one is. */
        private Score times(Score slower) {
            return new Score(median / slower.median, least / slower.least);
        }
    }

    @FunctionalInterface
    private interface Figure {
        Score from(Scores scores);
    }

    private record Row(String what, String aim, String unit, Figure figure) { }

    private static final List<Row> ROWS = List.of(
            row("load32 of a kernel, through the MMU", "under 5", "ns", "MemoryBenchmark.load32"),
            row("store32", "", "ns", "MemoryBenchmark.store32"),
            row("a guest's instruction, in a compute loop", "under 11",
                    "ns", "InterpreterBenchmark.instruction COMPUTE"),
            row("in a memory-bound loop", "", "ns", "InterpreterBenchmark.instruction MEMORY"),
            row("in a loop of calls", "", "ns", "InterpreterBenchmark.instruction CALLS"),
            row("alloc_page + free_page, owners on", "", "ns", "AllocationBenchmark.page on"),
            row("alloc_page + free_page, owners off", "", "ns", "AllocationBenchmark.page off"),
            row("kmalloc + kfree, 64 bytes, owners on", "", "ns", "AllocationBenchmark.kmalloc64 on"),
            row("kmalloc + kfree, 64 bytes, owners off", "under 150", "ns", "AllocationBenchmark.kmalloc64 off"),
            row("kmalloc + kfree, 4 KiB, owners on", "", "ns", "AllocationBenchmark.kmalloc4k on"),
            row("kmalloc + kfree, 4 KiB, owners off", "under 150", "ns", "AllocationBenchmark.kmalloc4k off"),
            row("context switch between two tasks", "", "us", "SwitchBenchmark.contextSwitch"),
            row("machine of 32 MiB built, booted to ready, closed", "", "ms", "BootBenchmark.boot 32"),
            row("the same, 1 GiB", "under 20", "ms", "BootBenchmark.boot 1024"),
            row("the same, 3 GiB", "", "ms", "BootBenchmark.boot 3072"),
            row("snapshot + restore + the kernel attached anew, nothing changed", "", "us",
                    "SnapshotBenchmark.snapshotAndRestoreUnchanged"),
            row("restore + the kernel attached anew, after a small command", "under 500",
                    "us", "SnapshotBenchmark.restoreAfterACommand"),
            row("the same, and the command again", "", "us", "SnapshotBenchmark.restoreAndCommand"),
            row("a small command (echo) alone", "", "us", "SnapshotBenchmark.commandAlone"),
            row("64 KiB by DMA, device to memory", "", "us", "DmaBenchmark.transfer"),
            row("64 KiB by System.arraycopy", "", "us", "DmaBenchmark.arraycopy"),
            new Row("DMA's throughput, of arraycopy's", "0.8", "", scores ->
                    scores.of("DmaBenchmark.arraycopy").times(scores.of("DmaBenchmark.transfer"))),
            row("the command from a cold start, ls /dev", "", "ms", "StartBenchmark.lsDev"),
            row("java -version", "", "ms", "StartBenchmark.javaVersion"));

    private final Map<String, Map<String, Score>> byJdk = new LinkedHashMap<>();

    private Figures() { }

    private static Row row(String what, String aim, String unit, String benchmark) {
        return new Row(what, aim, unit, scores -> scores.of(benchmark));
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, RunnerException {
        String first = arguments.length == 0 ? "" : arguments[0];
        if (!List.of(TABLE, QEMU, GDB, THROUGHPUT).contains(first)) {
            Main.main(arguments);
            return;
        }
        if (!Files.exists(StartBenchmark.COMMAND)) {
            System.err.println("benchmarks: there is no " + StartBenchmark.COMMAND
                    + " here; run this from the top of the repository, after mvn package");
            System.exit(2);
        }
        if (first.equals(QEMU)) {
            QemuComparison.main(Arrays.asList(arguments).subList(1, arguments.length));
            return;
        }
        if (first.equals(GDB)) {
            DebugPortComparison.main(Arrays.asList(arguments).subList(1, arguments.length));
            return;
        }
        if (first.equals(THROUGHPUT)) {
            Throughput.main(Arrays.asList(arguments).subList(1, arguments.length));
            return;
        }
        List<Path> javas = new ArrayList<>(List.of(java(System.getProperty("java.home"))));
        Arrays.stream(arguments).skip(1).map(Figures::java).forEach(javas::add);
        for (Path java : javas) {
            if (!Files.isExecutable(java)) {
                System.err.println("benchmarks: " + java.getParent().getParent()
                        + " is not the home of a JDK: it has no bin/java");
                System.exit(2);
            }
        }
        Figures figures = new Figures();
        for (Path java : javas) {
            figures.run(java);
        }
        System.out.print(figures.table());
    }

    private static Path java(String home) {
        return Path.of(home, "bin", "java");
    }

    private void run(Path java) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        benchmarks().forEach(benchmark -> options.include("\\." + Pattern.quote(benchmark) + "$"));
        Collection<RunResult> results = new Runner(options.jvm(java.toString()).shouldFailOnError(true).build(),
                OutputFormatFactory.createFormatInstance(System.err, VerboseMode.NORMAL)).run();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            Statistics iterations = result.getPrimaryResult().getStatistics();
            byJdk.computeIfAbsent("JDK " + params.getJdkVersion() + ", " + params.getVmName(), jdk -> new TreeMap<>())
                    .put(key(params), new Score(iterations.getPercentile(50), iterations.getMin()));
        }
    }

    /** Returns the benchmarks of all rows, without parameters. */
    private static Set<String> benchmarks() {
        Set<String> names = new LinkedHashSet<>();
        for (Row row : ROWS) {
            row.figure.from(benchmark -> {
                names.add(benchmark.split(" ", 2)[0]);
                return new Score(1, 1);
            });
        }
        return names;
    }

    private static String key(BenchmarkParams params) {
        String name = params.getBenchmark();
        StringBuilder key = new StringBuilder(name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1));
        params.getParamsKeys().forEach(parameter -> key.append(' ').append(params.getParam(parameter)));
        return key.toString();
    }

    // ---- Markdown ----

    private String table() throws IOException {
        StringBuilder table = new StringBuilder("Taken on ").append(processor()).append(", ")
                .append(Runtime.getRuntime().availableProcessors())
                .append(" cores, ").append(System.getProperty("os.name"))
                .append("; medians of the iterations, with the minimum in brackets.\n\n");
        line(table, "operation", "aim", "unit", byJdk.keySet().stream().toList());
        line(table, "---", "---", "---", byJdk.keySet().stream().map(jdk -> "---:").toList());
        for (Row row : ROWS) {
            line(table, row.what, row.aim, row.unit, byJdk.values().stream().map(scores -> cell(row, scores)).toList());
        }
        return table.toString();
    }

    private static void line(StringBuilder table, String what, String aim, String unit, List<String> figures) {
        table.append("| ").append(what).append(" | ").append(aim).append(" | ").append(unit).append(" | ")
                .append(String.join(" | ", figures)).append(" |\n");
    }

    private static String cell(Row row, Map<String, Score> scores) {
        Score score = row.figure.from(benchmark -> {
            if (!scores.containsKey(benchmark)) {
                throw new IllegalStateException("the table has no score of " + benchmark
                        + "; its scores are " + scores.keySet());
            }
            return scores.get(benchmark);
        });
        return digits(score.median) + " (" + digits(score.least) + ")";
    }

    /** Formats a number with three significant digits. */
    private static String digits(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Returns the processor's name, as the host gives it. */
    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (Files.isReadable(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }
}
