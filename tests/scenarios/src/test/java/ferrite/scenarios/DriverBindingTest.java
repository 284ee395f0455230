package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk loses its driver and gets it again, while its files are used. */
@Machine(ram = "64M")
class DriverBindingTest {

    private static final String DISK = "disk@f0050000";
    private static final String DRIVERS = "/sys/bus/platform/drivers/";

    @TempDir
    private Path directory;

    private MachineRun boot(Machines machines) throws IOException {
        Path disk = Disks.random(directory, 4 << 20);
        return machines.boot(options -> options.readOnlyDisk(disk));
    }

    private static String write(String text, String file) {
        return "echo " + text + " > " + file;
    }

    @Test
    void aDiskIsUnboundAndBoundAgain(Machines machines) throws IOException {
        MachineRun run = boot(machines);
        run.type("sha256sum /dev/disk0", write(DISK, DRIVERS + "disk/unbind"), "ls /dev",
                "cat /dev/disk0", write(DISK, DRIVERS + "disk/bind"));
        assertThat(run.err()).isEqualTo("cat: /dev/disk0: No such file or directory\n");
        assertThat(run.out()).contains("console\ncopier\nfull\n");
        String sum = run.out().lines().findFirst().orElseThrow();
        run.forgetOutput().type("sha256sum /dev/disk0", "ls " + DRIVERS + "disk " + DRIVERS + "console");
        assertThat(run.out()).startsWith(sum).contains("bind\n" + DISK + "\nunbind\n").contains("console@f0060000")
                .containsOnlyOnce("unbind");
        assertThat(run).hasNoViolations();
    }

    /** The file's next request fails; its buffer and the driver's record are freed when it is closed. */
    @Test
    void aFileThatIsOpenFailsAfterItsDiskWasUnboundAndFreesTheRecord(Machines machines) throws IOException {
        MachineRun run = boot(machines);
        run.type("sha256sum /dev/disk0 &", "sleep 0.02", write(DISK, DRIVERS + "disk/unbind"), "wait",
                write(DISK, DRIVERS + "disk/bind"), "sha256sum /dev/disk0");
        assertThat(run.err()).isEqualTo("sha256sum: /dev/disk0: No such device\n");
        assertThat(run.out()).contains("  /dev/disk0\n");
        assertThat(run.leaks()).isEmpty();
        assertThat(run).hasNoViolations();
    }
}
