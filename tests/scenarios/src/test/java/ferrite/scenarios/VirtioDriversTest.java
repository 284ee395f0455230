package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.dma.Swiotlb;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The mini-kernel's virtio drivers with real data: block, entropy and console devices. */
@Machine(ram = "64M")
@Timeout(60)
class VirtioDriversTest {

    private static final int BYTES = 300 << 10;

    @TempDir
    private Path directory;

    private Path empty(String name) throws IOException {
        return Files.write(directory.resolve(name), new byte[BYTES]);
    }

    private static BoardOptions.DiskFile readOnly(Path file) {
        return new BoardOptions.DiskFile(file, true);
    }

    // ---- block devices ----

    /** With 20 descriptors of a request, 256 of the queue are too few for the tasks without indirect tables. */
    @ParameterizedTest
    @CsvSource({"RR, on, on, ON", "RANDOM, on, on, ON", "PCT, on, on, ON", "RANDOM, off, off, ON",
        "RANDOM, on, off, FORCE", "PCT, off, on, ON"})
    void everyByteArrivesWhileManyTasksReadAndWrite(Interleavings interleaving, String indirect, String eventIdx,
            Swiotlb.Mode swiotlb, Machines machines) throws Exception {
        Path from = Disks.random(directory, BYTES);
        Path to = empty("to");
        MachineRun run = machines.boot(options -> options.virtioDisk(readOnly(from)).virtioDisk(to)
                .interleaving(interleaving).swiotlb(swiotlb).parameter("virtio-mmio.indirect", indirect)
                .parameter("virtio-mmio.event_idx", eventIdx));
        String half = Integer.toString(BYTES / 2);
        run.type("dd if=/dev/vda of=/dev/vdb bs=" + half + " count=1 &",
                "dd if=/dev/vda of=/dev/vdb bs=" + half + " skip=1 seek=1 &", "sha256sum -j 8 /dev/vda",
                "sha256sum /dev/vda &", "wait", "sha256sum /dev/vdb");
        String digest = Tools.sha256(from);
        assertThat(run.out().lines()).hasSize(3).allSatisfy(line -> assertThat(line).startsWith(digest));
        assertThat(Files.readAllBytes(to)).isEqualTo(Files.readAllBytes(from));
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** Two tasks write to halves of the same sectors, so each reads and writes back while the other does. */
    @Test
    void partsOfOneSectorThatTwoTasksWriteAreKept(Machines machines) throws Exception {
        Path from = Disks.random(directory, BYTES);
        Path to = empty("to");
        MachineRun run = machines.boot(options -> options.virtioDisk(readOnly(from)).virtioDisk(to)
                .interleaving(Interleavings.RANDOM));
        String[] lines = new String[13];
        for (int i = 0; i < 12; i++) {
            lines[i] = "dd if=/dev/vda of=/dev/vdb bs=200 count=1 skip=" + i + " seek=" + i + " &";
        }
        lines[12] = "wait";
        run.type(lines);
        byte[] expected = Arrays.copyOf(Arrays.copyOf(Files.readAllBytes(from), 12 * 200), BYTES);
        assertThat(Files.readAllBytes(to)).isEqualTo(expected);
        assertThat(run).hasNoViolations();
    }

    @Test
    void aDiskHasAnEndAndStatisticsAndAReadOnlyOneRefusesWrites(Machines machines) throws Exception {
        Path from = Disks.random(directory, BYTES);
        Path to = empty("to");
        MachineRun run = machines.boot(options -> options.virtioDisk(readOnly(from)).virtioDisk(to).harts(2));
        run.type("dd if=/dev/vda of=/dev/vdb bs=512 count=3", "cat /proc/vdb_stat");
        assertThat(run.out()).startsWith("hart reads sectors writes sectors flushes errors interrupts\n")
                .contains("\nall 0 0 3 3 1 0 ");
        run.type("echo x > /dev/vda", "dd if=/dev/vda of=/dev/vdb bs=64K seek=4");
        assertThat(run.err()).contains("/dev/vda: Read-only file system").contains("No space left on device");
        run.forgetOutput().type("dd if=/dev/vda bs=4096 skip=74 | sha256sum", "dmesg");
        assertThat(run.out()).contains("vda: 600 sectors of 512 bytes, read-only\n")
                .contains("vdb: 600 sectors of 512 bytes\n");
        assertThat(run).hasNoViolations();
    }

    /** All page allocations after boot fail: a read has no memory, and a write has the pools'. */
    @Test
    void aWriteGoesOnWithoutFreeMemory(Machines machines) throws Exception {
        Path to = empty("to");
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.virtioDisk(to).driver(test).harts(1));
        byte[] pattern = new byte[8192];
        Arrays.fill(pattern, (byte) 0x5a);
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/vda", ferrite.kernel.fs.Fcntl.O_RDWR);
            long buffer = kernel.calls().kzalloc(pattern.length, ferrite.kernel.base.Gfp.GFP_KERNEL);
            kernel.base().memory().fill(buffer, 0x5a, pattern.length);
            java.util.List<Long> all = new java.util.ArrayList<>();
            int flags = ferrite.kernel.base.Gfp.GFP_HIGHUSER | ferrite.kernel.base.Gfp.__GFP_NORETRY
                    | ferrite.kernel.base.Gfp.__GFP_NOWARN;
            for (long page = kernel.calls().allocPage(flags); page != 0; page = kernel.calls().allocPage(flags)) {
                all.add(page);
            }
            int written = kernel.files().write(file, buffer, pattern.length);
            int more = kernel.files().write(file, buffer, pattern.length - 100);
            all.forEach(page -> kernel.calls().__freePage(page));
            kernel.files().close(file);
            kernel.calls().kfree(buffer);
            check(written == pattern.length, "page by page of the pool, " + written);
            check(more == pattern.length - 100, "and more, " + more);
        });
        assertThat(Arrays.copyOf(Files.readAllBytes(to), 8192)).isEqualTo(pattern);
        assertThat(run).hasNoViolations();
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** The drivers' state is in RAM and in the devices: a new kernel finds it, and so does one of a snapshot. */
    @Test
    void theDevicesWorkForAKernelThatAttachesAndAfterASnapshot(Machines machines) throws Exception {
        Path from = Disks.random(directory, BYTES);
        Path keys = Files.writeString(directory.resolve("typed"), "first\nsecond\n");
        MachineRun run = machines.boot(options -> options.virtioDisk(readOnly(from)).virtio(VirtioKind.ENTROPY)
                .virtio(VirtioKind.CONSOLE).serialInput(keys).harts(2));
        String[] all = {"dd if=/dev/vda bs=64K | sha256sum", "dd if=/dev/hwrng bs=64 count=1 | sha256sum",
            "echo sent > /dev/hvc0"};
        run.type(all);
        run.board().reattach();
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        String once = run.forgetOutput().type(all).out();
        assertThat(once).startsWith(Tools.sha256(from));
        run.board().restore(snapshot);
        assertThat(run.forgetOutput().type(all).out()).isEqualTo(once);
        run.type("head -n 1 /dev/hvc0");
        assertThat(run.out()).endsWith("first\n");
        assertThat(run).hasNoViolations();
    }

    // ---- the others ----

    @Test
    void randomBytesAreThoseOfTheSeed(Machines machines) throws Exception {
        String[] outputs = new String[3];
        for (int i = 0; i < outputs.length; i++) {
            int seed = i == 2 ? 8 : 7;
            MachineRun run = machines.boot(options -> options.virtio(VirtioKind.ENTROPY).seed(seed));
            run.type("dd if=/dev/hwrng bs=3000 count=2 iflag=fullblock | sha256sum",
                    "dd if=/dev/hwrng of=/dev/null bs=100 count=3 &",
                    "dd if=/dev/hwrng of=/dev/null bs=100 count=3 &", "wait");
            assertThat(run.err()).contains("6000 bytes copied").contains("300 bytes copied");
            assertThat(run).hasNoViolations().hasNoLeaks();
            outputs[i] = run.out();
        }
        assertThat(outputs[1]).isEqualTo(outputs[0]).hasSizeGreaterThan(64);
        assertThat(outputs[2]).isNotEqualTo(outputs[0]);
    }

    /** Lines that are edited; and, once, more bytes than buffers and ring hold, while no program reads. */
    @ParameterizedTest
    @CsvSource({"RR, 5, on, ON", "RANDOM, 170, off, ON", "PCT, 5, on, FORCE"})
    void aProgramHasATerminalOnTheConsole(Interleavings interleaving, int count, String eventIdx, Swiotlb.Mode swiotlb,
            Machines machines) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("line ").append(i).append(" of what is typed\n");
        }
        Path keys = Files.write(directory.resolve("typed"),
                ("helxo\177\177lo\r" + lines).getBytes(StandardCharsets.ISO_8859_1));
        MachineRun run = machines.boot(options -> options.virtio(VirtioKind.CONSOLE).serialInput(keys)
                .interleaving(interleaving).swiotlb(swiotlb).parameter("virtio-mmio.event_idx", eventIdx));
        run.type("echo what is sent > /dev/hvc0", "sleep 3 < /dev/hvc0 &", "sleep 2",
                "head -n " + (count + 1) + " /dev/hvc0");
        assertThat(run.serial()).startsWith("what is sent\nhelxo\b \b\b \blo\nline 0");
        assertThat(run.out()).isEqualTo("hello\n" + lines);
        assertThat(run).hasNoViolations();
    }
}
