package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.hardware.Seed;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random files as disks. An unusable one is refused in a sentence; one that becomes unusable later is an input/output
 * error of the guest.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileDisksTest {

    private static final int COMMAND_LINES = 80;
    private static final int ROUNDS = 12;
    private static final int STEPS = 14;
    private static final int SECTOR = 512;
    private static final int UNUSABLE = 3;
    private static final long TEBIBYTE = 1L << 40;

    @TempDir
    private Path directory;
    private int files;

    /** A value of {@code --disk}; the reason why it cannot be a disk, or null and then a command with its output. */
    private record Candidate(String disk, String complaint, String command, String printed) { }

    // ---- files that may or may not be disks ----

    @Test
    void whatCannotBeADiskIsRefusedInASentenceThatNamesIt() throws Exception {
        Tools.run(directory, "mkfifo", "pipe");
        Tools.requireDevices("/dev/zero", "/dev/null", "/dev/full");
        Seed seed = Seed.fresh();
        List<List<Candidate>> candidates = new ArrayList<>();
        List<List<String>> lines = new ArrayList<>();
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
            for (int i = 0; i < COMMAND_LINES; i++) {
                Random random = seed.random(i);
                List<Candidate> disks = new ArrayList<>();
                for (int number = 0; number <= random.nextInt(3); number++) {
                    disks.add(candidate(random, number));
                }
                candidates.add(disks);
                lines.add(commandLine(disks));
            }
            List<Outcome> outcomes = ManyCommandLines.run(directory, lines);
            for (int i = 0; i < COMMAND_LINES; i++) {
                check(candidates.get(i), outcomes.get(i), seed.replay(lines.get(i)));
            }
            assertThat(outcomes.stream().map(Outcome::status)).as("both kinds").contains(0, UNUSABLE);
        }
    }

    private static List<String> commandLine(List<Candidate> disks) {
        List<String> words = new ArrayList<>(List.of("run", "--ram", "16M", "--harts", "1"));
        disks.forEach(disk -> words.addAll(List.of("--disk", disk.disk)));
        words.add("-c");
        words.add(String.join("; ", disks.stream().map(Candidate::command).toList()));
        return words;
    }

    private static void check(List<Candidate> disks, Outcome outcome, String which) {
        Candidate wrong = disks.stream().filter(disk -> disk.complaint != null).findFirst().orElse(null);
        if (wrong == null) {
            assertThat(outcome.status()).as(which + outcome.err()).isZero();
            assertThat(outcome.out()).as(which)
                    .isEqualTo(String.join("", disks.stream().map(Candidate::printed).toList()));
            return;
        }
        String name = wrong.disk.endsWith(",ro") ? wrong.disk.substring(0, wrong.disk.length() - 3) : wrong.disk;
        assertThat(outcome.err()).as(which).startsWith("ferrite run: --disk")
                .contains(name.length() <= 200 ? Path.of(name).toString() : name.substring(0, 60) + "... (")
                .contains(wrong.complaint).hasLineCount(1)
                .doesNotContain("Exception").doesNotContain("\tat ");
        assertThat(outcome.out()).as(which).isEmpty();
        assertThat(outcome.status()).as(which).isEqualTo(UNUSABLE);
    }

    private Candidate candidate(Random random, int number) throws IOException {
        Path file = Path.of(new String[] {"", "./", directory + "/"}[random.nextInt(3)]
                + new String[] {"disk", "a disk", "%s%n", "-disk", "disk,rw"}[random.nextInt(5)] + files++ + ".img");
        Path real = directory.resolve(file);
        int kind = random.nextInt(16);
        String complaint = switch (kind) {
            case 0 -> sized(real, 0, "0 bytes");
            case 1 -> sized(real, 1 + random.nextInt(SECTOR - 1) + SECTOR * random.nextInt(9), "a multiple of 512");
            case 2 -> sized(real, SECTOR * (long) (random.nextInt() & 0x7fff_ffff) + 1 + random.nextInt(SECTOR - 1),
                    "a multiple of 512");
            case 3 -> sized(real, TEBIBYTE + SECTOR * (1L + random.nextInt(1000)), "at most 1 TiB");
            case 4 -> "there is no file";
            case 5 -> linkTo(real, Path.of("nowhere"), "there is no file");
            case 6 -> linkTo(real, file.getFileName(), "leads to no file");
            case 7 -> linkTo(real, directory.resolve("pipe"), "pipe");
            case 8 -> linkTo(real, directory.resolve("socket"), "socket");
            case 10 -> Files.createDirectory(real) == null ? "" : "directory";
            case 11 -> forbidden(real);
            default -> null;
        };
        if (kind == 9) {
            return new Candidate(withReadOnly(random,
                    Path.of(List.of("/dev/zero", "/dev/null", "/dev/full").get(random.nextInt(3)))), "device", "", "");
        }
        if (kind == 12) {
            return new Candidate(withReadOnly(random, file.resolveSibling("x".repeat(300))),
                    "leads to no file", "", "");
        }
        if (complaint != null) {
            return new Candidate(withReadOnly(random, file), complaint, "", "");
        }
        return kind == 13 ? sparse(random, file, number) : good(random, file, number, kind == 14);
    }

    private static String withReadOnly(Random random, Path file) {
        String name = file.startsWith("-") || file.toString().startsWith("-") ? "./" + file : file.toString();
        return random.nextBoolean() ? name + ",ro" : name;
    }

    private static String sized(Path file, long bytes, String complaint) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        return complaint;
    }

    private static String linkTo(Path link, Path target, String complaint) throws IOException {
        Files.createSymbolicLink(link, target);
        return complaint;
    }

    /** Makes a file without permissions. Returns the expected complaint; null if root runs the test. */
    private static String forbidden(Path file) throws IOException {
        Files.write(file, new byte[SECTOR]);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        return Files.isReadable(file) ? null : "may not be read";
    }

    private Candidate good(Random random, Path file, int number, boolean throughLinks) throws IOException {
        byte[] content = new byte[SECTOR * (1 + random.nextInt(200))];
        random.nextBytes(content);
        Path real = directory.resolve(file);
        if (throughLinks) {
            Path target = Files.write(directory.resolve("target" + files++), content);
            Path between = Files.createSymbolicLink(directory.resolve("link" + files++), target.getFileName());
            Files.createSymbolicLink(real, between);
        } else {
            Files.deleteIfExists(real);
            Files.write(real, content);
        }
        return new Candidate(withReadOnly(random, file), null, "sha256sum /dev/disk" + number,
                sha256(content) + "  /dev/disk" + number + "\n");
    }

    /** Makes a large file without contents; it costs only the blocks that are read. */
    private Candidate sparse(Random random, Path file, int number) throws IOException {
        long sectors = 1 + Math.floorMod(random.nextLong(), TEBIBYTE / SECTOR);
        sized(directory.resolve(file), sectors * SECTOR, "");
        return new Candidate(withReadOnly(random, file), null, "dd if=/dev/disk" + number + " skip=" + (sectors - 1),
                "\0".repeat(SECTOR));
    }

    // ---- files that change while they are disks ----

    @Test
    void whatHappensToAFileWhileItIsADiskIsAtWorstAnErrorOfTheGuest() throws Exception {
        Seed seed = Seed.fresh();
        int errors = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Changing disk = new Changing(seed.random(round), Files.createDirectory(directory.resolve("round" + round)));
            disk.run(seed.replay("round " + round));
            errors += disk.errors;
        }
        assertThat(errors).as("how often the guest was refused").isBetween(1, ROUNDS * STEPS - 1);
    }

    /**
     * A disk with a file that is cut, grown, deleted and replaced between commands, and a model of the bytes that the
     * guest reads.
     */
    private static final class Changing implements Session.LineSource {

        private final Random random;
        private final Path file;
        private final Path other;
        private final FileChannel inode;
        private final byte[] content;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final List<String> history = new ArrayList<>();
        private final StringBuilder expectedOut = new StringBuilder();
        private final StringBuilder expectedErr = new StringBuilder();
        private int errors;
        private int steps;
        private boolean isNamed = true;
        private int length;

        Changing(Random random, Path directory) throws IOException {
            this.random = random;
            content = new byte[SECTOR * (1 + random.nextInt(300))];
            random.nextBytes(content);
            length = content.length;
            file = Files.write(directory.resolve("disk.img"), content);
            other = Files.write(directory.resolve("other.img"), new byte[content.length]);
            inode = FileChannel.open(file, StandardOpenOption.WRITE);
        }

        void run(String replay) throws IOException {
            BoardOptions options = new BoardOptions().ram(16 << 20).harts(1 + random.nextInt(4)).seed(random.nextLong())
                    .interleaving(Interleavings.values()[random.nextInt(3)]).readOnlyDisk(file).disk(other);
            int status;
            try (inode; Session session = new Session(options, null, this,
                    new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8),
                            OutputStream.nullOutputStream(), false), new ViolationText("(this test)")::of)) {
                status = session.run();
            }
            String which = replay + ": " + history;
            assertThat(out.toString(StandardCharsets.UTF_8)).as(which).isEqualTo(expectedOut.toString());
            assertThat(err.toString(StandardCharsets.UTF_8)).as(which).isEqualTo(expectedErr.toString());
            assertThat(status).as(which).isEqualTo(errors == 0 ? 0 : ExitStatus.FAILED);
        }

        @Override
        public String next() throws IOException {
            if (steps++ == STEPS) {
                return null;
            }
            change();
            String command = command();
            history.add(command);
            return command;
        }

        private void change() throws IOException {
            int kind = random.nextInt(8);
            switch (kind) {
                case 0, 1 -> setLength(random.nextInt(content.length));
                case 2, 3 -> setLength(content.length + SECTOR * random.nextInt(3));
                case 4 -> {
                    Files.deleteIfExists(file);
                    isNamed = false;
                }
                case 5 -> {  // another file of that name is not the medium
                    Files.deleteIfExists(file);
                    Files.write(file, new byte[random.nextInt(2000)]);
                    isNamed = false;
                }
                case 6 -> {
                    Files.deleteIfExists(file);
                    Files.createSymbolicLink(file, file.getFileName());
                    isNamed = false;
                }
                default -> { }
            }
            history.add("change " + kind);
        }

        private void setLength(int bytes) throws IOException {
            inode.truncate(bytes);
            if (bytes > length) {
                inode.write(ByteBuffer.allocate(1), bytes - 1L);
            }
            if (bytes < content.length) {
                Arrays.fill(content, bytes, content.length, (byte) 0);
            }
            length = bytes;
        }

        private String command() {
            boolean whole = isNamed && length >= content.length;
            switch (random.nextInt(3)) {
                case 0 -> {
                    expect(whole, sha256(content) + "  /dev/disk0\n", "sha256sum: /dev/disk0: Input/output error\n");
                    return "sha256sum /dev/disk0";
                }
                case 1 -> {
                    expect(whole, sha256(content) + "  /dev/disk0\n", "sha256sum: /dev/disk0: Input/output error\n");
                    return "sha256sum -j 3 /dev/disk0";
                }
                default -> {
                    expectedOut.append(sha256(new byte[content.length])).append("  /dev/disk1\n");
                    expect(whole, sha256(content) + "  /dev/disk0\n", "sha256sum: /dev/disk0: Input/output error\n");
                    return "sha256sum /dev/disk1 /dev/disk0";
                }
            }
        }

        private void expect(boolean succeeds, String printed, String complained) {
            if (succeeds) {
                expectedOut.append(printed);
            } else {
                expectedErr.append(complained);
                errors++;
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return Hex.bytes(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
