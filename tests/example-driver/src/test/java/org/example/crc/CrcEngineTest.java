package org.example.crc;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.driver.Driver;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** The engine and its driver, on machines with both. */
@Machine(ram = "64M", harts = 2)
class CrcEngineTest {

    private static MachineRun boot(Machines machines, Driver driver, String parameters) throws IOException {
        return machines.boot(options -> options.driver(driver).device(new CrcEngine(), parameters));
    }

    private static String sumOf(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.US_ASCII));
        return String.format("%08x\n", sum.getValue());
    }

    @Test
    void theSumIsThatOfJava(Machines machines) throws IOException {
        String text = "0123456789".repeat(60);
        MachineRun machine = boot(machines, new CrcDriver(), "");
        machine.type("echo hello > /dev/crc", "cat /dev/crc", "echo " + text + " > /dev/crc", "cat /dev/crc");

        assertThat(machine.out()).isEqualTo(sumOf("hello\n") + sumOf(text + "\n"));
        assertThat(machine).bounced(0).hasNoViolations().hasNoLeaksOf(CrcDriver.class);
    }

    @Test
    void anEngineWithFewWiresGetsBounceBuffers(Machines machines) throws IOException {
        MachineRun machine = boot(machines, new CrcDriver(), "wires=24");
        machine.type("echo hello > /dev/crc", "cat /dev/crc");

        assertThat(machine.out()).isEqualTo(sumOf("hello\n"));
        assertThat(machine).bounced(1).hasNoViolations();
    }

    @Test
    @Machine(ram = "64M", harts = 2, failEveryAllocation = true)
    void aFailedAllocationIsAnErrorAndLeavesNothingBehind(Machines machines) throws IOException {
        MachineRun machine = boot(machines, new CrcDriver(), "wires=24");
        machine.type("echo hello > /dev/crc", "cat /dev/crc");

        assertThat(machine).hasNoViolations().hasNoLeaksOf(CrcDriver.class);
    }

    @Test
    void anAddressThatIsNotMappedIsTold(Machines machines) throws IOException {
        MachineRun machine = boot(machines, new CarelessCrcDriver(), "");
        machine.type("sleep 0.01");

        assertThat(machine).hasViolation("dma-stray-access").at(CarelessCrcDriver.class);
        assertThat(machine.violations().get(0).summary()).startsWith("crc0 reads 64 bytes at physical 0x");
    }

    @Test
    void anAddressOutOfReachIsTold(Machines machines) throws IOException {
        MachineRun machine = boot(machines, new CarelessCrcDriver(), "wires=24");
        machine.type("sleep 0.01");

        assertThat(machine).hasViolation("dma-above-reach");
        assertThat(machine.violations().get(0).summary()).startsWith("crc0 was given an address that its 24 bits");
    }
}
