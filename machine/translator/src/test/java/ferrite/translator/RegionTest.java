package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The choice of a region's code. */
class RegionTest {

    private static final int INNER = 8;
    private static final int AFTER = 20;

    private final AtomicReference<Region> made = new AtomicReference<>();

    /** Makes the region at the head of a loop with a loop in it, which was executed so many times as often. */
    private Region region(int times, boolean innerHasRegion) {
        Twins twins = new Twins().code(Twins.CODE,
                0x0012_8293,                           // addi x5, x5, 1
                0x00a0_0493,                           // addi x9, x0, 10
                0x0013_0313,                           // inner: addi x6, x6, 1
                0xfff4_8493,                           // addi x9, x9, -1
                0xfe04_9ce3,                           // bnez x9, inner
                0xfedf_f06f);                          // j CODE
        twins.translated.hart.translate((source, pc) -> {
            int inner = Twins.CODE + INNER;
            made.compareAndSet(null, Region.at(new ToldSource(source, source::at, Set.of(),
                    at -> at >= inner && at < Twins.CODE + AFTER ? times : 1, at -> innerHasRegion && at == inner), pc,
                    10_000));
            return null;
        }, true);
        twins.at(Twins.CODE).run(20, "the loops");
        return made.get();
    }

    @Test
    void aLoopThatHasItsOwnRegionStaysOut() {
        assertThat(region(10, true).code().keySet()).containsExactly(0, 4);
    }

    @Test
    void codeThatIsAboutAsFrequentIsCopied() {
        assertThat(region(4, true).code().keySet()).containsExactly(0, 4, 8, 12, 16, 20);
    }

    @Test
    void aLoopWithoutARegionBelongsToIt() {
        assertThat(region(10, false).code().keySet()).containsExactly(0, 4, 8, 12, 16, 20);
    }
}
