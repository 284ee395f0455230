package org.example.parrot;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import org.junit.jupiter.api.Test;

@Machine(ram = "64M", harts = 2)
class ParrotDriverTest {

    private static MachineRun boot(Machines machines) throws IOException {
        return machines.boot(options -> options.driver(new ParrotDriver()));
    }

    @Test
    void itSaysWhatItHeardLast(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("echo hello > /dev/parrot", "echo again > /dev/parrot", "cat /dev/parrot");

        assertThat(machine.out()).isEqualTo("again\n");
        assertThat(machine).hasNoViolations().hasNoLeaksOf(ParrotDriver.class);
    }

    @Test
    @Machine(ram = "64M", harts = 2, interleavings = 20)
    void twoWritersDoNotMixTheirWords(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("echo aaaaaaaa > /dev/parrot &", "echo bbbbbbbb > /dev/parrot &", "wait", "cat /dev/parrot");

        assertThat(machine.out()).matches("(aaaaaaaa|bbbbbbbb)\n");
        assertThat(machine).hasNoViolations();
    }

    @Test
    @Machine(ram = "64M", harts = 2, failEveryAllocation = true)
    void aFailedAllocationIsAnErrorAndLeavesNothingBehind(Machines machines) throws IOException {
        MachineRun machine = boot(machines);
        machine.type("echo hello > /dev/parrot", "cat /dev/parrot");

        if (!machine.isAllocationFailing()) {
            assertThat(machine.out()).isEqualTo("hello\n");
        }
        assertThat(machine).hasNoViolations().hasNoLeaksOf(ParrotDriver.class);
    }

    @Test
    void aTwinThatForgetsToMapIsTold(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> options.driver(new CarelessParrot()));
        machine.type("echo hello > /dev/parrot");

        assertThat(machine).hasViolation("dma-stray-access").at(CarelessParrot.class);
    }
}
