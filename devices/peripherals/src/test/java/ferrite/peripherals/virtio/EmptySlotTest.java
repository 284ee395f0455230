package ferrite.peripherals.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import org.junit.jupiter.api.Test;

class EmptySlotTest {

    private final EmptySlot slot = new EmptySlot(false);

    @Test
    void aProbeFindsATransportWithoutADevice() {
        assertThat(slot.load(0, 4)).as("MagicValue").isEqualTo(0x74726976);
        assertThat(slot.load(4, 4)).as("Version").isEqualTo(2);
        assertThat(slot.load(8, 4)).as("DeviceID").isZero();
        assertThat(slot.load(0xc, 4)).as("VendorID").isEqualTo(0x554d4551);
    }

    @Test
    void aSlotWithTheLegacyInterfaceSaysSo() {
        assertThat(new EmptySlot(true).load(4, 4)).isEqualTo(1);
    }

    @Test
    void theRestReadsAsZeroAndTakesWhatIsWritten() {
        for (long offset = 0x10; offset < VirtioMmio.BYTES; offset += 4) {
            slot.store(offset, 4, -1);
            assertThat(slot.load(offset, 4)).isZero();
        }
        slot.store(8, 4, 1);
        assertThat(slot.load(8, 4)).isZero();
    }

    @Test
    void registersAreWords() {
        assertThatThrownBy(() -> slot.load(0, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("only registers of one word");
        assertThatThrownBy(() -> slot.store(0x100, 2, 0)).isInstanceOf(BusFault.class);
    }
}
