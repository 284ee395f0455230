package ferrite.hardware.report;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import org.junit.jupiter.api.Test;

class UnreachableAddressTest {

    private static final Violation.Moment WHEN = new Violation.Moment(1000, 1, 0);

    private static UnreachableAddress onChannel(boolean toMemory) {
        return new UnreachableAddress(new BusMaster("dma0", 24), new UnreachableAddress.Channel(2, "single"), "disk0",
                0x0102_0000, 0x0002_0000, 65_536, toMemory);
    }

    @Test
    void withoutSoftwareTheHardwareSaysAllItKnows() {
        Violation violation = onChannel(true).alone(WHEN);
        assertThat(violation.summary())
                .isEqualTo("channel 2 was given a buffer that a 24-bit DMA controller cannot address");
        assertThat(violation.line("what")).isEqualTo("disk0 tried to write 65536 bytes to memory at 0x0102_0000; the "
                + "controller drives 24 bits (below 0x0100_0000)");
        assertThat(violation.line("channel")).isEqualTo("2 of dma0, single mode, device to memory, count 65536");
        assertThat(violation.line("")).isEqualTo("Silicon would drop the upper bits and write to 0x0002_0000.");
        assertThat(violation.line("instead")).isEqualTo("give it memory below 0x0100_0000");
        assertThat(violation.fact("channel").number()).isEqualTo(2);
        assertThat(violation.fact("pa").number()).isEqualTo(0x0102_0000);
        assertThat(violation.fact("wrapped_pa").number()).isEqualTo(0x0002_0000);
        assertThat(violation.when()).isEqualTo(WHEN);
    }

    @Test
    void theOtherDirectionReadsMemory() {
        Violation violation = onChannel(false).alone(WHEN);
        assertThat(violation.line("what")).startsWith("disk0 tried to read 65536 bytes from memory at 0x0102_0000");
        assertThat(violation.line("channel")).contains("memory to device");
        assertThat(violation.line("")).contains("read from 0x0002_0000");
    }

    @Test
    void aBusMasteringDeviceHasNoChannel() {
        Violation violation = new UnreachableAddress(new BusMaster("copier0", 28), null, "copier0", 0x1000_0000, 0,
                16, true).alone(WHEN);
        assertThat(violation.summary()).isEqualTo("copier0 was given an address that its 28 bits cannot drive");
        assertThat(violation.line("what")).endsWith("; it drives 28 bits (below 0x1000_0000)");
        assertThat(violation.line("channel")).isNull();
        assertThat(violation.fact("channel").text()).isNull();
        assertThat(violation.mistake()).isEqualTo("dma-above-reach by copier0");
    }
}
