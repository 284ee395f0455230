package ferrite.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.board.options.NetPlug;
import ferrite.peripherals.net.Peer;
import ferrite.testkit.MachineRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code throughput [ROUNDS [WORD]]}: the bytes, frames and seconds of sound that warm machines move through their
 * devices, with the shell's commands and the default checks, beside a host's copy of a file. Then {@link
 * VirtioComparison}. With a word, only the rows that have it in their name, so that a profiler sees one kind of work.
 *
 * <p>In each round every machine does its work once, and the host copies its file, so that a disturbance of the host
 * disturbs all. The first rounds warm up and do not count.
 */
final class Throughput {

    private static final int ROUNDS = 5;
    private static final int WARM_UP = 8;
    private static final int MEBIBYTE = 1 << 20;
    private static final int DISK_MEBIBYTES = 32;
    /** /dev/copier holds 4 MiB. */
    private static final int COPIER_TIMES = 8;
    private static final int COPIER_MEBIBYTES = 4;
    private static final int PINGS = 4000;
    private static final int PING_BYTES = 1472;
    private static final int FRAME_BYTES = 14 + 20 + 8 + PING_BYTES;
    private static final int SAMPLE_RATE = 44_100;
    private static final int SAMPLE_BYTES = 4;
    private static final int SONG_SECONDS = 60;
    private static final Pattern INTERRUPTS = Pattern.compile("(?m)^intr (\\d+)");
    private static final Pattern SWITCHES = Pattern.compile("(?m)^ctxt (\\d+)");

    private final OperatingSystemMXBean host =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final List<Row> rows = new ArrayList<>();
    private final Path directory;

    private Throughput(Path directory) {
        this.directory = directory;
    }

    /** One measured run. Interrupts and context switches are the machine's own. */
    private record Sample(double seconds, double cpuSeconds, long interrupts, long switches) { }

    /** A row of the table: a name, its unit of throughput with the number of units in a run, and its work. */
    private static final class Row {
        private final String name;
        private final String unit;
        private final double units;
        private final Work work;
        private final List<Sample> samples = new ArrayList<>();

        Row(String name, String unit, double units, Work work) {
            this.name = name;
            this.unit = unit;
            this.units = units;
            this.work = work;
        }

        double median(ToDoubleFunction<Sample> value) {
            double[] values = samples.stream().mapToDouble(value).sorted().toArray();
            return values[values.length / 2];
        }
    }

    @FunctionalInterface
    private interface Work {
        Sample run() throws IOException;
    }

    /** Prints the tables as Markdown on standard output, and the progress on standard error. */
    static void main(List<String> arguments) throws IOException, InterruptedException {
        if (!arguments.isEmpty() && !arguments.get(0).matches("[1-9][0-9]{0,2}")) {
            System.err.println("benchmarks: '" + arguments.get(0)
                    + "' is not a number of rounds; usage: throughput [ROUNDS [WORD]]");
            System.exit(2);
        }
        int rounds = arguments.isEmpty() ? ROUNDS : Integer.parseInt(arguments.get(0));
        Path directory = Files.createTempDirectory("ferrite-benchmarks");
        try {
            new Throughput(directory).run(rounds, arguments.size() < 2 ? "" : arguments.get(1));
            if (arguments.size() < 2) {
                VirtioComparison.run(directory, rounds);
            }
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static BoardOptions withPeer(NetCard card) {
        return new BoardOptions().net(new NetPlug(null, null, NetPlug.AS_CAPTURED, -1, Peer.DEFAULT_ADDRESS, card));
    }

    private void run(int rounds, String word) throws IOException {
        Path image = randomFile(directory.resolve("disk.img"), DISK_MEBIBYTES);
        Path virtioImage = randomFile(directory.resolve("virtio.img"), DISK_MEBIBYTES);
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.write(root.resolve("song.wav"), song());
        rows.add(new Row("host: copy of a file", "MiB/s", DISK_MEBIBYTES, () -> hostCopy(image)));
        try (MachineRun disk = MachineRun.start(new BoardOptions().disk(image));
                MachineRun virtio = MachineRun.start(new BoardOptions().virtioDisk(virtioImage));
                MachineRun copier = MachineRun.start(new BoardOptions());
                MachineRun net = MachineRun.start(withPeer(NetCard.VIRTIO));
                MachineRun nic = MachineRun.start(withPeer(NetCard.NIC));
                MachineRun sound = MachineRun.start(new BoardOptions().root(root)
                        .sound(null, directory.resolve("played.wav")))) {
            net.type("ifconfig eth0 10.0.0.1");
            nic.type("ifconfig eth0 10.0.0.1");
            disk("/dev/disk0", disk);
            disk("/dev/vda", virtio);
            rows.add(machine("copier, there and back", "MiB/s", 2 * COPIER_TIMES * COPIER_MEBIBYTES, copier,
                    String.join(" && ", Collections.nCopies(COPIER_TIMES,
                            copy("/dev/zero", "/dev/copier", COPIER_MEBIBYTES) + " && "
                                    + copy("/dev/copier", "/dev/null", COPIER_MEBIBYTES)))));
            String ping = "ping -c " + PINGS + " -s " + PING_BYTES + " 10.0.0.2 > /dev/null";
            rows.add(machine("net, frames of 1514 bytes", "frames/s", 2 * PINGS, net, ping));
            rows.add(machine("the same", "MiB/s", 2.0 * PINGS * FRAME_BYTES / MEBIBYTE, net, ping));
            rows.add(machine("nic, frames of 1514 bytes", "frames/s", 2 * PINGS, nic, ping));
            rows.add(machine("sound, 44.1 kHz, stereo, 16 bits", "times real time", SONG_SECONDS, sound,
                    "cp /song.wav /dev/dsp"));
            rows.removeIf(row -> !row.name.startsWith("host") && !row.name.contains(word));
            for (int round = -WARM_UP; round < rounds; round++) {
                System.err.println(round < 0 ? "warm-up" : "round " + (round + 1) + " of " + rounds);
                for (Row row : rows) {
                    Sample sample = row.work.run();
                    if (round >= 0) {
                        row.samples.add(sample);
                    }
                }
            }
        }
        System.out.print(table());
    }

    private void disk(String device, MachineRun machine) {
        rows.add(machine(device + ", read", "MiB/s", DISK_MEBIBYTES, machine,
                copy(device, "/dev/null", DISK_MEBIBYTES)));
        rows.add(machine(device + ", written", "MiB/s", DISK_MEBIBYTES, machine,
                copy("/dev/zero", device, DISK_MEBIBYTES)));
    }

    private static String copy(String from, String to, int mebibytes) {
        return "dd if=" + from + " of=" + to + " bs=65536 count=" + mebibytes * (MEBIBYTE >> 16);
    }

    // ---- files ----

    /** Writes a file of random bytes, the same ones each time. */
    static Path randomFile(Path file, int mebibytes) throws IOException {
        Random random = new Random(1);
        byte[] bytes = new byte[MEBIBYTE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(bytes);
                out.write(bytes);
            }
        }
        return file;
    }

    /** Returns a WAV file of noise. */
    private static byte[] song() throws IOException {
        byte[] samples = new byte[SONG_SECONDS * SAMPLE_RATE * SAMPLE_BYTES];
        new Random(1).nextBytes(samples);
        ByteBuffer header = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + samples.length)
                .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1).putShort((short) 2)
                .putInt(SAMPLE_RATE).putInt(SAMPLE_RATE * SAMPLE_BYTES).putShort((short) SAMPLE_BYTES)
                .putShort((short) 16).put("data".getBytes(StandardCharsets.US_ASCII)).putInt(samples.length);
        ByteArrayOutputStream song = new ByteArrayOutputStream();
        song.write(header.array());
        song.write(samples);
        return song.toByteArray();
    }

    // ---- work ----

    private Sample hostCopy(Path image) throws IOException {
        long start = System.nanoTime();
        long cpu = host.getProcessCpuTime();
        Files.copy(image, directory.resolve("copy.img"), StandardCopyOption.REPLACE_EXISTING);
        return new Sample((System.nanoTime() - start) / 1e9, (host.getProcessCpuTime() - cpu) / 1e9, 0, 0);
    }

    private Row machine(String name, String unit, double units, MachineRun machine, String commands) {
        return new Row(name, unit, units, () -> {
            String before = output(machine, "cat /proc/stat");
            long start = System.nanoTime();
            long cpu = host.getProcessCpuTime();
            output(machine, commands);
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuSeconds = (host.getProcessCpuTime() - cpu) / 1e9;
            String after = output(machine, "cat /proc/stat");
            return new Sample(seconds, cpuSeconds, number(after, INTERRUPTS) - number(before, INTERRUPTS),
                    number(after, SWITCHES) - number(before, SWITCHES));
        });
    }

    /** Types a line and returns its output. The line must succeed, and break no rule. */
    private static String output(MachineRun machine, String line) {
        machine.forgetOutput();
        machine.type(line + " && echo succeeded");
        String output = machine.out();
        if (!output.endsWith("succeeded\n") || !machine.violations().isEmpty()) {
            throw new IllegalStateException("'" + line + "' printed \"" + output + "\" and \"" + machine.err()
                    + "\"");
        }
        return output;
    }

    private static long number(String text, Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("there is no " + pattern + " in \"" + text + "\"");
        }
        return Long.parseLong(matcher.group(1));
    }

    // ---- Markdown ----

    private String table() {
        double hostRate = rows.get(0).units / rows.get(0).median(Sample::seconds);
        StringBuilder table = new StringBuilder("JDK " + System.getProperty("java.version")
                + "; medians, in brackets the slowest and the quickest round.\n\n"
                + "| run | throughput | unit | of the host's copy | processors used | interrupts/s "
                + "| context switches/s |\n"
                + "| --- | ---: | --- | ---: | ---: | ---: | ---: |\n");
        for (Row row : rows) {
            double rate = row.units / row.median(Sample::seconds);
            double[] seconds = row.samples.stream().mapToDouble(Sample::seconds).sorted().toArray();
            table.append(String.format(Locale.ROOT, "| %s | %s (%s, %s) | %s | %s | %.2f | %s | %s |%n", row.name,
                    digits(rate), digits(row.units / seconds[seconds.length - 1]), digits(row.units / seconds[0]),
                    row.unit, row.unit.equals("MiB/s") ? String.format(Locale.ROOT, "%.3f", rate / hostRate) : "",
                    row.median(sample -> sample.cpuSeconds / sample.seconds),
                    perSecond(row, Sample::interrupts), perSecond(row, Sample::switches)));
        }
        return table.toString();
    }

    private static String perSecond(Row row, ToDoubleFunction<Sample> count) {
        double value = row.median(sample -> count.applyAsDouble(sample) / sample.seconds);
        return value == 0 ? "" : digits(value);
    }

    /** Formats a number with three significant digits. */
    private static String digits(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
