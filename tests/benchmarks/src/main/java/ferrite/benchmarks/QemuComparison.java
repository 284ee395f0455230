package ferrite.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code qemu [ROUNDS [JAVA_HOME]...]}: runs the three speed programs of firmware-images in Ferrite and in QEMU, as
 * whole processes from a cold start. In each round every program runs in QEMU and then on each JDK, interpreted and
 * translated, so that a disturbance of the host disturbs all alike. The ratios are of processor time, user and system
 * of all threads, the JVM's compilers and collectors included, because other processes may use the host too.
 */
final class QemuComparison {

    static final String QEMU = "qemu-system-riscv32";
    private static final Path IMAGES = Path.of("firmware-images/programs/images");
    private static final int ROUNDS = 5;
    private static final int MAX_MINUTES = 5;
    /**
     * A program's last line: its number of instructions, if the machine counts them. Only this line may differ between
     * the two machines.
     */
    private static final Pattern RETIRED = Pattern.compile("minstret 0x(\\p{XDigit}{8}) 0x(\\p{XDigit}{8})\\R?\\z");
    /** The last lines of the shell's {@code time}. */
    private static final Pattern TIMES = Pattern.compile("real ([0-9.]+)\\Ruser ([0-9.]+)\\Rsys ([0-9.]+)\\R?\\z");

    /** A program, and the aim for its ratio. */
    private record Program(String name, int aim) {
        private Path image() {
            return IMAGES.resolve("speed-" + name + "-virt.elf");
        }
    }

    private static final List<Program> PROGRAMS = List.of(new Program("compute", 11), new Program("memory", 6),
            new Program("calls", 5));

    /** One process. */
    record Run(String sum, long instructions, double seconds, double cpuSeconds) { }

    /** A JDK, and the value of {@code --translate}. */
    private record Way(Path java, String translation) { }

    private static final List<String> TRANSLATIONS = List.of("off", "on");

    private final int rounds;
    private final List<Way> ways;

    private QemuComparison(int rounds, List<Path> javas) {
        this.rounds = rounds;
        this.ways = javas.stream()
                .flatMap(java -> TRANSLATIONS.stream().map(translation -> new Way(java, translation))).toList();
    }

    /** Prints the table as Markdown on standard output, and its progress on standard error. */
    static void main(List<String> arguments) throws IOException, InterruptedException {
        if (!arguments.isEmpty() && !arguments.get(0).matches("[1-9][0-9]{0,3}")) {
            System.err.println("benchmarks: '" + arguments.get(0)
                    + "' is not a number of rounds; usage: qemu [ROUNDS [HOME OF ANOTHER JDK]...]");
            System.exit(2);
        }
        int rounds = arguments.isEmpty() ? ROUNDS : Integer.parseInt(arguments.get(0));
        List<Path> javas = new ArrayList<>(List.of(java(System.getProperty("java.home"))));
        arguments.stream().skip(1).map(QemuComparison::java).forEach(javas::add);
        new QemuComparison(rounds, javas).run();
    }

    private static Path java(String home) {
        return Path.of(home, "bin", "java");
    }

    private void run() throws IOException, InterruptedException {
        StringBuilder table = new StringBuilder("| program | JDK | `--translate` | instructions | QEMU | ferrite "
                + "| ratio, median (min, max) | aim | ratio of wall time | ferrite's speed |\n"
                + "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Program program : PROGRAMS) {
            List<Run> qemu = new ArrayList<>();
            List<List<Run>> ferrite = ways.stream().map(way -> (List<Run>) new ArrayList<Run>()).toList();
            for (int round = 1; round <= rounds; round++) {
                System.err.println(program.name + ", round " + round + " of " + rounds);
                qemu.add(qemu(program));
                for (int i = 0; i < ways.size(); i++) {
                    ferrite.get(i).add(agreeing(program.name, ferrite(program, ways.get(i)), qemu.get(0)));
                }
            }
            for (int i = 0; i < ways.size(); i++) {
                table.append(row(program, ways.get(i), qemu, ferrite.get(i)));
            }
        }
        System.out.print(table);
    }

    private static Run qemu(Program program) throws IOException, InterruptedException {
        return process(List.of(QEMU, "-M", "virt", "-smp", "1", "-m", "128M", "-nographic", "-bios", "none", "-kernel",
                program.image().toString()));
    }

    private static Run ferrite(Program program, Way way) throws IOException, InterruptedException {
        return process(List.of(way.java.toString(), "-jar", StartBenchmark.COMMAND.toString(), "boot",
                program.image().toString(), "--harts", "1", "--ram", "128M", "--translate", way.translation));
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
                if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new IllegalStateException(command + " did not end in " + Duration.ofMinutes(MAX_MINUTES)
                            .toMinutes() + " minutes");
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

    private static String row(Program program, Way way, List<Run> qemu, List<Run> ferrite)
            throws IOException {
        double[] ratios = new double[qemu.size()];
        double[] walls = new double[qemu.size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = ferrite.get(round).cpuSeconds / qemu.get(round).cpuSeconds;
            walls[round] = ferrite.get(round).seconds / qemu.get(round).seconds;
        }
        double seconds = median(ferrite.stream().mapToDouble(Run::cpuSeconds).toArray());
        double millions = ferrite.get(0).instructions / 1e6;
        return String.format(Locale.ROOT,
                "| %s | %s | %s | %.0f million | %.2f s | %.2f s | %.1f (%.1f, %.1f) | %d | %.1f | %.0f million/s |%n",
                program.name, version(way.java), way.translation, millions,
                median(qemu.stream().mapToDouble(Run::cpuSeconds).toArray()), seconds,
                median(ratios), Arrays.stream(ratios).min().orElseThrow(),
                Arrays.stream(ratios).max().orElseThrow(), program.aim, median(walls), millions / seconds);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
