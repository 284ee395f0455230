package ferrite.testkit;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Tests that run more than once, as a launcher runs them. */
class RepetitionTest {

    /** The replay lines of the machines of the nested tests, and whether an allocation fails. */
    private static final List<String> REPLAYS = new ArrayList<>();
    private static final List<Boolean> FAILING = new ArrayList<>();
    private static final List<MachineRun> MACHINES = new ArrayList<>();

    private String err;

    @BeforeEach
    void forget() {
        REPLAYS.clear();
        FAILING.clear();
        MACHINES.clear();
    }

    private static void note(MachineRun machine) {
        REPLAYS.add(machine.replay());
        FAILING.add(machine.isAllocationFailing());
        MACHINES.add(machine);
    }

    private TestExecutionSummary launch(Class<?> tests) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request()
                    .selectors(DiscoverySelectors.selectClass(tests)).build(), summary);
            return summary.getSummary();
        } finally {
            System.setErr(before);
            err = said.toString(StandardCharsets.UTF_8);
        }
    }

    private static Throwable failure(TestExecutionSummary summary) {
        assertThat(summary.getFailures()).hasSize(1);
        return summary.getFailures().get(0).getException();
    }

    // ---- allocations ----

    static class Careful {
        @Machine(ram = "32M", harts = 1, failEveryAllocation = true)
        @Test
        void givesEverythingBack(Machines machines) throws IOException {
            MachineRun machine = machines.boot(options -> options.driver(new TwoBuffersDriver(false)));
            machine.type("cat /dev/two");
            note(machine);
            assertThat(machine).hasNoViolations().hasNoLeaks();
            assertThat(machine.failedCommands()).isLessThanOrEqualTo(machine.isAllocationFailing() ? 1 : 0);
        }
    }

    @Test
    void eachAllocationOfTheFirstRunFailsOnce() {
        assertThat(launch(Careful.class).getTestsSucceededCount()).as(err).isEqualTo(1);

        assertThat(FAILING).hasSizeGreaterThan(3).startsWith(false).containsOnlyOnce(false);
        assertThat(REPLAYS.stream().filter(line -> line.contains(" --fail-page-alloc 1,100,0,1 "))).hasSize(1);
        long objects = REPLAYS.stream().filter(line -> line.contains(",once ")).count() - 1;
        for (int number = 1; number <= objects; number++) {
            assertThat(REPLAYS.get(number)).contains(" --fail-slab " + number + ",once ");
        }
        assertThat(MACHINES.stream().filter(machine -> machine.failedCommands() == 1)).as("commands were hit")
                .hasSizeGreaterThanOrEqualTo(2);
    }

    static class Leaking {
        @Machine(ram = "32M", harts = 1, failEveryAllocation = true)
        @Test
        void keepsAnObject(Machines machines) throws IOException {
            MachineRun machine = machines.boot(options -> options.driver(new TwoBuffersDriver(true)));
            machine.type("cat /dev/two");
            note(machine);
            assertThat(machine).hasNoLeaks();
        }
    }

    @Test
    void aWrongErrorPathFailsWithTheAllocationAndItsReplayLine() {
        Throwable failure = failure(launch(Leaking.class));

        assertThat(FAILING).hasSizeGreaterThan(2).startsWith(false).containsOnlyOnce(false);
        assertThat(failure).isInstanceOf(AssertionError.class)
                .hasMessageMatching("(?s)with page allocation [0-9]+ of [0-9]+ failing: Expected no leak since boot.*")
                .hasMessageContaining("1 objects of kmalloc-128");
        assertThat(err).containsPattern("(?m)^with page allocation [0-9]+ of [0-9]+ failing:$")
                .containsPattern("(?m)^again: mvn test -Dtest='" + Pattern.quote(Leaking.class.getName())
                        + "#keepsAnObject'\\R +ferrite run --harts 1 --ram 32M --seed 1 --fail-page-alloc "
                        + "[0-9]+,100,0,1 -c 'cat /dev/two'    # without the driver ").containsOnlyOnce("again: ");
    }

    static class Parameterized {
        @Machine(ram = "32M", harts = 1, failEveryAllocation = true)
        @ParameterizedTest
        @ValueSource(strings = {"echo a", "echo b"})
        void runs(String command, MachineRun machine) {
            machine.type(command);
            note(machine);
            assertThat(machine).hasNoViolations();
        }
    }

    @Test
    void aParameterizedTestIsRepeatedForEachParameter() {
        assertThat(launch(Parameterized.class).getTestsSucceededCount()).as(err).isEqualTo(2);

        assertThat(FAILING.stream().filter(fails -> !fails)).hasSize(2);
        int second = FAILING.lastIndexOf(false);
        assertThat(second).isGreaterThan(1);
        assertThat(REPLAYS.subList(0, second)).allMatch(line -> line.endsWith(" -c 'echo a'"));
        assertThat(REPLAYS.subList(second, REPLAYS.size())).hasSize(second)
                .allMatch(line -> line.endsWith(" -c 'echo b'"));
    }

    // ---- interleavings ----

    static class Interleaved {
        @Machine(ram = "32M", harts = 2, seed = 5, interleavings = 4)
        @Test
        void runs(MachineRun machine) {
            machine.type("echo a");
            note(machine);
        }
    }

    @Test
    void aTestRunsUnderSeveralInterleavings() {
        assertThat(launch(Interleaved.class).getTestsSucceededCount()).as(err).isEqualTo(1);

        assertThat(REPLAYS).containsExactly("ferrite run --harts 2 --ram 32M --seed 5 -c 'echo a'",
                "ferrite run --harts 2 --ram 32M --seed 6 --interleaving random -c 'echo a'",
                "ferrite run --harts 2 --ram 32M --seed 7 --interleaving pct -c 'echo a'",
                "ferrite run --harts 2 --ram 32M --seed 8 --interleaving random -c 'echo a'");
        assertThat(FAILING).containsOnly(false);
        MACHINES.forEach(machine -> org.assertj.core.api.Assertions.assertThatThrownBy(() -> machine.type("ps"))
                .as("closed").isInstanceOf(IllegalStateException.class));
    }

    static class FailingUnderTheThird {
        @Machine(ram = "32M", harts = 2, interleavings = 4)
        @Test
        void runs(MachineRun machine) {
            note(machine);
            machine.type("echo a");
            assertThat(REPLAYS).hasSizeLessThan(3);
        }
    }

    @Test
    void aFailureNamesItsInterleaving() {
        assertThat(failure(launch(FailingUnderTheThird.class))).isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("with interleaving 3 of 4 (" + Interleavings.PCT + ", seed 3): ");

        assertThat(REPLAYS).hasSize(3);
        assertThat(err).contains("again: ferrite run --harts 2 --ram 32M --seed 3 --interleaving pct -c 'echo a'")
                .containsOnlyOnce("again: ");
    }

    static class Both {
        @Machine(ram = "32M", harts = 2, interleavings = 2, failEveryAllocation = true)
        @Test
        void runs(MachineRun machine) {
            machine.type("echo a");
            note(machine);
        }
    }

    @Test
    void withBothEachInterleavingHasItsOwnFailures() {
        assertThat(launch(Both.class).getTestsSucceededCount()).as(err).isEqualTo(1);

        int second = FAILING.lastIndexOf(false);
        assertThat(second).isGreaterThan(1);
        assertThat(REPLAYS.subList(0, second)).allMatch(line -> line.contains(" --seed 1 "));
        assertThat(REPLAYS.subList(second, REPLAYS.size())).hasSizeGreaterThan(1)
                .allMatch(line -> line.contains(" --seed 2 --interleaving random "));
    }

    // ---- the rest ----

    static class Aborted {
        @Machine(ram = "32M", harts = 1, interleavings = 3)
        @Test
        void runs(MachineRun machine) {
            note(machine);
            Assumptions.assumeTrue(REPLAYS.size() < 2);
        }
    }

    @Test
    void anAssumptionThatDoesNotHoldAbortsTheTest() {
        assertThat(launch(Aborted.class).getTestsAbortedCount()).isEqualTo(1);
        assertThat(REPLAYS).hasSize(2);
    }

    static class Never {
        @Machine(ram = "32M", harts = 1, interleavings = 0)
        @Test
        void runs(MachineRun machine) {
            note(machine);
        }
    }

    @Test
    void noRunAtAllIsAMistake() {
        assertThat(failure(launch(Never.class))).hasMessageContaining(
                "@Machine: interleavings = 0: a test runs at least once");
        assertThat(REPLAYS).isEmpty();
    }
}
