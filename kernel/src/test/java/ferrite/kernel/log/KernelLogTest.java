package ferrite.kernel.log;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.Seed;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KernelLogTest {

    private KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelLog newLog(List<String> watched) {
        long[] va = new long[1];
        fixture.run(() -> va[0] = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO,
                Kmalloc.order(KernelLog.BYTES)));
        return new KernelLog(fixture.memory(), fixture.cpu(), va[0], watched::add);
    }

    @Test
    void aLineHasItsTimeAsLinuxWritesIt() {
        KernelLog log = newLog(new ArrayList<>());
        fixture.run(() -> log.print("hello"));
        assertThat(log.text(fixture.peek())).matches("\\[    0\\.000\\d{3}\\] hello\n");
    }

    @Test
    void whoWatchesIsGivenEveryLineAndRamHoldsTheSame() {
        List<String> watched = new ArrayList<>();
        KernelLog log = newLog(watched);
        fixture.run(() -> {
            log.print("one");
            log.print("zwölf → 12");
            log.print("");
        });
        assertThat(watched).hasSize(3);
        assertThat(String.join("", watched)).isEqualTo(log.text(fixture.peek())).contains("zwölf → 12\n");
    }

    @Test
    void whenTheRingHasWrappedItsTextBeginsWithAWholeLine() {
        List<String> watched = new ArrayList<>();
        KernelLog log = newLog(watched);
        String padding = "x".repeat(200);
        fixture.run(() -> {
            for (int i = 0; i < 900; i++) {
                log.print(i + " " + padding.substring(i % 200));
                if (i % 100 == 99) {
                    String text = log.text(fixture.peek());
                    check(String.join("", watched).endsWith(text),
                            "the text is not the end of what was printed, at line " + i);
                    check(text.startsWith("[ "), "the text begins inside a line, at line " + i);
                }
            }
        });
        assertThat(log.text(fixture.peek()).length()).isBetween(KernelLog.BYTES - 300, KernelLog.BYTES);
    }

    @Test
    void aVeryLongMessageIsCut() {
        KernelLog log = newLog(new ArrayList<>());
        fixture.run(() -> {
            log.print("a".repeat(100_000));
            log.print("short");
        });
        List<String> lines = log.text(fixture.peek()).lines().toList();
        assertThat(lines.get(0)).hasSizeLessThan(1100);
        assertThat(lines.get(1)).endsWith("] short");
    }

    @Test
    void linesOfManyHartsDoNotMix() {
        Seed seed = Seed.printed();
        fixture.close();
        fixture = KernelFixture.options().harts(8).interleaving(Interleavings.RANDOM, seed.value()).boot();
        int before = fixture.log.size();
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 30; i++) {
                fixture.kernel().calls().printk(Integer.toString(hart).repeat(60));
            }
        }));
        List<String> lines = fixture.kernel().base().log().text(fixture.peek()).lines().skip(before).toList();
        assertThat(lines).hasSize(240);
        assertThat(lines).allMatch(line -> line.matches("\\[ *\\d+\\.\\d{6}\\] (\\d)\\1{59}"), seed.replay("8 harts"));
    }
}
