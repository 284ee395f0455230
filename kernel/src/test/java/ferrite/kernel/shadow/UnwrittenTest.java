package ferrite.kernel.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes that nobody has written, against a plain set. */
class UnwrittenTest {

    private static final long BASE = 0xc012_3000L;
    private static final int BYTES = 4 * 4096;

    private final Unwritten unwritten = new Unwritten(new PageCounts(new PageChanges()), new PageChanges());

    @Test
    void randomCallsAgreeWithASet() {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        BitSet model = new BitSet();
        for (int i = 0; i < 20_000; i++) {
            int from = random.nextInt(BYTES);
            int bytes = Math.min(BYTES - from, random.nextInt(10) == 0 ? random.nextInt(9000) : random.nextInt(70));
            switch (random.nextInt(4)) {
                case 0 -> {
                    unwritten.allocated(BASE + from, bytes);
                    model.set(from, from + bytes);
                }
                case 1 -> {
                    if (random.nextBoolean()) {
                        unwritten.written(BASE + from, bytes);
                    } else {
                        unwritten.forget(BASE + from, 0x12_3000 + from, bytes);
                    }
                    model.clear(from, from + bytes);
                }
                default -> assertThat(unwritten.count(BASE + from, bytes)).as("seed %d, call %d: %d bytes from %d on",
                        seed, i, bytes, from).isEqualTo(model.get(from, from + bytes).cardinality());
            }
        }
    }

    private static Claim claim(long pa, int bytes) {
        return new Claim(new Claim.Terms(Claim.Kind.MAPPING, "dev", "@0", pa, pa, bytes, false, true),
                "dma_map_single", "A.java:1", "task");
    }

    @Test
    void aBufferIsRememberedWithItsGapsUntilItIsFreed() {
        Claim claim = claim(0x12_3000, 256);
        Claim neighbour = claim(0x12_3100, 256);
        unwritten.allocated(BASE, 512);
        unwritten.written(BASE, 256);
        unwritten.givenBack(BASE, claim);
        assertThat(unwritten.buffer(0x12_3000, 4)).as("all is written").isNull();

        unwritten.allocated(BASE + 100, 10);
        unwritten.givenBack(BASE, claim);
        unwritten.givenBack(BASE + 256, neighbour);
        assertThat(unwritten.buffer(0x12_30ff, 1)).isSameAs(claim);
        assertThat(unwritten.buffer(0x12_3100, 1)).isSameAs(neighbour);
        unwritten.forget(BASE, 0x12_3000, 256);
        assertThat(unwritten.buffer(0x12_3000, 4)).isNull();
        assertThat(unwritten.buffer(0x12_3100, 1)).as("another buffer on the page").isSameAs(neighbour);
        assertThat(unwritten.count(BASE, 512)).isEqualTo(256);
    }

    @Test
    @Timeout(20)
    void aBufferThatIsMappedAgainAndAgainIsRememberedOnce() {
        unwritten.allocated(BASE, 4096);
        Claim last = null;
        for (int i = 0; i < 1_000_000; i++) {
            last = claim(0x12_3000, 4096);
            unwritten.givenBack(BASE, last);
        }
        assertThat(unwritten.buffer(0x12_3000, 4)).isSameAs(last);
    }
}
