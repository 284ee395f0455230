package ferrite.hardware.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearNamesTest {

    private static final List<String> NAMES = List.of("help", "head", "sleep", "zones", "info registers");

    @Test
    void aMistypedNameIsNearTheRightOne() {
        assertThat(NearNames.of("hlep", NAMES)).startsWith("help");
        assertThat(NearNames.of("zonse", NAMES)).containsExactly("zones");
        assertThat(NearNames.question("info register", NAMES, "none")).isEqualTo("did you mean info registers?");
    }

    @Test
    void anotherWordIsNearNone() {
        assertThat(NearNames.of("x", NAMES)).isEmpty();
        assertThat(NearNames.of("", NAMES)).isEmpty();
        assertThat(NearNames.question("nonsense", NAMES, "none")).isEqualTo("none");
        assertThat(NearNames.of("help".repeat(1000), NAMES)).isEmpty();
    }
}
