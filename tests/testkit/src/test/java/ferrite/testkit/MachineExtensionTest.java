package ferrite.testkit;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.options.BoardOptions;
import ferrite.board.wiring.Board;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.model.DeviceBuilder;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

@Machine(ram = "32M", harts = 2, seed = 3, interleaving = Interleavings.RANDOM)
class MachineExtensionTest {

    private static final String DISK = "target/testkit-disk.img";
    private static final String LAMP = "target/testkit-lamp.jar";

    @BeforeAll
    static void makeADisk() throws IOException {
        Files.createDirectories(Path.of("target"));
        Files.write(Path.of(DISK), new byte[4096]);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Ferrite-Device", Lamp.class.getName());
        try (OutputStream jar = Files.newOutputStream(Path.of(LAMP))) {
            new JarOutputStream(jar, manifest).close();
        }
    }

    /** The model in the jar. Its class is on the test's class path. */
    public static final class Lamp implements DeviceModel {

        @Override
        public void build(DeviceBuilder device) {
            device.name("lamp").compatible("example,lamp");
            device.register("LIT", 0, 4, RegisterAccess.RW)
                    .reset(Integer.parseInt(device.parameter("lit", "0", "whether it is on at first")));
        }
    }

    @Test
    @Machine(ram = "32M", devices = {LAMP + ",lit=1", LAMP + ",at=0xf0200000"})
    void devicesInJarsAndInTestsArePluggedIn(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.device(new Lamp(), "lit=3").device(device -> {
            device.name("button").compatible("example,button");
            device.register("PRESSED", 0, 1, RegisterAccess.RO);
        }));
        run.type("ls /sys/bus/platform/devices");
        assertThat(run.out()).contains("lamp@f0100000\nlamp@f0110000\nlamp@f0200000\n").contains("button@f0120000\n");
        assertThat(run.board().machine().bus().peek(0xf010_0000L, 4)).isEqualTo(1);
        assertThat(run.board().machine().bus().peek(0xf020_0000L, 4)).isZero();
        assertThat(run.board().machine().bus().peek(0xf011_0000L, 4)).isEqualTo(3);
        assertThatThrownBy(() -> machines.boot(options -> options.device(new Lamp(), "colour=red")))
                .hasMessageContaining("the device lamp has no parameter colour; there is lit");
    }

    @Test
    void theMachineIsTheOneThatTheClassDescribes(MachineRun run, ferrite.hardware.Machine machine,
            Kernel kernel, Board board) {
        assertThat(machine.harts()).hasSize(2);
        assertThat(machine.bus().ram().bytes()).isEqualTo(32 << 20);
        assertThat(run.board()).isSameAs(board);
        assertThat(board.kernel()).isSameAs(kernel);
        assertThat(board.machine()).isSameAs(machine);
    }

    @Test
    @Machine(ram = "8M", harts = 1)
    void theMethodsDescriptionGoesBeforeTheClasss(ferrite.hardware.Machine machine) {
        assertThat(machine.harts()).hasSize(1);
    }

    @Test
    void aCommandThatGivesEverythingBackLeaksNothing(MachineRun machine) {
        machine.type("echo hello", "cat /proc/meminfo", "ps");
        assertThat(machine.out()).startsWith("hello\n");
        assertThat(machine).hasNoViolations().hasNoLeaks();
    }

    /** Ends a command's run in the middle, while it holds its buffers. */
    @Test
    @Machine(ram = "64M", disks = DISK)
    void memoryThatIsNotGivenBackIsALeakWithItsOwner(MachineRun run, ferrite.hardware.Machine machine) {
        assertThat(run).hasNoLeaks();
        run.board().console().input("cat /dev/disk0");
        while (run.leaks().stream().noneMatch(leak -> leak.contains("DiskDriver.java"))) {
            machine.turn().limitInstructions(machine.clock().instructions() + 500);
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        }
        assertThatThrownBy(() -> assertThat(run).hasNoLeaks()).isInstanceOf(AssertionError.class)
                .hasMessageContaining("16 pages at frame").hasMessageContaining("'cat' with GFP_DMA")
                .hasMessageContaining("task 3 'cat'");
    }

    @Test
    void aCommandThatFailsLeaksNothingEither(MachineRun machine) {
        machine.type("cat /dev/nothing");
        assertThat(machine).hasNoLeaks();
        assertThat(machine.failedCommands()).isEqualTo(1);
    }

    @Test
    @Machine(ram = "64M", disks = DISK, parameters = "disk.gfp=GFP_KERNEL", dma = DmaPolicy.FAULT)
    void aBrokenRuleIsSeen(MachineRun machine) {
        machine.type("sha256sum /dev/disk0");
        assertThat(machine).hasViolation("dma-above-reach").hasNoLeaks();
        assertThatThrownBy(() -> assertThat(machine).hasNoViolations())
                .isInstanceOf(AssertionError.class).hasMessageContaining("DiskDriver.java");
        assertThatThrownBy(() -> assertThat(machine).hasViolation("another-rule"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("dma-above-reach");
    }

    @Test
    @Machine(ram = "64M", harts = 3, seed = 9, disks = DISK + ",ro", parameters = "disk.gfp=GFP_DMA", owners = false)
    void theReplayLineNamesTheMachineAndWhatWasTyped(MachineRun machine) {
        machine.type("echo it's", "ps");
        assertThat(machine.replay()).isEqualTo("ferrite run --harts 3 --ram 64M --seed 9 --owners off"
                + " --disk " + DISK + ",ro -o disk.gfp=GFP_DMA -c 'echo it'\\''s; ps'");
    }

    @Test
    @Machine(ram = "32M", harts = 2, seed = 3)
    void aTestMayBootSeveralMachinesThatDifferFromTheDescription(Machines machines, @TempDir Path directory)
            throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[512]);
        MachineRun plain = machines.boot();
        MachineRun changed = machines.boot(options -> options.harts(1).disk(disk));
        MachineRun plainToo = machines.boot();
        assertThat(plain.board().machine().harts()).hasSize(2);
        assertThat(changed.board().machine().harts()).hasSize(1);
        assertThat(changed.board().machine().bus().ram().bytes()).isEqualTo(32 << 20);
        assertThat(plain.type("ls /dev", "digest").out()).doesNotContain("disk0")
                .isEqualTo(plainToo.type("ls /dev", "digest").out());
        assertThat(changed.type("ls /dev").out()).contains("disk0");
        assertThat(machines.explanation()).isEqualTo("again: " + plain.replay() + System.lineSeparator() + "again: "
                + changed.replay() + System.lineSeparator() + "again: " + plainToo.replay() + System.lineSeparator());
        assertThat(changed.replay()).contains("--harts 1").contains("--disk " + disk);
    }

    @Test
    void whatNoCommandLineNamesIsToldAndTheTestRepeatsIt(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.driver(new KeepingDriver()).device(new Lamp(), "lit=2"));
        run.interruptAfter(10).type("ls");
        assertThat(run.replay()).isEqualTo("ferrite run --harts 2 --ram 32M --seed 3 --interleaving random -c ls    "
                + "# without the driver ferrite.testkit.KeepingDriver, the device "
                + Lamp.class.getName() + ",lit=2, the interrupt key 10 events after line 0: only the test repeats it");
        assertThat(machines.explanation()).isEqualToNormalizingNewlines("again: mvn test -Dtest='"
                + MachineExtensionTest.class.getName() + "#whatNoCommandLineNamesIsToldAndTheTestRepeatsIt'\n       "
                + run.replay() + "\n");
    }

    /** A driver that breaks the machine while it boots, after a message. */
    private static final class PanickingDriver implements Driver {

        @Override
        public String name() {
            return "panicking";
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) {
            kernel.printk("about to go wrong\n");
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void aMachineThatDoesNotBootIsClosedAndTellsItsLogAndItsReplayLine(@TempDir Path directory) throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[512]);
        BoardOptions options = new BoardOptions().ram(32 << 20).disk(disk).driver(new PanickingDriver());
        assertThatThrownBy(() -> MachineRun.start(options)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("on purpose").hasMessageContaining("mini-kernel, boot hart 0")
                .hasMessageContaining("about to go wrong")
                .hasMessageContaining("again: ferrite run --ram 32M --seed 1 --disk " + disk);
        assertThatThrownBy(() -> MachineRun.start(new BoardOptions().ram(32 << 20).disk(disk)
                .root(directory.resolve("nowhere")))).isInstanceOf(IOException.class);
        try (MachineRun run = MachineRun.start(new BoardOptions().ram(32 << 20).disk(disk))) {
            assertThat(run.failedCommands()).as("the disk is free again").isZero();
        }
    }

    @Test
    void usersOfTestkitGetNeitherNettyNorJLineNorPicocliNorJackson() {
        for (String name : List.of("io.netty.channel.Channel", "org.jline.reader.LineReader", "picocli.CommandLine",
                "com.fasterxml.jackson.core.JsonFactory")) {
            assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
        }
    }

    /** Only {@link #machinesAreClosedAfterTheTestAndAFailureSaysHowToRepeatThem} gives this class to JUnit. */
    static class Failing {

        private static final List<MachineRun> RUNS = new ArrayList<>();

        @Test
        @Machine(ram = "8M", harts = 1)
        void fails(MachineRun one, Machines machines) throws IOException {
            RUNS.add(one);
            RUNS.add(machines.boot());
            one.type("nonsense");
            throw new IllegalStateException("as it should");
        }
    }

    @Test
    void machinesAreClosedAfterTheTestAndAFailureSaysHowToRepeatThem() {
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(Failing.class)).build(), summary);
            assertThat(summary.getSummary().getTestsFailedCount()).isEqualTo(1);
        } finally {
            System.setErr(err);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("nonsense: command not found")
                .contains("again: ferrite run --harts 1 --ram 8M --seed 1 -c nonsense");
        assertThat(Failing.RUNS).hasSize(2);
        Failing.RUNS.forEach(run -> assertThatThrownBy(() -> run.type("ps")).isInstanceOf(IllegalStateException.class));
    }
}
