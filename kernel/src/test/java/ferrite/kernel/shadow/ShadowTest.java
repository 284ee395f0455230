package ferrite.kernel.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The states of bytes, against an array that has one for each byte. */
class ShadowTest {

    private static final long START = 0xc000_3000L;
    private static final int PAGES = 3;
    private static final int BYTES = PAGES << 12;

    private final Shadow shadow = new Shadow(new PageChanges());
    private final byte[] model = new byte[BYTES];

    private void check(Random random, String what) {
        for (int i = 0; i < 20; i++) {
            int at = random.nextInt(BYTES);
            int bytes = 1 + random.nextInt(Math.min(BYTES - at, i % 2 == 0 ? 16 : BYTES));
            int bad = at;
            while (bad < at + bytes && model[bad] == 0) {
                bad++;
            }
            assertThat(shadow.firstBad(START + at, bytes)).as("%s: %d bytes at %d", what, bytes, at)
                    .isEqualTo(bad == at + bytes ? -1 : START + bad);
            assertThat(shadow.state(START + at)).as("%s: %d", what, at).isEqualTo(model[at]);
        }
    }

    @Test
    void everyByteHasItsStateAfterRandomAllocationsAndFrees() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        for (int round = 0; round < 60; round++) {
            int size = 4 * (1 + random.nextInt(300));
            int stride = size + 4 * random.nextInt(5);
            int first = 4 * random.nextInt(5);
            int pieces = (BYTES - first - size) / stride + 1;
            shadow.divide(START, BYTES, START + first, stride, size);
            Arrays.fill(model, Shadow.RED_ZONE);
            for (int i = 0; i < pieces; i++) {
                Arrays.fill(model, first + i * stride, first + i * stride + size, Shadow.FREED);
            }
            for (int step = 0; step < 100; step++) {
                int piece = first + random.nextInt(pieces) * stride;
                if (random.nextBoolean()) {
                    int used = random.nextInt(size + 1);
                    shadow.allow(START + piece, used, size);
                    Arrays.fill(model, piece, piece + used, (byte) 0);
                    Arrays.fill(model, piece + used, piece + size, Shadow.RED_ZONE);
                } else {
                    shadow.mark(START + piece, size, Shadow.FREED);
                    Arrays.fill(model, piece, piece + size, Shadow.FREED);
                }
                check(random, seed.replay("round " + round + ", step " + step));
            }
            assertThat(shadow.pieceSize(START + 4096)).isEqualTo(size);
        }
    }

    @Test
    void aPageIsUnknownThenDividedOrWholeAndForgotten() {
        assertThat(shadow.isKnown(START)).isFalse();
        shadow.divide(START, 4096, START, 64, 64);
        assertThat(shadow.isDivided(START + 4095)).isTrue();
        assertThat(shadow.isKnown(START + 4096)).isFalse();
        shadow.forget(START, 4096);
        assertThat(shadow.isKnown(START)).isFalse();
        shadow.setWhole(START);
        assertThat(shadow.isKnown(START)).isTrue();
        assertThat(shadow.isDivided(START)).isFalse();
        assertThat(shadow.firstBad(START, 4096)).isEqualTo(-1);
    }
}
