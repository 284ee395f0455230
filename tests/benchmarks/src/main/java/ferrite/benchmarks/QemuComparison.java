package ferrite.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code qemu [--times N] [--translated-only] [ROUNDS [JAVA_HOME]...]}: runs the three speed programs of
 * firmware-images in Ferrite and in QEMU, as whole processes from a cold start, each with N times its work. In each
 * round every program runs on the host itself, in QEMU, in QEMU with {@code -icount}, and then on each JDK, interpreted
 * and translated, so that a disturbance of the host disturbs all alike. The ratios are of processor time, user and
 * system of all threads, the JVM's compilers and collectors included, because other processes may use the host too.
 */
final class QemuComparison {

    static final String QEMU = "qemu-system-riscv32";
    private static final Path SOURCES = Path.of("firmware-images/programs");
    private static final Path IMAGES = SOURCES.resolve("images");
    private static final Path NATIVE = Path.of("tests/benchmarks/programs/speed-native.c");
    private static final int ROUNDS = 5;
    private static final int MAX_MINUTES = 5;
    /**
     * A program's last line: its number of instructions, if the machine counts them. Only this line may differ between
     * the two machines.
     */
    private static final Pattern RETIRED = Pattern.compile("minstret 0x(\\p{XDigit}{8}) 0x(\\p{XDigit}{8})\\R?\\z");
    /** The last lines of the shell's {@code time}. */
    private static final Pattern TIMES = Pattern.compile("real ([0-9.]+)\\Ruser ([0-9.]+)\\Rsys ([0-9.]+)\\R?\\z");

    /** A program, and the aims for its ratio: interpreted, and translated. */
    private record Program(String name, double interpreted, double translated) {

        private Path image() {
            return IMAGES.resolve("speed-" + name + "-virt.elf");
        }

        private Path source() {
            return SOURCES.resolve("speed-" + name + ".c");
        }

        private double aim(Way way) {
            return way.translation.equals(OFF) ? interpreted : translated;
        }
    }

    private static final List<Program> PROGRAMS = List.of(new Program("compute", 11, 1.0),
            new Program("memory", 6, 0.5), new Program("calls", 5, 0.4));

    /** One process. */
    record Run(String sum, long instructions, double seconds, double cpuSeconds) { }

    /** A JDK, and the value of {@code --translate}. */
    private record Way(Path java, String translation) { }

    private static final String OFF = "off";
    private static final String ON = "on";
    private static final List<String> TRANSLATIONS = List.of(OFF, ON);

    /** The runs of a program, one for each round; those of the host are none if it has no compiler. */
    private record Runs(List<Run> host, List<Run> qemu, List<Run> icount, List<List<Run>> ferrite) {
        Runs(int ways) {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(),
                    Stream.generate(() -> (List<Run>) new ArrayList<Run>()).limit(ways).toList());
        }
    }

    private final int times;
    private final int rounds;
    private final List<Way> ways;

    private QemuComparison(int times, int rounds, List<Way> ways) {
        this.times = times;
        this.rounds = rounds;
        this.ways = ways;
    }

    /** Prints the table as Markdown on standard output, and its progress on standard error. */
    static void main(List<String> arguments) throws IOException, InterruptedException {
        Deque<String> rest = new ArrayDeque<>(arguments);
        List<String> translations = TRANSLATIONS;
        int times = 1;
        while (!rest.isEmpty() && rest.peek().startsWith("--")) {
            switch (rest.remove()) {
                case "--times" -> times = number(rest.poll());
                case "--translated-only" -> translations = List.of(ON);
                default -> times = number(null);
            }
        }
        int rounds = rest.isEmpty() ? ROUNDS : number(rest.remove());
        List<Path> javas = new ArrayList<>(List.of(java(System.getProperty("java.home"))));
        rest.forEach(home -> javas.add(java(home)));
        List<Way> ways = new ArrayList<>();
        for (Path java : javas) {
            translations.forEach(translation -> ways.add(new Way(java, translation)));
        }
        new QemuComparison(times, rounds, ways).run();
    }

    private static int number(String text) {
        if (text == null || !text.matches("[1-9][0-9]{0,3}")) {
            System.err.println("benchmarks: usage: qemu [--times N] [--translated-only] [ROUNDS [HOME OF ANOTHER "
                    + "JDK]...], with numbers from 1 to 9999");
            System.exit(2);
        }
        return Integer.parseInt(text);
    }

    private static Path java(String home) {
        return Path.of(home, "bin", "java");
    }

    private void run() throws IOException, InterruptedException {
        System.out.print("| program | JDK | `--translate` | instructions | `gcc -O2` | QEMU "
                + "| `-icount` | ferrite | ratio, median (min, max) | aim | to `-icount` | ratio of wall time "
                + "| ferrite's speed |\n"
                + "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Program program : PROGRAMS) {
            Path compiled = Files.createTempFile("ferrite-benchmarks", ".native");
            try {
                Runs runs = runs(program, compiled, isCompiled(program, compiled));
                for (int i = 0; i < ways.size(); i++) {
                    System.out.print(row(program, ways.get(i), runs, runs.ferrite.get(i)));
                }
            } finally {
                Files.delete(compiled);
            }
        }
    }

    private Runs runs(Program program, Path compiled, boolean onHost) throws IOException, InterruptedException {
        Runs runs = new Runs(ways.size());
        for (int round = 1; round <= rounds; round++) {
            System.err.println(program.name + ", round " + round + " of " + rounds);
            if (onHost) {
                runs.host.add(timed(List.of(compiled.toString(), Integer.toString(times))));
            }
            runs.qemu.add(qemu(program, List.of()));
            runs.icount.add(agreeing(program.name, qemu(program, List.of("-icount", "shift=0")), runs.qemu.get(0)));
            for (int i = 0; i < ways.size(); i++) {
                runs.ferrite.get(i).add(agreeing(program.name, ferrite(program, ways.get(i)), runs.qemu.get(0)));
            }
        }
        return runs;
    }

    /** Compiles a program for the host into a file. Returns false if the host has no compiler. */
    private static boolean isCompiled(Program program, Path file) throws IOException, InterruptedException {
        List<String> command = List.of("gcc", "-O2", "-w", "-Dmain=board_main", "-I", SOURCES.toString(), "-o",
                file.toString(), program.source().toString(), NATIVE.toString());
        Process compiler;
        try {
            compiler = new ProcessBuilder(command).inheritIO().start();
        } catch (IOException noCompiler) {
            System.err.println("benchmarks: no figures of the host itself: " + noCompiler.getMessage());
            return false;
        }
        if (compiler.waitFor() != 0) {
            throw new IllegalStateException(command + " failed");
        }
        return true;
    }

    private Run qemu(Program program, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(QEMU, "-M", "virt", "-smp", "1", "-m", "128M", "-nographic",
                "-bios", "none", "-accel", "tcg,thread=single", "-kernel", program.image().toString(), "-append",
                work()));
        command.addAll(options);
        return timed(command);
    }

    private Run ferrite(Program program, Way way) throws IOException, InterruptedException {
        return timed(List.of(way.java.toString(), "-jar", StartBenchmark.COMMAND.toString(), "boot",
                program.image().toString(), "--harts", "1", "--ram", "128M", "--translate", way.translation,
                "--append", work()));
    }

    private String work() {
        return "times=" + times;
    }

    private Run timed(List<String> command) throws IOException, InterruptedException {
        return process(command, MAX_MINUTES * times);
    }

    /** Returns ferrite's run, which must have printed the same as QEMU's. */
    static Run agreeing(String program, Run ferrite, Run qemu) {
        if (!ferrite.sum.equals(qemu.sum)) {
            throw new IllegalStateException(program + " printed \"" + ferrite.sum
                    + "\" here, but \"" + qemu.sum + "\" in QEMU");
        }
        return ferrite;
    }

    /**
     * Runs a command that must succeed. The shell's {@code time} measures it, because Java cannot measure a process
     * that has ended.
     */
    static Run process(List<String> command) throws IOException, InterruptedException {
        return process(command, MAX_MINUTES);
    }

    private static Run process(List<String> command, int minutes) throws IOException, InterruptedException {
        Path errors = Files.createTempFile("ferrite-benchmarks", ".err");
        try {
            List<String> timed = new ArrayList<>(List.of("bash", "-c",
                    "TIMEFORMAT=$'real %3R\\nuser %3U\\nsys %3S'; time \"$@\"", "bash"));
            timed.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(timed).redirectInput(Path.of("/dev/null").toFile())
                    .redirectError(errors.toFile());
            builder.environment().put("LC_ALL", "C");
            Path output = Files.createTempFile("ferrite-benchmarks", ".out");
            try {
                Process process = builder.redirectOutput(output.toFile()).start();
                if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new IllegalStateException(command + " did not end in " + minutes + " minutes");
                }
                return read(command, process.exitValue(), text(output), text(errors));
            } finally {
                Files.delete(output);
            }
        } finally {
            Files.delete(errors);
        }
    }

    private static Run read(List<String> command, int status, String output, String errors) {
        Matcher retired = RETIRED.matcher(output);
        Matcher times = TIMES.matcher(errors);
        if (status != 0 || !retired.find() || !times.find()) {
            throw new IllegalStateException(command + " ended with status " + status + ", and printed \"" + output
                    + "\" and \"" + errors + "\"");
        }
        return new Run(output.substring(0, retired.start()).strip(),
                Long.parseUnsignedLong(retired.group(1) + retired.group(2), 16), Double.parseDouble(times.group(1)),
                Double.parseDouble(times.group(2)) + Double.parseDouble(times.group(3)));
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private static String version(Path java) throws IOException {
        Process process = new ProcessBuilder(java.toString(), "-XshowSettings:properties", "-version")
                .redirectErrorStream(true).start();
        return text(process).lines().map(String::strip).filter(line -> line.startsWith("java.version ="))
                .map(line -> line.substring(line.indexOf('=') + 1).strip()).collect(Collectors.joining());
    }

    private static String text(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    // ---- Markdown ----

    private static String row(Program program, Way way, Runs runs, List<Run> ferrite) throws IOException {
        double[] ratios = ratios(ferrite, runs.qemu, Run::cpuSeconds);
        double seconds = cpuSeconds(ferrite);
        double millions = ferrite.get(0).instructions / 1e6;
        return String.format(Locale.ROOT, "| %s | %s | %s | %.0f million | %s | %.2f s | %.2f s | %.2f s "
                + "| %.2f (%.2f, %.2f) | %s | %.2f | %.2f | %.0f million/s |%n",
                program.name, version(way.java), way.translation, millions,
                runs.host.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f s", cpuSeconds(runs.host)),
                cpuSeconds(runs.qemu), cpuSeconds(runs.icount), seconds,
                median(ratios), Arrays.stream(ratios).min().orElseThrow(), Arrays.stream(ratios).max().orElseThrow(),
                program.aim(way), median(ratios(ferrite, runs.icount, Run::cpuSeconds)),
                median(ratios(ferrite, runs.qemu, Run::seconds)), millions / seconds);
    }

    private static double cpuSeconds(List<Run> runs) {
        return median(runs.stream().mapToDouble(Run::cpuSeconds).toArray());
    }

    /** Returns one ratio for each round. */
    private static double[] ratios(List<Run> these, List<Run> others, ToDoubleFunction<Run> time) {
        return IntStream.range(0, these.size())
                .mapToDouble(i -> time.applyAsDouble(these.get(i)) / time.applyAsDouble(others.get(i))).toArray();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
