package ferrite.board.options;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The parameters of the drivers that are linked into the kernel. */
class BuiltInDriversTest {

    @Test
    void aParameterIsCheckedAgainstWhatItsDriverDeclares() {
        BuiltInDrivers.checkParameter("disk.gfp", "GFP_KERNEL|GFP_DMA", List.of());
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.nonsense", "1", List.of()))
                .hasMessageContaining("disk.gfp");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("gfp", "GFP_DMA", List.of()))
                .hasMessageContaining("no driver");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.gfp", "GFP_NONSENSE", List.of()))
                .hasMessageContaining("'GFP_NONSENSE' is no allocation flag");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.gfp", "GFP_DMA owners=off", List.of()))
                .hasMessageContaining("blanks");
    }

    @Test
    void aDeviceIsLeftToAnotherDriverUnlessTheMachineNeedsIt() {
        BuiltInDrivers.checkParameter("disk.driver", "none", List.of());
        for (String wrong : List.of("disk.driver=mine", "console.driver=none", ".driver=none")) {
            String[] parts = wrong.split("=");
            assertThatThrownBy(() -> BuiltInDrivers.checkParameter(parts[0], parts[1], List.of()))
                    .hasMessage("a device can be left to a driver of your own by "
                            + "uart.driver=none, disk.driver=none, copier.driver=none, sound.driver=none, "
                            + "rtc.driver=none, nic.driver=none, virtio-mmio.driver=none");
        }
    }

    @Test
    void aDriverOfTheBookHasParametersIfItIsLinkedIn() {
        BuiltInDrivers.checkParameter("jit.delay", "7", List.of("jit"));
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("jit.delay", "7", List.of("jiq")))
                .hasMessageContaining("no driver").hasMessageContaining("jiq.delay");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("jit.delay", "0", List.of("jit")))
                .hasMessageContaining("'0' is no number");
    }
}
