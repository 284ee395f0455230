package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.base.AddressSpace;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs map {@code scullp scullv sculld simple} (LDD3 chapter 15); the mistakes of {@code faulty} (chapter 4). */
@Machine(ram = "64M", harts = 2)
class BookMappingTest {

    private static final Path IMAGES = Path.of("../../firmware-images/user/images");

    @TempDir
    private static Path root;

    @BeforeAll
    static void fillRoot() throws IOException {
        Files.createDirectories(root.resolve("bin"));
        for (String name : List.of("mapper", "checks")) {
            Path program = Files.write(root.resolve("bin").resolve(name),
                    Files.readAllBytes(IMAGES.resolve(name + ".elf")));
            assertThat(program.toFile().setExecutable(true)).isTrue();
        }
    }

    private static MachineRun boot(Machines machines) throws IOException {
        return machines.boot(options -> options.root(root));
    }

    /** A store through a mapping is read from the file, and a write to the file is seen in a mapping. */
    @ParameterizedTest
    @CsvSource({"scullp, ''", "scullv, ''", "scullv, scullv_order=0 scullv_qset=1", "sculld, sculld_qset=1"})
    void aMappingAndTheFileAreTheSameBytes(String driver, String parameters, Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        String file = "/dev/" + driver + "0";
        machine.type("insmod " + driver + " " + parameters, "dd if=/dev/zero of=" + file + " bs=4096 count=3",
                "echo hello >> " + file, "/bin/mapper read " + file + " 3", "/bin/mapper write " + file + " 2 mapped",
                "dd if=" + file + " bs=4096 skip=2 count=1", "/bin/mapper fork " + file + " 2");
        assertThat(machine.out()).startsWith("hello\n\nmapped\nmapped\0").endsWith("Capped\n");
        machine.forgetOutput().type("/bin/mapper reread " + file + " 3");
        assertThat(machine.out()).as("a read into its own mapping").isEqualTo("read: 8\nhello\n\n");
        machine.forgetOutput().type("/bin/mapper read " + file + " 4", "/bin/mapper read " + file + " 9");
        assertThat(machine.err()).as("past the end: SIGBUS").contains("ended by signal 7");
        machine.forgetOutput().type("/bin/mapper empty " + file + " 2", "cat /proc/" + driver + "mem");
        assertThat(machine.out()).as("a mapped device is not emptied").startsWith("Capped\n\nDevice 0: qset ")
                .contains(", sz 12294\n");
        machine.forgetOutput().type("echo x > " + file, "cat " + file, "rmmod " + driver);
        assertThat(machine.out()).as("near miss: after the mapping has ended").isEqualTo("x\n");
        assertThat(machine.err()).isEmpty();
        assertThat(machine).hasNoViolations();
    }

    /** LDD3 pages 437-441: the driver tells the results later, also those that the program's end waits for. */
    @Test
    void aProgramReadsAndWritesAsynchronously(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("insmod scullp", "insmod sculld", "/bin/checks aio /dev/scullp0", "/bin/checks aio /dev/sculld0",
                "cat /dev/scullp0", "rmmod scullp", "rmmod sculld");
        assertThat(machine.out()).isEqualTo("well: 28 checks of /dev/scullp0\nwell: 28 checks of /dev/sculld0\n"
                + "hellothere");
        assertThat(machine.err()).isEmpty();
        assertThat(machine).hasNoViolations();
    }

    /** The program says so, and does not wait for results that cannot come. */
    @Test
    void aDeviceWithoutAsynchronousOperationsIsToldInASentence(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("insmod scullc", "/bin/checks aio /dev/scullc0", "rmmod scullc");
        assertThat(machine.out()).isEqualTo("/dev/scullc0 has no asynchronous I/O: io_submit fails with EINVAL\n");
        assertThat(machine.failedCommands()).isEqualTo(1);
        assertThat(machine).hasNoViolations();
    }

    @Test
    void largerBlocksAndOtherMemoryCannotBeMapped(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("insmod scullp scullp_order=1", "insmod scullc", "echo x > /dev/scullp0", "echo x > /dev/scullc0",
                "/bin/mapper read /dev/scullp0 0", "/bin/mapper read /dev/scullc0 0", "rmmod scullp", "rmmod scullc");
        assertThat(machine.out()).isEqualTo("mmap: error 19\nmmap: error 19\n");
        assertThat(machine.err()).isEmpty();
        assertThat(machine).hasNoViolations();
    }

    /** The boot-time memory of bigbuf begins at 11 MiB, frame 2816 of physical memory. */
    @Test
    void simpleMapsPhysicalMemory(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> options.root(root).link("bigbuf"));
        machine.type("insmod simple", "echo physical > /dev/bigbuf", "/bin/mapper read /dev/simpler 2816",
                "/bin/mapper read /dev/simplen 2816", "/bin/mapper write /dev/simpler 2816 remapped",
                "/bin/mapper fork /dev/simplen 2816", "dd if=/dev/bigbuf bs=8 count=1", "dmesg");
        assertThat(machine.out()).startsWith("physical\n\nphysical\n\nremapped\nCemapped\nCemapped")
                .contains("Simple VMA close.");
        machine.forgetOutput().type("insmod scullp", "echo ram > /dev/scullp0", "cat /proc/scullpmem");
        String quantum = machine.out().replaceAll("(?s).* 0: 0x(\\w+)\n.*", "$1");
        long frame = Long.parseLong(quantum, 16) - AddressSpace.PAGE_OFFSET >> AddressSpace.PAGE_SHIFT;
        machine.forgetOutput().type("/bin/mapper fork /dev/simplen " + frame, "cat /dev/scullp0", "rmmod scullp");
        assertThat(machine.out()).as("a page with references").isEqualTo("Cam\n\nCam\n");
        machine.forgetOutput().type("/bin/mapper read /dev/simplen 999999");
        assertThat(machine.err()).as("there is no such memory: SIGBUS").contains("ended by signal 7");
        machine.forgetOutput().type("rmmod simple");
        assertThat(machine.err()).isEmpty();
        assertThat(machine).hasNoViolations();
    }

    @Test
    void faultyIsTold(MachineRun machine) {
        machine.type("insmod faulty", "echo x > /dev/faulty", "cat /dev/faulty", "dmesg", "rmmod faulty");
        assertThat(machine.violations()).extracting(Violation::rule)
                .contains("kernel-oops", "stack-overrun", "stack-use-after-return");
        assertThat(machine.out())
                .contains("Oops: unable to handle kernel store page fault at virtual address 0x00000000")
                .containsPattern("in task \\d+ 'echo' on hart \\d, at FaultyDriver.java:\\d+");
        assertThat(machine.err()).contains("the command was ended by an error in the kernel or a driver");
    }
}
