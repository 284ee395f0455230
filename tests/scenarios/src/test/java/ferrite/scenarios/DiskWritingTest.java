package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing to disks: which bytes reach the host's file, and at which moment. */
@Machine(ram = "64M")
class DiskWritingTest {

    private static final int SECTOR = 512;

    @TempDir
    private Path directory;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private static byte[] randomBytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aCopiedDiskIsEqualOnTheHost(Machines machines) throws IOException {
        byte[] bytes = randomBytes(1_000_000 / SECTOR * SECTOR, 1);
        Path from = file("from", bytes);
        Path to = file("to", new byte[bytes.length]);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to));
        run.type("dd if=/dev/disk0 of=/dev/disk1 bs=7000");
        assertThat(run.failedCommands()).isZero();
        assertThat(run).hasNoViolations().hasNoLeaks();
        assertThat(Files.readAllBytes(to)).isEqualTo(bytes);
    }

    @Test
    void randomPiecesAtRandomPlacesAgreeWithAModel(Machines machines) throws IOException {
        long seed = Long.getLong("ferrite.seed", 42);
        Random random = new Random(seed);
        byte[] source = randomBytes(64 * SECTOR, seed);
        byte[] model = new byte[96 * SECTOR];
        Path to = file("to", model);
        Path from = file("from", source);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to)
                .interleaving(Interleavings.RANDOM).seed(seed));
        for (int i = 0; i < 60; i++) {
            int block = 1 + random.nextInt(2000);
            int skip = random.nextInt(source.length / block);
            int seek = random.nextInt(model.length / block);
            int count = random.nextInt(6);
            run.type("dd if=/dev/disk0 of=/dev/disk1 bs=" + block + " skip=" + skip + " seek=" + seek
                    + " count=" + count);
            int length = Math.min(count * block, Math.min(source.length - skip * block, model.length - seek * block));
            System.arraycopy(source, skip * block, model, seek * block, length);
        }
        assertThat(run.forgetOutput().type("dd if=/dev/disk1 bs=64K").bytes()).as("seed %d", seed).isEqualTo(model);
        assertThat(Files.readAllBytes(to)).as("seed %d", seed).isEqualTo(model);
    }

    @Test
    void aReadOnlyDiskRefusesWithErofs(Machines machines) throws IOException {
        byte[] bytes = randomBytes(8 * SECTOR, 2);
        Path to = file("to", bytes);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(to));
        run.type("echo no > /dev/disk0", "dd if=/proc/meminfo of=/dev/disk0");
        assertThat(run.err()).contains("echo: /dev/disk0: Read-only file system")
                .contains("dd: error writing '/dev/disk0': Read-only file system");
        assertThat(run.failedCommands()).isEqualTo(2);
        assertThat(Files.readAllBytes(to)).isEqualTo(bytes);
    }

    @Test
    void writingBeyondTheEndKeepsWhatFitsAndThenHasNoSpace(Machines machines) throws IOException {
        byte[] source = randomBytes(4 * SECTOR, 3);
        Path to = file("to", new byte[8 * SECTOR]);
        Path from = file("from", source);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to));
        run.type("dd if=/dev/disk0 of=/dev/disk1 bs=1024 seek=3");
        assertThat(run.err()).contains("No space left on device").contains("1+0 records out")
                .contains("1024 bytes copied");
        run.forgetOutput().type("dd if=/dev/disk0 of=/dev/disk1 seek=8");
        assertThat(run.err()).contains("No space left on device").contains("0+0 records out");
        run.forgetOutput().type("dd if=/dev/disk0 of=/dev/disk1 seek=9");
        assertThat(run.err()).contains("cannot seek: Invalid argument").contains("0+0 records out");
        byte[] written = Files.readAllBytes(to);
        assertThat(Arrays.copyOfRange(written, 3 * 1024, 4 * 1024)).isEqualTo(Arrays.copyOf(source, 1024));
        assertThat(Arrays.copyOf(written, 3 * 1024)).containsOnly(0);
    }

    /** GNU dd prints these lines for {@code bs=3K} if only 4096 bytes fit. */
    @Test
    void aRecordThatDidNotFitIsNotCountedButItsBytesAre(Machines machines) throws IOException {
        byte[] source = randomBytes(32 * SECTOR, 5);
        Path to = file("to", new byte[4096]);
        Path from = file("from", source);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to));
        run.type("dd if=/dev/disk0 of=/dev/disk1 bs=3K");
        assertThat(run.err()).contains("No space left on device")
                .contains("2+0 records in\n1+0 records out\n4096 bytes copied");
        assertThat(Files.readAllBytes(to)).isEqualTo(Arrays.copyOf(source, 4096));
    }

    @Test
    void cpCopiesAFileAndSaysInCoreutilsWordsWhatItCannot(Machines machines) throws IOException {
        byte[] source = randomBytes(300 * SECTOR, 6);
        Path from = file("from", source);
        Path to = file("to", new byte[400 * SECTOR]);
        Path small = file("small", new byte[SECTOR]);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to).disk(small));
        assertThat(run.type("cp /dev/disk0 /dev/disk1").err()).isEmpty();
        assertThat(Files.readAllBytes(to)).isEqualTo(Arrays.copyOf(source, 400 * SECTOR));
        run.type("cp /dev/disk0 /dev/disk2", "cp /dev/disk1 /dev/disk0", "cp /dev/none /dev/disk1",
                "cp /dev/disk0 /dev/none", "cp /dev/disk0 /dev/disk0",
                "cp", "cp /dev/disk0", "cp /dev/disk0 /dev/disk1 /dev/disk2");
        assertThat(run.err().lines()).containsExactly(
                "cp: error writing '/dev/disk2': No space left on device",
                "cp: error writing '/dev/disk0': Read-only file system",
                "cp: cannot open '/dev/none' for reading: No such file or directory",
                "cp: cannot open '/dev/none' for writing: No such file or directory",
                "cp: '/dev/disk0' and '/dev/disk0' are the same file",
                "cp: missing file operand",
                "cp: missing destination file operand after '/dev/disk0'",
                "cp: extra operand '/dev/disk2'");
        assertThat(run.failedCommands()).isEqualTo(8);
        assertThat(Files.readAllBytes(to)).isEqualTo(Arrays.copyOf(source, 400 * SECTOR));
        assertThat(Files.readAllBytes(small)).isEqualTo(Arrays.copyOf(source, SECTOR));
        assertThat(Files.readAllBytes(from)).isEqualTo(source);
    }

    /** Reads the host's file after every few instructions, from the first written sector to the end of the command. */
    @Test
    void nothingIsOnTheHostBeforeTheGuestsFlush(Machines machines) throws IOException {
        byte[] bytes = randomBytes(256 * SECTOR, 4);
        Path to = file("to", new byte[bytes.length]);
        Path from = file("from", bytes);
        MachineRun run = machines.boot(options -> options.harts(1).readOnlyDisk(from).disk(to));
        ferrite.hardware.Machine machine = run.board().machine();
        run.board().console().input("dd if=/dev/disk0 of=/dev/disk1 bs=4K");
        int looks = 0;
        Turn.Stop stop;
        do {
            machine.turn().limitInstructions(machine.clock().instructions() + 20_000);
            stop = machine.turn().run();
            byte[] now = Files.readAllBytes(to);
            boolean untouched = Arrays.equals(now, new byte[now.length]);
            assertThat(untouched || Arrays.equals(now, bytes)).as("all or nothing, look %d", looks).isTrue();
            looks += untouched ? 1 : 0;
        } while (stop == Turn.Stop.INSTRUCTION_LIMIT);
        assertThat(looks).isGreaterThan(5);
        assertThat(Files.readAllBytes(to)).isEqualTo(bytes);
    }

    @Test
    void aRestoredSnapshotDoesNotSeeWhatWasFlushedAfterIt(Machines machines) throws IOException {
        byte[] source = randomBytes(16 * SECTOR, 5);
        Path to = file("to", new byte[16 * SECTOR]);
        Path from = file("from", source);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(from).disk(to));
        run.type("dd if=/dev/disk0 of=/dev/disk1 count=2");
        String before = run.forgetOutput().type("sha256sum /dev/disk1").out();
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        String after = run.forgetOutput().type("dd if=/dev/disk0 of=/dev/disk1", "sha256sum /dev/disk1").out();
        ferrite.hardware.Machine.Digest digest = run.digest();
        assertThat(after).isNotEqualTo(before);
        for (int again = 0; again < 2; again++) {
            run.board().restore(snapshot);
            assertThat(run.forgetOutput().type("sha256sum /dev/disk1").out()).isEqualTo(before);
            run.board().restore(snapshot);
            assertThat(run.forgetOutput().type("dd if=/dev/disk0 of=/dev/disk1", "sha256sum /dev/disk1").out())
                    .isEqualTo(after);
            assertThat(run.digest()).isEqualTo(digest);
        }
        assertThat(Files.readAllBytes(to)).isEqualTo(source);
    }

    @Test
    void aMediumThatShrinksBeforeTheFlushIsAnErrorAndIsNotMadeLongerAgain(Machines machines) throws IOException {
        Path to = file("to", new byte[64 * SECTOR]);
        Path from = file("from", randomBytes(64 * SECTOR, 6));
        MachineRun run = machines.boot(options -> options.harts(1).readOnlyDisk(from).disk(to));
        ferrite.hardware.Machine machine = run.board().machine();
        run.board().console().input("dd if=/dev/disk0 of=/dev/disk1 bs=4K");
        machine.turn().limitInstructions(machine.clock().instructions() + 15_000);
        assertThat(machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        Files.write(to, new byte[SECTOR]);
        machine.turn().limitInstructions(Long.MAX_VALUE);
        run.type("echo still there");
        assertThat(run.err()).contains("dd: error writing '/dev/disk1': Input/output error");
        assertThat(run.out()).isEqualTo("still there\n");
        assertThat(Files.size(to)).isEqualTo(SECTOR);
    }

    /** Kills the process at several moments of a copy. Every sector is then either the old one or the new one. */
    @Test
    void theEndOfTheProcessTearsNoSector() throws IOException, InterruptedException {
        byte[] source = randomBytes(8 << 20, 7);
        byte[] old = new byte[source.length];
        Path from = file("from", source);
        Path to = directory.resolve("to");
        for (int milliseconds : new int[] {450, 600, 800}) {
            Files.write(to, old);
            Process process = new ProcessBuilder(FerriteJar.command("run", "--disk", from + ",ro", "--disk",
                    to.toString(), "--script", file("script", "dd if=/dev/disk0 of=/dev/disk1 bs=16K\n".repeat(50)
                            .getBytes(StandardCharsets.UTF_8)).toString()))
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            byte[] now = Files.readAllBytes(to);
            assertThat(now).hasSameSizeAs(source);
            for (int at = 0; at < now.length; at += SECTOR) {
                boolean isNew = Arrays.equals(now, at, at + SECTOR, source, at, at + SECTOR);
                boolean isOld = Arrays.equals(now, at, at + SECTOR, old, at, at + SECTOR);
                assertThat(isNew || isOld).as("sector %d", at / SECTOR).isTrue();
            }
        }
    }
}
