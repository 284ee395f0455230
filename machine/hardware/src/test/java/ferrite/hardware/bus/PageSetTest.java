package ferrite.hardware.bus;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A set of pages, compared with a {@link BitSet}. */
class PageSetTest {

    private static final int PAGES = 200;

    @Test
    void randomRangesAgreeWithABitSet() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        PageSet pages = new PageSet(PAGES);
        BitSet model = new BitSet(PAGES);
        for (int step = 0; step < 5_000; step++) {
            int first = random.nextInt(PAGES + 1);
            int end = first + random.nextInt(PAGES - first + 1);
            switch (random.nextInt(20)) {
                case 0 -> {
                    pages.clear();
                    model.clear();
                }
                case 1, 2, 3, 4, 5 -> {
                    pages.add(first, end);
                    model.set(first, end);
                }
                case 6, 7, 8 -> {
                    pages.add(Math.min(first, PAGES - 1));
                    model.set(Math.min(first, PAGES - 1));
                }
                default -> {
                    pages.remove(first, end);
                    model.clear(first, end);
                }
            }
            String replay = seed.replay("step " + step);
            int set = model.nextSetBit(first);
            assertThat(pages.firstIn(first, end)).as(replay).isEqualTo(set < 0 ? end : Math.min(set, end));
            assertThat(pages.firstNotIn(first, end)).as(replay).isEqualTo(Math.min(model.nextClearBit(first), end));
            int page = random.nextInt(PAGES);
            assertThat(pages.contains(page)).as(replay).isEqualTo(model.get(page));
        }
    }
}
