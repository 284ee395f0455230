package ferrite.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bare program in a test. The program reads one line by polling, and one by interrupts. */
@Timeout(60)
class BootRunTest {

    private static final Path SERIAL = program("serial");

    private BootRun run;

    private static Path program(String name) {
        return Path.of("../../firmware-images/programs/images/" + name + "-virt.elf");
    }

    private BootRun start(Path program) throws IOException {
        run = BootRun.start(BoardOptions.ofBoot().ram(16 << 20).harts(1), program);
        return run;
    }

    @AfterEach
    void close() {
        run.close();
    }

    @Test
    void linesAreTypedWhenTheProgramReadsThem() throws IOException {
        start(SERIAL).waitForLine("an empty transmitter interrupts");
        run.typeLine("first é");
        assertThat(run.waitForLine("polled")).isEqualTo("polled: first é");
        run.type("sec").typeLine("ond");
        assertThat(run.waitForLine("by")).isEqualTo("by interrupts: second");
        assertThat(run.waitForEnd()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.replay()).isEqualTo("ferrite boot " + SERIAL + " --harts 1 --ram 16M --seed 1    "
                + "# with the same input, of which 16 bytes were read");
    }

    @Test
    void aRunIsTheSameHoweverOftenItPauses() throws IOException {
        start(SERIAL).typeLine("one").typeLine("two").waitForEnd();
        var whole = run.machine().digest();
        run.close();
        start(SERIAL).typeLine("one").typeLine("two").waitFor("loop").waitFor("polled").waitFor("tw");
        assertThat(run.waitForEnd()).isZero();
        assertThat(run.machine().digest()).isEqualTo(whole);
    }

    @Test
    void aSnapshotIsAMomentToReturnToEvenAfterTheEnd() throws IOException {
        start(SERIAL).typeLine("one").waitForLine("polled");
        BootRun.Snapshot asked = run.snapshot();
        run.typeLine("two").waitForEnd();
        var end = run.machine().digest();

        assertThat(run.restore(asked).typeLine("three").waitForLine("by")).isEqualTo("by interrupts: three");
        assertThat(run.restore(asked).typeLine("two").waitForEnd()).isZero();
        assertThat(run.machine().digest()).isEqualTo(end);
        assertThat(run.out()).endsWith("by interrupts: two\n");
    }

    @Test
    void aProgramThatPollsInVainReachesTheLimitInVirtualTime() throws IOException {
        start(SERIAL).within(Duration.ofSeconds(3));
        assertThatThrownBy(() -> run.waitForLine("polled: ")).isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("a line with 'polled: ' did not come: a limit was reached: 3000 ms of virtual "
                        + "time").hasMessageContaining("scratch").hasMessageContaining("again: ferrite boot ");
        long ticks = run.machine().clock().now();
        assertThat(ticks).isBetween(300_000_000L, 301_000_000L);
        assertThat(run.typeLine("late").waitForLine("polled: ")).isEqualTo("polled: late");
    }

    @Test
    void aProgramThatComputesInVainReachesTheLimitInInstructions() throws IOException {
        start(program("speed-compute")).within(100_000);
        assertThatThrownBy(run::waitForEnd).isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("the end of the program did not come: a limit was reached: 100000 ");
        assertThat(run.instructions()).isBetween(100_000L, 200_000L);
    }

    @Test
    void aLimitIsPositiveAndMayBeTheLargest() throws IOException {
        assertThatThrownBy(() -> start(SERIAL).within(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> run.within(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        run.waitForLine("scratch");
        assertThat(run.within(Long.MAX_VALUE).waitForLine("divisor")).contains("divisor");
    }

    @Test
    void aProgramThatWaitsForAKeyIsToldAtOnce() throws IOException {
        start(SERIAL).typeLine("one").waitForLine("polled: one");
        assertThatThrownBy(() -> run.waitFor("by interrupts")).isInstanceOf(AssertionError.class).hasMessageContaining(
                "'by interrupts' did not come: the program waits for input, and nothing else is left to happen");
    }

    @Test
    void aCrashIsAStatusAndTheReportIsInTheFailure() throws IOException {
        start(program("crash"));
        assertThatThrownBy(() -> run.waitFor("never")).isInstanceOf(AssertionError.class)
                .hasMessageContaining("did not come: the run ended with status 1").hasMessageContaining("crashed: ");
        assertThat(run.waitForEnd()).isEqualTo(1);
    }

    @Test
    @Machine(ram = "16M", harts = 1, seed = 5)
    void machinesBootProgramsAndExplainThem(Machines machines) throws IOException {
        run = machines.boot(new GuestProgram(SERIAL, null, "quick"), options -> options.device(device -> {
            device.name("button").compatible("example,button");
            device.register("PRESSED", 0, 1, ferrite.hardware.model.RegisterAccess.RO);
        }));
        run.waitFor("scratch");
        assertThat(machines.explanation()).isEqualToNormalizingNewlines("again: mvn test -Dtest='"
                + BootRunTest.class.getName() + "#machinesBootProgramsAndExplainThem'\n       ferrite boot " + SERIAL
                + " --harts 1 --ram 16M --seed 5 --append quick < /dev/null    # without the device "
                + BootRunTest.class.getName() + ": only the test repeats it\n");
    }
}
