package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.Interleavings;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A long random session on eight harts, with several commands at a time. A plain model predicts the disks' contents and
 * the output.
 */
@Machine(ram = "64M", harts = 8)
class RandomSessionTest {

    private static final int SOURCE_BYTES = 300 * 512;
    private static final int SLOTS = 8;
    private static final int SLOT_BYTES = 40 * 512;
    private static final int BATCHES = 25;

    private static final String DRIVER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import java.util.List;

            public final class Small implements Driver, FileOperations {
                private KernelCalls kernel;
                private long operations;
                private long memory;
                public String name() { return "small"; }
                public List<String> compatible() { return List.of(); }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    operations = text.add("small_operations", this);
                }
                public int init() {
                    memory = kernel.kzalloc(500, Gfp.GFP_KERNEL);
                    return kernel.cdevAdd("small", operations, memory);
                }
                public void exit() {
                    kernel.cdevDel("small");
                    kernel.kfree(memory);
                }
                public int probe(Device device) { return 0; }
                public void remove(Device device) { }
            }
            """;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void everythingIsAsTheModelSays(Interleavings interleaving, Machines machines) throws IOException {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        byte[] source = new byte[SOURCE_BYTES];
        random.nextBytes(source);
        byte[] model = new byte[SLOTS * SLOT_BYTES];
        Path target = Files.write(directory.resolve("target"), model);
        Path jar = DriverJar.build(directory, "Small", DRIVER, "Small");
        Path disk = Files.write(directory.resolve("source"), source);
        MachineRun run = machines.boot(options -> options.seed(seed).interleaving(interleaving)
                .readOnlyDisk(disk).disk(target));
        boolean loaded = false;
        for (int batch = 0; batch < BATCHES; batch++) {
            List<String> lines = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int slot = 0; slot < SLOTS; slot++) {
                addCommand(random, slot, source, model, lines, expected);
            }
            if (random.nextInt(3) == 0) {
                lines.add(loaded ? "rmmod small" : "insmod " + jar);
                loaded = !loaded;
            }
            lines.add("wait");
            run.forgetOutput().type(lines.toArray(String[]::new));
            assertThat(run.out().lines().toList()).as("seed %d, batch %d: %s", seed, batch, lines)
                    .containsExactlyInAnyOrderElementsOf(expected);
            run.forgetOutput().type("sha256sum /dev/disk1");
            assertThat(run.out()).as("seed %d, batch %d: %s", seed, batch, lines)
                    .isEqualTo(sha256(model) + "  /dev/disk1\n");
        }
        if (loaded) {
            run.type("rmmod small");
        }
        assertThat(run).hasNoViolations();
        assertThat(run.leaks()).as(
                "seed %d: one object of 500 bytes for each time the driver was loaded, and rmmod's list of them", seed)
                .allMatch(leak -> leak.contains("kmalloc-512") || leak.contains("kmalloc-4k")
                        || leak.contains("kmalloc-32"));
        assertThat(Files.readAllBytes(target)).as("seed %d", seed).isEqualTo(model);
    }

    /** Adds a command. Commands that run at the same time use separate parts of the disk. */
    private static void addCommand(Random random, int slot, byte[] source, byte[] model, List<String> lines,
            List<String> expected) {
        switch (random.nextInt(4)) {
            case 0 -> {
                lines.add("sha256sum /dev/disk0 &");
                expected.add(sha256(source) + "  /dev/disk0");
            }
            case 1 -> {
                lines.add("sha256sum -j " + (1 + random.nextInt(4)) + " /dev/disk0 &");
                expected.add(sha256(source) + "  /dev/disk0");
            }
            case 2 -> {
                int block = 512 * (1 + random.nextInt(8));
                int perSlot = SLOT_BYTES / block;
                int count = random.nextInt(perSlot + 1);
                int skip = random.nextInt(source.length / block - perSlot);
                int first = (slot * SLOT_BYTES + block - 1) / block;
                count = Math.max(0, Math.min(count, ((slot + 1) * SLOT_BYTES) / block - first));
                lines.add("dd if=/dev/disk0 of=/dev/disk1 bs=" + block + " count=" + count + " skip=" + skip
                        + " seek=" + first + " &");
                System.arraycopy(source, skip * block, model, first * block, count * block);
            }
            default -> {
                lines.add("echo slot " + slot + " &");
                expected.add("slot " + slot);
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return Hex.bytes(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
