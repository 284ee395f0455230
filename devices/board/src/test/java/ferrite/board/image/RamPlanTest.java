package ferrite.board.image;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RamPlanTest {

    private static final long BASE = 0x8000_0000L;

    private final RamPlan plan = new RamPlan(BASE, 0x10_0000);

    @Test
    void theLowestRoomIsFoundBehindWhatIsInTheWay() {
        plan.claim(BASE + 0x4_0000, 0x1_0001);
        assertThat(plan.claimFrom(BASE + 0x3_f000, 0x2000, 0x1000)).hasValue(BASE + 0x5_1000);
        assertThat(plan.claimFrom(BASE, 0x4_0000, 0x1000)).hasValue(BASE);
        assertThat(plan.claimFrom(BASE, 0x1000, 0x1000)).hasValue(BASE + 0x5_3000);
    }

    @Test
    void theHighestRoomIsFoundBelowWhatIsInTheWay() {
        plan.claim(BASE + 0xf_0000, 0x1_0000);
        assertThat(plan.claimBelow(Long.MAX_VALUE, 0x100, 0x1000)).hasValue(BASE + 0xe_f000);
        assertThat(plan.claimBelow(BASE + 0x8000, 0x100, 0x1000)).hasValue(BASE + 0x7000);
    }

    @Test
    void whatDoesNotFitGetsNothing() {
        assertThat(plan.claimFrom(BASE, 0x10_0001, 1)).isEmpty();
        assertThat(plan.claimBelow(BASE, 1, 1)).isEmpty();
        plan.claim(BASE, 0x10_0000);
        assertThat(plan.claimFrom(BASE, 1, 1)).isEmpty();
        assertThat(plan.claimBelow(Long.MAX_VALUE, 1, 1)).isEmpty();
    }

    @Test
    void claimsNeverOverlap() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        List<long[]> given = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long bytes = 1 + random.nextInt(0x3000);
            long alignment = 1L << random.nextInt(14);
            long near = BASE + random.nextInt(0x11_0000);
            OptionalLong at = random.nextBoolean() ? plan.claimFrom(near, bytes, alignment)
                    : plan.claimBelow(near, bytes, alignment);
            if (at.isPresent()) {
                long start = at.getAsLong();
                assertThat(start % alignment).as(seed.replay("claim " + i)).isZero();
                assertThat(start).isGreaterThanOrEqualTo(BASE);
                assertThat(start + bytes).isLessThanOrEqualTo(BASE + 0x10_0000);
                for (long[] other : given) {
                    assertThat(start + bytes <= other[0] || other[1] <= start).as(seed.replay("claim " + i)).isTrue();
                }
                given.add(new long[] {start, start + bytes});
            }
        }
        assertThat(given).hasSizeGreaterThan(20);
    }
}
