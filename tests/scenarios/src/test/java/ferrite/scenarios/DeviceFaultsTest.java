package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.clock.Clock;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --fault}: each kind on each device, and how the driver recovers. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class DeviceFaultsTest {

    private static final int BYTES = 64 << 10;
    private static final long SECOND = 1_000_000L * Clock.TICKS_PER_MICROSECOND;

    @TempDir
    private Path directory;
    private Path from;
    private Path to;

    /** Boots a machine with two disks of each kind, of which the first ones are full of random bytes. */
    private MachineRun boot(Machines machines, long seed, String... faults) throws IOException {
        from = Disks.random(directory, BYTES);
        to = Files.write(directory.resolve("to"), new byte[BYTES]);
        Path other = Files.write(directory.resolve("other"), new byte[BYTES]);
        return machines.boot(options -> {
            options.seed(seed).disk(new BoardOptions.DiskFile(from, true)).disk(other)
                    .virtioDisk(new BoardOptions.DiskFile(from, true)).virtioDisk(to);
            for (String fault : faults) {
                MachineOptions.set(options, "--fault", fault);
            }
            return options;
        });
    }

    private static String read(String device) {
        return "dd if=/dev/" + (device.equals("disk") ? "disk0" : device) + " bs=64K count=1 | sha256sum";
    }

    private String line() throws IOException, InterruptedException {
        return Tools.sha256(from) + "  -\n";
    }

    private static String log(MachineRun run) {
        return run.forgetOutput().type("dmesg").out();
    }

    @ParameterizedTest
    @CsvSource({"vda, vda: request of type 0 at sector 0 failed", "disk, disk0: request at sector 0 failed"})
    void anErrorFailsTheReadAndNotTheNextOne(String device, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, device + "=error@1");
        run.type(read(device), read(device));
        assertThat(run.err()).contains("Input/output error");
        assertThat(run.out()).endsWith(line());
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @CsvSource({"vda, short, answered with 32768 bytes of 65537", "disk, short, 32768 bytes of 65536 were not moved",
        "vda, lost, vda: an interrupt was lost", "disk, lost, disk0: an interrupt was lost"})
    void aShortTransferIsMadeOnceMoreAndALostInterruptIsFound(String device, String kind, String message,
            Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, device + "=" + kind + "@1");
        run.type(read(device));
        assertThat(run.out()).isEqualTo(line());
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vda", "disk"})
    void aTransferThatIsAlwaysTooShortFails(String device, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, device + "=short@1+");
        run.type(read(device));
        assertThat(run.err()).contains("Input/output error");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vda", "disk"})
    void spuriousInterruptsChangeNothingAndASlowRequestIsAwaited(String device, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, device + "=spurious@1", device + "=slow@2");
        run.type(read(device));
        assertThat(run.board().machine().clock().now()).isLessThan(SECOND);
        run.type(read(device));
        assertThat(run.board().machine().clock().now()).isGreaterThan(SECOND);
        assertThat(run.out()).isEqualTo(line() + line());
        assertThat(log(run)).doesNotContain("lost", "reset");
        assertThat(run).hasNoViolations();
    }

    /** No driver can notice it: a check of the data can. */
    @ParameterizedTest
    @ValueSource(strings = {"vda", "disk"})
    void wrongDataIsReadOnce(String device, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, device + "=wrong@1");
        run.type(read(device), read(device));
        assertThat(run.out()).doesNotStartWith(line()).endsWith(line());
        assertThat(run).hasNoViolations();
    }

    @Test
    void anOverrunIsReportedAtTheDevice(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "vda=overrun@2");
        run.type(read("vda"));
        assertThat(run).hasNoViolations();
        run.type(read("vda"));
        assertThat(run).hasViolation("dma-stray-access");
        assertThat(run.violations().get(0).summary()).startsWith("virtio0 writes 8 bytes");
    }

    @ParameterizedTest
    @CsvSource({"vda, vda: the device does not start again", "disk, disk0: the controller is gone"})
    void aDeviceThatIsPulledOutFailsTheReadsFromThenOn(String device, String message, Machines machines)
            throws Exception {
        MachineRun run = boot(machines, 1, device + "=removed@2");
        run.type(read(device));
        assertThat(run.out()).isEqualTo(line());
        run.type(read(device) + " &", read(device) + " &", "wait", read(device));
        assertThat(run.err().split("No such device", -1)).hasSize(4);
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The second request begins as the first one's interrupt is raised, which nobody can acknowledge any more. */
    @Test
    void aDeviceThatIsPulledOutTakesItsInterruptAway(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "vda=removed@2");
        run.type("echo 0 > /sys/block/vda/queue/read_ahead_kb", "dd if=/dev/vda bs=32K count=1 &",
                "dd if=/dev/vda bs=32K skip=1 &", "wait");
        assertThat(log(run)).contains("vda: the device does not start again").doesNotContain("nobody cared");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    // ---- the copy engine: a chain for the write, and one for the read ----

    private static final String WRITE_COPIER = "dd if=/dev/vda of=/dev/copier bs=64K";
    private static final String READ_COPIER = "dd if=/dev/copier bs=64K | sha256sum";

    @ParameterizedTest
    @CsvSource({"short@1, a transfer was too short", "lost@1, an interrupt was lost", "lost@2, an interrupt was lost",
        "spurious@1+, 32 address bits", "slow@1, 32 address bits"})
    void theCopyEnginesDriverRecovers(String fault, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "copier=" + fault);
        run.type(WRITE_COPIER, READ_COPIER);
        assertThat(run.out()).isEqualTo(line());
        assertThat(log(run)).contains("copier: " + message);
        assertThat(run).hasNoViolations();
    }

    @ParameterizedTest
    @CsvSource({"error@1, error 3 at bus address", "short@1+, after 2048 bytes"})
    void aCopyThatFailsSaysSo(String fault, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "copier=" + fault);
        run.type(WRITE_COPIER);
        assertThat(run.err()).contains("error writing '/dev/copier': Input/output error");
        assertThat(log(run)).contains("copier: ").contains(message);
        assertThat(run).hasNoViolations();
    }

    @Test
    void wrongDataOfTheCopyEngineIsWrongOnce(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "copier=wrong@2");
        run.type(WRITE_COPIER, READ_COPIER, READ_COPIER);
        assertThat(run.out()).doesNotStartWith(line()).endsWith(line());
        assertThat(run).hasNoViolations();
    }

    @Test
    void anOverrunOfTheCopyEngineIsReported(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "copier=overrun@1");
        run.type(WRITE_COPIER);
        assertThat(run).hasViolation("dma-stray-access");
    }

    /** Also for a task whose copy waits for the first one. */
    @Test
    void aCopyEngineThatIsPulledOutFailsAllCopies(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "copier=removed@2");
        run.type(WRITE_COPIER, READ_COPIER + " &", READ_COPIER + " &", "wait", READ_COPIER);
        assertThat(run.err().split("Input/output error", -1)).hasSize(4);
        assertThat(log(run)).contains("copier: the engine is gone");
        assertThat(run).hasNoViolations();
    }

    // ---- writes ----

    /** Errors and short transfers of writes; the third write of each has none. */
    @Test
    void aWriteThatFailsSaysSoAndTheNextOneArrives(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "vdb=error@1", "vdb=short@2", "vdb=lost@3");
        String write = "dd if=/dev/vda of=/dev/vdb bs=64K";
        run.type(write, write);
        assertThat(run.err().split("error writing '/dev/vdb': Input/output error", -1)).hasSize(3);
        run.type(write);
        assertThat(Files.readAllBytes(to)).isEqualTo(Files.readAllBytes(from));
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void aVirtioDiskInterruptsAgainAfterALostInterrupt(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "vdb=lost@1");
        String write = "dd if=/dev/vda of=/dev/vdb bs=64K";
        run.type(write, write, write);
        assertThat(log(run).split("vdb: an interrupt was lost", -1)).hasSize(2);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The first disk's requests count too: one reads it. */
    @Test
    void aShortWriteToADiskIsMadeOnceMore(Machines machines) throws Exception {
        MachineRun run = boot(machines, 1, "disk=short@1", "disk=lost@2");
        run.type("dd if=/dev/vda of=/dev/disk1 bs=64K", "dd if=/dev/disk1 bs=64K | sha256sum");
        assertThat(run.out()).isEqualTo(line());
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void aProbabilityIsDecidedByTheSeed(Machines machines) throws Exception {
        String[] outputs = new String[3];
        for (int i = 0; i < outputs.length; i++) {
            MachineRun run = boot(machines, i == 2 ? 8 : 7, "vda=wrong@40%");
            run.type("dd if=/dev/vda bs=512 count=40 | sha256sum");
            outputs[i] = run.out();
        }
        assertThat(outputs[1]).isEqualTo(outputs[0]).hasSizeGreaterThan(64);
        assertThat(outputs[2]).isNotEqualTo(outputs[0]);
    }
}
