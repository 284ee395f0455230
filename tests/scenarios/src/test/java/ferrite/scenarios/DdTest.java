package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code dd} copies, counts and reports as the host's {@code dd} does. */
@Timeout(60)
class DdTest {

    private static final int LINES = Integer.getInteger("ferrite.dd.lines", 20);
    private static final int INPUT_BYTES = 9000;
    private static final int DISK_BYTES = 32 << 10;

    @TempDir
    private Path directory;
    private Path root;
    private Path disk;

    @BeforeEach
    void makeFiles() throws IOException {
        root = directory.resolve("root");
        Files.createDirectories(root.resolve("d"));
        byte[] bytes = new byte[INPUT_BYTES];
        new Random(1).nextBytes(bytes);
        Files.write(root.resolve("d/in"), bytes);
        Files.writeString(root.resolve("d/a b"), "some");
        disk = Files.write(directory.resolve("disk"), new byte[DISK_BYTES]);
    }

    private BoardOptions options() {
        return new BoardOptions().ram(64 << 20).harts(1).root(root).disk(disk);
    }

    private static String withoutSpeed(String text) {
        return text.replaceAll("(?m)^\\d+ bytes? .*copied.*\\n", "");
    }

    // ---- beside the host's ----

    private static String size(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Integer.toString(1 + random.nextInt(20));
            case 1 -> 1 + random.nextInt(3) + "x" + (1 + random.nextInt(500));
            case 2 -> 1 + random.nextInt(4) + "b";
            case 3 -> 1 + random.nextInt(2) + "K";
            default -> Integer.toString(1 + random.nextInt(3000));
        };
    }

    private static String operands(Random random) {
        List<String> words = new ArrayList<>();
        List<String> input = new ArrayList<>();
        boolean both = random.nextBoolean();
        boolean small = random.nextInt(3) == 0;
        if (both) {
            words.add("bs=" + size(random));
        }
        if (!both || random.nextInt(4) == 0) {
            words.add("ibs=" + size(random));
            words.add("obs=" + size(random));
        }
        if (random.nextBoolean()) {
            boolean inBytes = random.nextBoolean();
            words.add("count=" + random.nextInt(inBytes ? INPUT_BYTES : 12) + (inBytes && small ? "B" : ""));
            input.addAll(inBytes && !small ? List.of("count_bytes") : List.of());
        }
        if (random.nextBoolean()) {
            boolean inBytes = random.nextBoolean();
            words.add("skip=" + random.nextInt(inBytes ? INPUT_BYTES + 100 : 9) + (inBytes && small ? "B" : ""));
            input.addAll(inBytes && !small ? List.of("skip_bytes") : List.of());
        }
        if (random.nextBoolean()) {
            boolean inBytes = random.nextBoolean();
            words.add("seek=" + random.nextInt(inBytes ? DISK_BYTES / 2 : 5));
            words.addAll(inBytes ? List.of("oflag=seek_bytes") : List.of());
        }
        if (random.nextInt(3) == 0) {
            input.add("fullblock");
        }
        if (!input.isEmpty()) {
            words.add("iflag=" + String.join(",", input));
        }
        List<String> conversions = new ArrayList<>(List.of("notrunc"));
        for (String each : List.of("sync", "noerror", "fdatasync", "fsync", "nocreat")) {
            conversions.addAll(random.nextInt(4) == 0 ? List.of(each) : List.of());
        }
        words.add("conv=" + String.join(",", conversions));
        words.addAll(random.nextInt(4) == 0 ? List.of("status=none") : List.of("status=noxfer"));
        return String.join(" ", words);
    }

    @Test
    void randomOperandsDoWhatTheyDoOnTheHost() throws Exception {
        Tools.need("dd");
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        Path hostsDisk = Files.write(directory.resolve("hosts-disk"), new byte[DISK_BYTES]);
        List<String> ours = new ArrayList<>();
        StringBuilder host = new StringBuilder("export LC_ALL=C\n");
        for (int i = 0; i < LINES; i++) {
            String operands = operands(random);
            ours.add("echo " + operands);
            ours.add("dd if=d/in of=/dev/disk0 " + operands + " 2>&1; echo $?");
            ours.add("sha256sum < /dev/disk0");
            host.append("echo ").append(operands).append("; dd if=d/in of=").append(hostsDisk).append(' ')
                .append(operands).append(" 2>&1; echo $?; sha256sum < ").append(hostsDisk).append('\n');
            if (random.nextInt(4) == 0) {              // to a pipe, from one
                String piped = "cat d/in | dd " + operands.replaceAll("oflag=\\w+|seek=\\d+", "")
                        .replaceAll("f(data)?sync", "notrunc").replaceAll("iflag=(\\S+)|^", "iflag=$1,fullblock ")
                        .replace("=,", "=") + " | sha256sum";
                ours.add(piped + " 2>&1");
                host.append(piped).append(" 2>&1\n");
            }
        }
        Path script = Files.writeString(directory.resolve("script"), host);
        Program.Ended ended = Program.start(root, List.of("sh", script.toString())).end();
        Run run = Run.of(options(), ours.toArray(String[]::new));
        assertThat(run.out()).as(seed.replay("dd")).isEqualTo(ended.out());
        assertThat(withoutSpeed(run.err())).as(seed.replay("dd, standard error")).isEqualTo(
                withoutSpeed(ended.err()));
    }

    @Test
    void mistakesAreToldInTheWordsOfTheHost() throws Exception {
        Tools.need("dd");
        List<String> lines = List.of("dd if=nothing", "dd 'if=d/a b' skip=9", "dd if=d/in skip=99 status=noxfer",
                "dd if=d/in ibs=0", "dd if=d/in count=x", "dd if=d/in bs=1xq", "dd if=d/in count=-1",
                "dd if=d/in count=0 status=noxfer", "dd -- if=d/in count=0 status=noxfer");
        StringBuilder host = new StringBuilder("export LC_ALL=C\n");
        lines.forEach(line -> host.append(line).append(" 2>&1; echo $?\n"));
        Program.Ended ended = Program.start(root, List.of("sh", "-c", host.toString())).end();
        Run run = Run.of(options(), lines.stream().map(line -> line + " 2>&1; echo $?").toArray(String[]::new));
        assertThat(withoutSpeed(run.out())).isEqualTo(withoutSpeed(ended.out()));
    }

    // ---- reads that end early: the numbers are those that GNU dd 9.1 prints for a pipe with these bytes ----

    /** A file without positions, from which a read has three, four and then two bytes. */
    private static final class Trickle implements Driver, FileOperations {

        private static final List<String> PIECES = List.of("abc", "defg", "hi");
        private KernelCalls kernel;
        private KernelMemory memory;
        private long operations;
        private int next;
        private int taken;

        @Override
        public String name() {
            return "trickle";
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
            memory = theKernel.memory();
            operations = text.add("trickle_operations", this);
        }

        @Override
        public int init(DriverParameters parameters) {
            return kernel.cdevAdd("trickle", operations, 0);
        }

        @Override
        public int open(long file) {
            next = 0;
            taken = 0;
            return kernel.nonseekableOpen(file);
        }

        @Override
        public int read(long file, long to, int count, long position) {
            if (next == PIECES.size()) {
                return 0;
            }
            byte[] bytes = PIECES.get(next).substring(taken).getBytes(StandardCharsets.US_ASCII);
            int length = Math.min(count, bytes.length);
            memory.write(to, bytes, 0, length);
            boolean isAll = length == bytes.length;
            next += isAll ? 1 : 0;
            taken = isAll ? 0 : taken + length;
            return length;
        }
    }

    private String trickle(String operands) throws IOException {
        Run run = Run.of(options().driver(new Trickle()), "dd if=/dev/trickle " + operands);
        return run.out() + "\n" + withoutSpeed(run.err());
    }

    @Test
    void aReadThatEndsEarlyIsAPartialBlock() throws IOException {
        assertThat(trickle("bs=4 count=3")).isEqualTo("abcdefghi\n"
                + "dd: warning: partial read (3 bytes); suggest iflag=fullblock\n1+2 records in\n1+2 records out\n");
        assertThat(trickle("ibs=4 obs=4")).isEqualTo("abcdefghi\n1+2 records in\n2+1 records out\n");
        assertThat(trickle("ibs=4 skip=1 obs=4")).isEqualTo("defghi\n"
                + "dd: /dev/trickle: cannot skip to specified offset\n1+1 records in\n1+1 records out\n");
        assertThat(trickle("bs=4 iflag=fullblock")).isEqualTo("abcdefghi\n2+1 records in\n2+1 records out\n");
        assertThat(trickle("bs=4 conv=sync")).isEqualTo("abc\0defghi\0\0\n1+2 records in\n3+0 records out\n");
        assertThat(trickle("bs=4 count=1")).isEqualTo("abc\n0+1 records in\n0+1 records out\n");
    }
}
