package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.KernelPanic;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemblockTest {

    private static final long START = 0x10_0000;
    private static final long END = 0x20_0000;

    private final KernelFixture fixture = KernelFixture.small();
    private long table;

    @AfterEach
    void close() {
        fixture.close();
    }

    private Memblock empty() {
        table = fixture.zeroed(1024);
        return new Memblock(fixture.memory(), table, START, END);
    }

    private List<String> reserved() {
        return Memblock.reserved(fixture.memory(), table).stream()
                .map(piece -> Long.toHexString(piece.pa()) + "+" + Long.toHexString(piece.bytes())).toList();
    }

    @Test
    void allocatesWholePagesFromTheTopDown() {
        fixture.run(() -> {
            Memblock memblock = empty();
            check(memblock.alloc(1, "a") == END - 0x1000, "the first page");
            check(memblock.alloc(0x1001, "b") == END - 0x3000, "two pages below it");
            check(memblock.alloc(0x1000, "c") == END - 0x4000, "one page below them");
            check(reserved().equals(List.of("1fc000+1000", "1fd000+2000", "1ff000+1000")), "reserved: " + reserved());
        });
    }

    @Test
    void goesAroundWhatIsReservedAndFillsTheHighestGapThatIsLargeEnough() {
        fixture.run(() -> {
            Memblock memblock = empty();
            memblock.reserve(END - 0x1800, 0x10);
            memblock.reserve(END - 0x8000, 0x2000);
            check(reserved().equals(List.of("1f8000+2000", "1fe000+1000")), "rounded out to pages: " + reserved());
            check(memblock.alloc(0x5000, "large") == END - 0xd000, "below the lower reservation");
            check(memblock.alloc(0x4000, "middle") == END - 0x6000, "between the two");
            check(memblock.alloc(0x1000, "small") == END - 0x1000, "above both");
        });
    }

    @Test
    void itsStateIsInItsTable() {
        fixture.run(() -> {
            Memblock memblock = empty();
            memblock.alloc(0x3000, "a");
            check(new Memblock(fixture.memory(), table, START, END).alloc(0x1000, "b") == END - 0x4000,
                    "another view does not see the first allocation");
        });
    }

    @Test
    void saysWhatThereWasNoMemoryFor() {
        fixture.run(() -> {
            Memblock memblock = empty();
            memblock.alloc(END - START - 0x2000, "nearly all");
            assertThatThrownBy(() -> memblock.alloc(0x2001, "mem_map")).isInstanceOf(KernelPanic.class)
                    .hasMessage("no memory at boot for mem_map: 8193 bytes are not free below 0x0020_0000");
            check(memblock.alloc(0x2000, "the rest") == START, "the rest");
            assertThatThrownBy(() -> memblock.alloc(1, "the log")).isInstanceOf(KernelPanic.class)
                    .hasMessageContaining("the log");
        });
    }

    @Test
    void saysWhenItsTableIsFull() {
        fixture.run(() -> {
            Memblock memblock = empty();
            assertThatThrownBy(() -> {
                for (int i = 0; i < 100; i++) {
                    memblock.reserve(START + i * 0x2000L, 0x1000);
                }
            }).isInstanceOf(KernelPanic.class).hasMessageContaining("64 pieces");
        });
    }

    @Test
    void neverGivesAPageTwice() {
        Seed seed = Seed.fresh();
        fixture.run(() -> {
            for (int round = 0; round < 20; round++) {
                Random random = seed.random(round);
                Memblock memblock = empty();
                boolean[] taken = new boolean[(int) (END - START >> 12)];
                List<long[]> pieces = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    long bytes = 1 + random.nextInt(0x8000);
                    if (random.nextInt(3) == 0) {
                        pieces.add(reserveSomeFree(memblock, taken, random));
                    } else if (largestGap(taken) >= (bytes + 0xfff >> 12)) {
                        pieces.add(new long[] {memblock.alloc(bytes, "piece"), bytes});
                        mark(taken, pieces.get(pieces.size() - 1), seed.replay("round " + round));
                    }
                }
                check(Memblock.reserved(fixture.memory(), table).size() == pieces.size(), "pieces");
            }
        });
        assertThat(fixture.log).hasSizeLessThan(10);
    }

    private static long[] reserveSomeFree(Memblock memblock, boolean[] taken, Random random) {
        int page = random.nextInt(taken.length);
        while (taken[page]) {
            page = (page + 1) % taken.length;
        }
        taken[page] = true;
        long pa = START + page * 0x1000L + random.nextInt(0x800);
        memblock.reserve(pa, 1 + random.nextInt(0x700));
        return new long[] {pa, 1};
    }

    private static void mark(boolean[] taken, long[] piece, String where) {
        for (long pa = piece[0]; pa < piece[0] + piece[1]; pa += 0x1000) {
            int page = (int) (pa - START >> 12);
            check(!taken[page], "a page was given twice, " + where);
            taken[page] = true;
        }
    }

    private static int largestGap(boolean[] taken) {
        int largest = 0;
        int length = 0;
        for (boolean page : taken) {
            length = page ? 0 : length + 1;
            largest = Math.max(largest, length);
        }
        return largest;
    }
}
