package ferrite.hardware.turn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A hart that is alone has longer slices than harts that share the time. */
class SlicesTest {

    private static final int ALONE = 0b01;
    private static final int BOTH = 0b11;

    private final Slices slices = new Slices(Interleavings.RR.create(2, 1));

    @Test
    void aLongSliceEndsWhenAnotherHartMayRun() {
        slices.begin(1000, true, ALONE);
        slices.share(1100, ALONE);
        assertThat(slices.left(1100)).isGreaterThan(10_000);
        slices.share(1200, BOTH);
        assertThat(slices.left(1200)).isZero();
    }

    @Test
    void aSharedSliceDoesNotEndThen() {
        slices.begin(1000, true, BOTH);
        slices.share(1100, BOTH);
        assertThat(slices.left(1100)).isBetween(1L, 1000L);
    }

    @Test
    void aKernelInJavaHasTheSameSlicesAlone() {
        slices.begin(1000, false, ALONE);
        slices.share(1100, BOTH);
        assertThat(slices.left(1100)).isEqualTo(Interleaving.MAX_SHARED_TICKS - 100);
    }
}
