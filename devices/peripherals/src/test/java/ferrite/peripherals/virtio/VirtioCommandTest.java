package ferrite.peripherals.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.ReportText;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The output of the monitor's {@code virtio}. */
class VirtioCommandTest {

    private final VirtioRig rig = VirtioRig.entropy();
    private final VirtioCommand command =
            new VirtioCommand(List.of(new VirtioCommand.Slot(VirtioRig.SLOT, 8, rig.transport),
                    new VirtioCommand.Slot(0x1000_7000L, 7, null)));

    private String shown() {
        byte[] before = rig.save();
        byte[] memory = rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES);
        String text = ReportText.of(command.run(""));
        assertThat(rig.save()).as("looking changes nothing").isEqualTo(before);
        assertThat(rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES)).isEqualTo(memory);
        return text;
    }

    @Test
    void aSlotShowsItsDeviceBeforeAnyDriverHasCome() {
        assertThat(shown()).isEqualTo("""
                slot at 0x10008000
                  interrupt   8
                  device      entropy
                  status      reset
                  offered     0x0000000130000000
                  accepted    0x0000000000000000
                  interrupts  no
                  queue 0
                    state  not ready
                slot at 0x10007000
                  interrupt  7
                  device     none
                """);
    }

    @Test
    void aQueueShowsWhereItIsAndWhatIsInFlight() {
        rig.start(VirtioRig.EVENT_IDX);
        for (int i = 0; i < 3; i++) {
            rig.descriptor(VirtioRig.table(0), i, VirtioRig.BUFFER, 4, VirtioRig.WRITE, 0);
            rig.send(0, i);
        }
        rig.step();
        assertThat(shown()).startsWith("""
                slot at 0x10008000
                  interrupt   8
                  device      entropy
                  status      ACKNOWLEDGE DRIVER FEATURES_OK DRIVER_OK
                  offered     0x0000000130000000
                  accepted    0x0000000120000000
                  interrupts  yes
                  queue 0
                    state          ready
                    size           8
                    descriptors    0x80001000
                    driver's area  0x80002000
                    device's area  0x80003000
                    available      3
                    taken          2
                    used           1
                    in flight      1
                """);
    }

    @Test
    void aDeviceThatNeedsAResetSaysWhy() {
        rig.start(0);
        rig.send(0, 77);
        assertThat(shown()).contains("  status       ACKNOWLEDGE DRIVER FEATURES_OK DRIVER_OK DEVICE_NEEDS_RESET\n")
                .contains("  needs reset  because descriptor 77 is out of range: its table has 8\n")
                .contains("    in flight      0\n");
    }
}
