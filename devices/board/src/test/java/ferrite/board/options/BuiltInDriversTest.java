package ferrite.board.options;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The parameters of the drivers that are linked into the kernel. */
class BuiltInDriversTest {

    @Test
    void aParameterIsCheckedAgainstWhatItsDriverDeclares() {
        BuiltInDrivers.checkParameter("disk.gfp", "GFP_KERNEL|GFP_DMA");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.nonsense", "1")).hasMessageContaining("disk.gfp");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("gfp", "GFP_DMA")).hasMessageContaining("no driver");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.gfp", "GFP_NONSENSE"))
                .hasMessageContaining("'GFP_NONSENSE' is no allocation flag");
        assertThatThrownBy(() -> BuiltInDrivers.checkParameter("disk.gfp", "GFP_DMA owners=off"))
                .hasMessageContaining("blanks");
    }
}
