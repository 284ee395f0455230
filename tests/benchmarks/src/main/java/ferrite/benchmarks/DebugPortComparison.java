package ferrite.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code gdb [ROUNDS]}: a real GDB on the debug port and on QEMU's stub, with the same program and the same commands.
 * In each round both are started, so that a disturbance of the host disturbs both. GDB's own clock measures.
 */
final class DebugPortComparison {

    private static final Path IMAGE = Path.of("firmware-images/programs/images/speed-compute-virt.elf");
    private static final int ROUNDS = 5;
    private static final int START_MILLIS = 20_000;
    private static final int MAX_SECONDS = 120;
    private static final Pattern FIGURE = Pattern.compile("figure (\\S+) (\\S+)");

    /** The commands: PORT and DIR are replaced. The figures are milliseconds, or numbers of requests. */
    private static final String SCRIPT = """
            python
            import gdb, os, time
            def timed(name, command, count=1):
                start = time.time()
                gdb.execute(command, to_string=True)
                print("figure", name, (time.time() - start) * 1000 / count)
            gdb.execute("set width 0")
            gdb.execute("set confirm off")
            timed("connect_ms", "target remote 127.0.0.1:PORT")
            timed("dump_8MiB_ms", "dump binary memory DIR/dump 0x80100000 0x80900000")
            timed("restore_1MiB_ms", "restore DIR/dump binary 0x80100000 0 0x100000")
            gdb.execute("stepi 20", to_string=True)
            timed("stepi_ms", "stepi 300", 300)
            start = time.time()
            for _ in range(100):
                gdb.execute("stepi", to_string=True)
            print("figure", "stepi_and_print_ms", (time.time() - start) * 10)
            gdb.execute("disconnect")
            gdb.execute("set remotelogfile DIR/log")
            gdb.execute("target remote 127.0.0.1:PORT", to_string=True)
            for _ in range(20):
                gdb.execute("stepi", to_string=True)
            gdb.execute("disconnect")
            log = open("DIR/log").read()
            sent = [line for line in log[log.index("vCont;"):].splitlines() if line.startswith("w ")]
            print("figure", "requests_per_stepi", sum(line.count("$") for line in sent) / 20)
            import socket
            stub = socket.create_connection(("127.0.0.1", PORT))
            stub.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            times = []
            for _ in range(50):
                stub.sendall(b"$vCont;c#a8")
                time.sleep(0.01)
                start = time.time()
                stub.sendall(b"\\x03")
                answer = b""
                while b"$T" not in answer or b"#" not in answer:
                    answer += stub.recv(65536)
                times.append((time.time() - start) * 1000)
                stub.sendall(b"+")
            stub.close()
            print("figure", "interrupt_ms", sorted(times)[25])
            print("figure", "slowest_interrupt_ms", max(times))
            end
            """;

    private DebugPortComparison() { }

    /** Prints the table as Markdown on standard output, and its progress on standard error. */
    static void main(List<String> arguments) throws IOException, InterruptedException {
        if (!arguments.isEmpty() && !arguments.get(0).matches("[1-9][0-9]{0,2}")) {
            System.err.println("benchmarks: '" + arguments.get(0) + "' is not a number of rounds; usage: gdb [ROUNDS]");
            System.exit(2);
        }
        int rounds = arguments.isEmpty() ? ROUNDS : Integer.parseInt(arguments.get(0));
        Map<String, List<Double>> qemu = new LinkedHashMap<>();
        Map<String, List<Double>> ferrite = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            System.err.println("round " + round + " of " + rounds);
            add(qemu, session(port -> List.of("qemu-system-riscv32", "-M", "virt", "-smp", "1", "-m", "128M",
                    "-nographic", "-bios", "none", "-kernel", IMAGE.toString(), "-S", "-gdb",
                    "tcp:127.0.0.1:" + port)));
            add(ferrite, session(port -> List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-jar", StartBenchmark.COMMAND.toString(), "boot", IMAGE.toString(), "--harts", "1", "--ram",
                    "128M", "--debug", Integer.toString(port), "--halt")));
        }
        System.out.print("| figure | QEMU | ferrite | ratio of medians |\n| --- | ---: | ---: | ---: |\n");
        qemu.forEach((name, values) -> System.out.print(row(name, median(values), median(ferrite.get(name)))));
    }

    private static String row(String name, double qemu, double ferrite) {
        return String.format(Locale.ROOT, "| %s | %.2f | %.2f | %.2f |\n", name.replace('_', ' '), qemu, ferrite,
                ferrite / qemu);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static void add(Map<String, List<Double>> all, Map<String, Double> one) {
        one.forEach((name, value) -> all.computeIfAbsent(name, any -> new ArrayList<>()).add(value));
    }

    /** The command of a machine that waits for GDB at a port. */
    @FunctionalInterface
    private interface Machine {
        List<String> command(int port);
    }

    private static Map<String, Double> session(Machine machine) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("ferrite-benchmarks");
        int port = freePort();
        Process process = new ProcessBuilder(machine.command(port)).redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            awaitPort(port);
            return gdb(directory, port);
        } finally {
            process.destroyForcibly().waitFor();
            for (String name : new String[] {"dump", "log", "script", "out"}) {
                Files.deleteIfExists(directory.resolve(name));
            }
            Files.delete(directory);
        }
    }

    private static Map<String, Double> gdb(Path directory, int port) throws IOException, InterruptedException {
        Path script = directory.resolve("script");
        Path out = directory.resolve("out");
        Files.writeString(script, SCRIPT.replace("PORT", Integer.toString(port))
                .replace("DIR", directory.toString()));
        Process gdb = new ProcessBuilder("gdb-multiarch", "-nx", "-batch", "-ex", "file " + IMAGE, "-x",
                script.toString()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        boolean ended = gdb.waitFor(MAX_SECONDS, TimeUnit.SECONDS);
        gdb.destroyForcibly();
        String text = Files.readString(out, StandardCharsets.UTF_8);
        Map<String, Double> figures = new LinkedHashMap<>();
        Matcher matcher = FIGURE.matcher(text);
        while (matcher.find()) {
            figures.put(matcher.group(1), Double.parseDouble(matcher.group(2)));
        }
        if (!ended || figures.size() < 8) {
            throw new IllegalStateException("GDB did not measure everything; it printed\n" + text);
        }
        return figures;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until the port is open, without taking the machine's one client. */
    private static void awaitPort(int port) throws IOException, InterruptedException {
        for (int waited = 0; waited < START_MILLIS; waited += 10) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                Thread.sleep(100);
                return;
            } catch (IOException notYet) {
                Thread.sleep(10);
            }
        }
        throw new IOException("no machine opened the port " + port);
    }
}
