package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Ram;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The pages by number, which translated code uses, are those to which the slots lead. */
class FastPathTest {

    private static final int ROUNDS = 60;
    private static final int STEPS = 400;
    /** Few pages, some of them with the same slot. */
    private static final long[] PLACES = {0, 0x1000, 0x200_0000, 0x200_1000, 0x8000_0000L, 0x8200_0000L, 0xffff_f000L};

    private final Seed seed = Seed.fresh();

    @Test
    void pagesByNumberAreThoseOfTheSlots() {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = seed.random(round);
            FastPath path = FastPath.create();
            int[][] pages = new int[3][Ram.PAGE_WORDS];
            int begin = random.nextInt(STEPS);         // before it, there is no translated code
            for (int step = 0; step < STEPS; step++) {
                change(path, PLACES[random.nextInt(PLACES.length)], pages[random.nextInt(pages.length)], random);
                if (step >= begin) {
                    compare(path, seed.replay("round " + round + ", step " + step));
                }
            }
        }
    }

    private static void change(FastPath path, long va, int[] page, Random random) {
        switch (random.nextInt(20)) {
            case 0 -> path.dropAll();
            case 1, 2 -> path.drop(FastPath.slot(va));
            case 3, 4 -> path.dropStores(page);
            case 5, 6, 7, 8, 9, 10, 11 -> path.putLoads(va, page);
            default -> path.putStores(va, page, null);
        }
    }

    private static void compare(FastPath path, String moment) {
        for (long va : PLACES) {
            int slot = FastPath.slot(va);
            int number = (int) (va >>> Ram.PAGE_SHIFT);
            int[] load = FastPath.matches(path.loadTag[slot], va, 0) ? path.loadPage[slot] : null;
            int[] store = FastPath.matches(path.storeTag[slot], va, 0) ? path.storePage[slot] : null;
            assertThat(path.loads()[number]).as("loads from %x, %s", va, moment).isSameAs(load);
            assertThat(path.stores()[number]).as("stores to %x, %s", va, moment).isSameAs(store);
        }
    }
}
