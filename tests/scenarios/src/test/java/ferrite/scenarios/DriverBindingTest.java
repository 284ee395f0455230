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

    private static final String TAKER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Taker implements Driver {
                public String name() { return "taker"; }
                public List<String> compatible() { return List.of("ferrite,disk"); }
                public void link(KernelCalls kernel, TextTable.Module text) { }
                public int probe(Device device) { return 0; }
            }
            """;

    @Test
    void aDiskThatIsLeftAloneAtBootIsProbedByALoadedDriver(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.parameter("disk.driver", "none"));
        Path jar = DriverJar.build(directory, "Taker", TAKER, "Taker");
        run.type("ls " + DRIVERS + "disk", "insmod " + jar, "ls " + DRIVERS + "taker", "rmmod taker",
                write(DISK, DRIVERS + "disk/bind"), "ls " + DRIVERS + "disk",
                write(DISK, DRIVERS + "disk/unbind"), "insmod " + jar, "ls " + DRIVERS + "taker");
        String bound = "bind\n" + DISK + "\nunbind\n";
        assertThat(run.out()).isEqualTo("bind\nunbind\n" + bound + bound + bound);
        assertThat(run).hasNoViolations();
        assertThat(run.replay()).contains(" -o disk.driver=none ");
    }

    private static final String KEEPER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Keeper implements Driver {
                private KernelCalls kernel;

                public String name() { return "keeper"; }
                public List<String> compatible() { return List.of("riscv,aclint-mswi"); }
                public void link(KernelCalls theKernel, TextTable.Module text) { kernel = theKernel; }
                public int probe(Device device) {
                    return ALLOCATE == 0 ? -Errno.ENOMEM : 0;
                }
            }
            """;

    /** Loads a driver that allocates memory in its probe, and unbinds it. */
    private MachineRun unbindKeeper(Machines machines, String allocate) throws IOException {
        MachineRun run = machines.boot();
        Path jar = DriverJar.build(directory, "Keeper", KEEPER.replace("ALLOCATE", allocate), "Keeper");
        run.type("insmod " + jar, "ls " + DRIVERS + "keeper", write("mswi@f0010000", DRIVERS + "keeper/unbind"));
        assertThat(run.out()).isEqualTo("bind\nmswi@f0010000\nunbind\n");
        return run;
    }

    @Test
    void memoryThatADriverKeepsWhenItIsUnboundIsReported(Machines machines) throws IOException {
        MachineRun run = unbindKeeper(machines, "kernel.kmalloc(100, Gfp.GFP_KERNEL)");
        assertThat(run.violations()).singleElement().satisfies(violation -> assertThat(violation.summary()).matches(
                "keeper still held 100 bytes of kmalloc memory at 0x\\w+, taken at Keeper.java:12 by .* "
                        + "when it was unbound from mswi@f0010000"));
    }

    @Test
    void managedMemoryIsNotReported(Machines machines) throws IOException {
        MachineRun run = unbindKeeper(machines, "kernel.devmKmalloc(device.dev(), 100, Gfp.GFP_KERNEL)");
        run.type(write("mswi@f0010000", DRIVERS + "keeper/bind"), "rmmod keeper");
        assertThat(run.err()).isEmpty();
        assertThat(run).hasNoViolations();
    }
}
