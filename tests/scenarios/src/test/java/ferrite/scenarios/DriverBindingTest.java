package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Disks lose their drivers and get them again, while their files are used. */
@Machine(ram = "64M")
class DriverBindingTest {

    private static final String DISK = "disk@f0050000";
    private static final String VIRTIO = "virtio_mmio@f00c0000";
    private static final String DRIVERS = "/sys/bus/platform/drivers/";

    @TempDir
    private Path directory;

    private MachineRun boot(Machines machines, String file) throws IOException {
        Path disk = Disks.random(directory, 4 << 20);
        return machines.boot(options -> file.equals("disk0") ? options.readOnlyDisk(disk)
                : options.virtioDisk(new BoardOptions.DiskFile(disk, true)));
    }

    private static String write(String text, String file) {
        return "echo " + text + " > " + file;
    }

    @ParameterizedTest
    @CsvSource({"disk0, disk, " + DISK, "vda, virtio-mmio, " + VIRTIO})
    void aDiskIsUnboundAndBoundAgain(String file, String driver, String device, Machines machines) throws IOException {
        MachineRun run = boot(machines, file);
        run.type("sha256sum /dev/" + file, write(device, DRIVERS + driver + "/unbind"), "ls /dev",
                "cat /dev/" + file, write(device, DRIVERS + driver + "/bind"));
        assertThat(run.err()).isEqualTo("cat: /dev/" + file + ": No such file or directory\n");
        assertThat(run.out()).contains("console\ncopier\nfull\n");
        String sum = run.out().lines().findFirst().orElseThrow();
        run.forgetOutput().type("sha256sum /dev/" + file, "ls " + DRIVERS + driver + " " + DRIVERS + "console");
        assertThat(run.out()).startsWith(sum).contains("\n" + device + "\n").contains("console@f0060000")
                .containsOnlyOnce("unbind");
        assertThat(run).hasNoViolations();
    }

    /** The file's next request fails; its buffer and the driver's record are freed when it is closed. */
    @ParameterizedTest
    @CsvSource({"disk0, disk, 0.02, " + DISK, "vda, virtio-mmio, 0.002, " + VIRTIO})
    void aFileThatIsOpenFailsAfterItsDiskWasUnboundAndFreesTheRecord(String file, String driver, String time,
            String device, Machines machines) throws IOException {
        MachineRun run = boot(machines, file);
        run.type("sha256sum /dev/" + file + " &", "sleep " + time, write(device, DRIVERS + driver + "/unbind"), "wait",
                write(device, DRIVERS + driver + "/bind"), "sha256sum /dev/" + file);
        assertThat(run.err()).isEqualTo("sha256sum: /dev/" + file + ": No such device\n");
        assertThat(run.out()).contains("  /dev/" + file + "\n");
        run.type(write(device, DRIVERS + driver + "/unbind"));
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
