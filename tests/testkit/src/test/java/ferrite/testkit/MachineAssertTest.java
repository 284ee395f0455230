package ferrite.testkit;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.kernel.check.Checks;
import java.io.IOException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

@Machine(ram = "64M", harts = 2)
class MachineAssertTest {

    private final OverrunDriver driver = new OverrunDriver();

    private MachineRun overrun(Machines machines) throws IOException {
        return machines.boot(options -> options.driver(driver)).type("cat /dev/overrun");
    }

    @Test
    void aViolationHasALineAndAnAllocation(Machines machines) throws IOException {
        MachineRun machine = overrun(machines);

        assertThat(machine).hasViolation("object-overrun").at(OverrunDriver.class).at(driver.store())
                .allocatedBy(OverrunDriver.class).allocatedBy(driver.allocation()).hasNoLeaks();
    }

    @Test
    void anotherLineFailsWithTheRightOneTheReportsAndTheReplayLine(Machines machines) throws IOException {
        MachineRun machine = overrun(machines);

        assertThatThrownBy(() -> assertThat(machine).hasViolation("object-overrun").at(MachineAssertTest.class))
                .isInstanceOf(AssertionError.class).hasMessageContaining("Expected that object-overrun is broken at "
                        + "MachineAssertTest.java, but the lines are: " + driver.store())
                .hasMessageContaining("violation object-overrun: ").hasMessageEndingWith("again: " + machine.replay());
        assertThatThrownBy(() -> assertThat(machine).hasViolation("object-overrun").at("OverrunDriver.java:1"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("but the lines are: " + driver.store());
        assertThatThrownBy(() -> assertThat(machine).hasViolation("object-overrun").allocatedBy(driver.store()))
                .isInstanceOf(AssertionError.class).hasMessageContaining("is broken with memory allocated by "
                        + driver.store() + ", but the lines are: " + driver.allocation());
    }

    @Test
    @Machine(ram = "64M", harts = 2, owners = false)
    void aReportWithoutSuchALineSaysSo(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> options.checks(Checks.parse("kernel-oops")).driver(driver));
        machine.type("cat /dev/overrun");

        assertThat(machine).hasNoViolations();
        assertThatThrownBy(() -> assertThat(machine).hasViolation("object-overrun"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("but no rule is");
    }

    @Test
    void leaksAreThoseOfAClassSinceBoot(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> options.driver(new KeepingDriver()).driver(driver));
        assertThat(machine).hasNoLeaksOf(KeepingDriver.class).hasNoLeaks();
        machine.type("cat /dev/keeping");

        assertThat(machine).hasNoLeaksOf(OverrunDriver.class, MachineAssertTest.class);
        Assertions.assertThat(machine.leaksOf(KeepingDriver.class, KeepingDriver.class)).hasSize(2)
                .allMatch(line -> line.contains(", allocated at KeepingDriver.java:"));
        assertThatThrownBy(() -> assertThat(machine).hasNoLeaksOf(KeepingDriver.class))
                .isInstanceOf(AssertionError.class).hasMessageContaining("1 pages at frame 0x")
                .hasMessageContaining("an object at 0x").hasMessageEndingWith("again: " + machine.replay());
        machine.type("cat /dev/keeping");
        Assertions.assertThat(machine.leaksOf(KeepingDriver.class)).hasSize(4);
    }

    @Test
    void aRuleThatIsBrokenFailsAndAnotherOneDoesNot(Machines machines) throws IOException {
        MachineRun machine = overrun(machines);

        assertThat(machine).hasNoViolation("double-free").hasNoViolation("lock-order");
        assertThatThrownBy(() -> assertThat(machine).hasNoViolation("object-overrun"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("object-overrun is not broken, but it is:")
                .hasMessageContaining(driver.store()).hasMessageEndingWith("again: " + machine.replay());
        assertThatThrownBy(() -> assertThat(machine).hasNoViolation("double-fre"))
                .isInstanceOf(AssertionError.class).hasMessageContaining("There is no rule 'double-fre'");
    }

    @Test
    @Machine(ram = "64M", harts = 2, parameters = "copier.width=24")
    void bounceBuffersAreInTheDmaZone(MachineRun machine) {
        machine.type("echo text > /dev/copier");

        assertThat(machine).allDmaBuffersIn(Zone.DMA);
        assertThatThrownBy(() -> assertThat(machine).allDmaBuffersIn(Zone.NORMAL)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected that all buffers of devices are in zone NORMAL, but these are not:")
                .hasMessageContaining(" in zone DMA for dma-controller@f0080000")
                .hasMessageContaining(", since CopierDriver.java:");
    }

    @Test
    @Machine(ram = "64M", harts = 2, parameters = {"copier.width=32", "copier.source=GFP_KERNEL"})
    void buffersOfADeviceThatReachesAllMemoryAreElsewhere(MachineRun machine) {
        machine.type("echo text > /dev/copier");

        assertThatThrownBy(() -> assertThat(machine).allDmaBuffersIn(Zone.DMA)).isInstanceOf(AssertionError.class)
                .hasMessageContaining(" in zone NORMAL for dma-controller@f0080000")
                .hasMessageEndingWith("again: " + machine.replay());
        assertThat(machine).bounced(0);
        assertThatThrownBy(() -> assertThat(machine).bounced(2)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected that 2 mappings are bounced since boot, but 0 are");
    }

    @Test
    void withoutChecksOfDmaNoBufferIsKnown(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> options.checks(Checks.parse("double-free")));

        assertThatThrownBy(() -> assertThat(machine).allDmaBuffersIn(Zone.DMA)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("does not record the buffers of devices");
    }

    @Test
    @Machine(ram = "64M", harts = 2, parameters = "copier.width=24")
    void bouncedMappingsAreCounted(MachineRun machine) {
        int before = machine.board().kernel().dma().mapping().swiotlb().bounced(machine.board().machine().peek(0));
        machine.type("echo text > /dev/copier");
        int after = machine.board().kernel().dma().mapping().swiotlb().bounced(machine.board().machine().peek(0));

        assertThat(machine).bounced(after);
        org.assertj.core.api.Assertions.assertThat(after).isPositive().isGreaterThanOrEqualTo(before);
    }
}
