package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The beginning of a region's life. */
class TranslatedRegionTest {

    private static final int BUDGET = 40_000;
    private static final int YOUTH = 20_000;

    private final TranslatedRegion region = new TranslatedRegion() {
        @Override
        protected void run(int base, int entry) {
            throw new IllegalStateException("this region has no code");
        }
    };

    @Test
    void aYoungRegionIsExecutedInPiecesOfAllLengths() {
        Set<Integer> lengths = new TreeSet<>();
        for (int i = 0; i < YOUTH; i++) {
            lengths.add(region.piece(BUDGET));
        }
        assertThat(lengths).hasSize(64).contains(128, 191);
        assertThat(region.piece(BUDGET)).as("later").isEqualTo(BUDGET);
    }

    @Test
    void aPieceIsNoLongerThanTheBudget() {
        assertThat(region.piece(50)).isEqualTo(50);
    }
}
