package ferrite.testkit;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Board;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@Machine(ram = "32M", harts = 2, seed = 3, interleaving = Interleavings.RANDOM)
class MachineExtensionTest {

    private static final String DISK = "target/testkit-disk.img";

    @BeforeAll
    static void makeADisk() throws IOException {
        Files.createDirectories(Path.of("target"));
        Files.write(Path.of(DISK), new byte[4096]);
    }

    @Test
    void theMachineIsTheOneThatTheClassDescribes(MachineRun run, ferrite.hardware.Machine machine, Kernel kernel, Board board) {
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

    /** A command that is cut short in the middle holds its buffers. */
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
                .hasMessageContaining("16 pages at frame").hasMessageContaining("'cat' with GFP_DMA").hasMessageContaining("task 2 'cat'");
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
    @Machine(ram = "64M", harts = 3, seed = 9, disks = DISK, parameters = "disk.gfp=GFP_DMA")
    void theReplayLineNamesTheMachineAndWhatWasTyped(MachineRun machine) throws NoSuchMethodException {
        machine.type("echo it's", "ps");
        Machine description = MachineExtensionTest.class
                .getDeclaredMethod("theReplayLineNamesTheMachineAndWhatWasTyped", MachineRun.class).getAnnotation(Machine.class);
        assertThat(MachineExtension.replay(description, machine)).isEqualTo("ferrite run --ram 64M --harts 3 --seed 9 --interleaving rr"
                + " --dma fault --disk " + DISK + " -o disk.gfp=GFP_DMA -c 'echo it'\\''s; ps'");
    }
}
