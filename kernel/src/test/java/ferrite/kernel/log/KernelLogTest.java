package ferrite.kernel.log;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
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
        KernelLog log = new KernelLog(fixture.memory(), fixture.cpu(), va[0], watched::add);
        fixture.run(() -> log.start("begin"));
        return log;
    }

    /** Returns the lines of the log, but for the first one. */
    private String text(KernelLog log) {
        return log.text(fixture.peek()).substring(log.text(fixture.peek()).indexOf('\n') + 1);
    }

    @Test
    void aLineHasItsTimeAsLinuxWritesIt() {
        KernelLog log = newLog(new ArrayList<>());
        fixture.run(() -> log.print("hello"));
        assertThat(text(log)).matches("\\[    0\\.000\\d{3}\\] hello\n");
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
        assertThat(watched).hasSize(4);
        assertThat(String.join("", watched)).isEqualTo(log.text(fixture.peek())).contains("zwölf → 12\n");
    }

    private static List<String> messages(String text) {
        return text.lines().map(line -> line.replaceFirst("\\[.{12}] ", "")).toList();
    }

    @Test
    void eachLineKeepsItsLevelAndOneWithoutALevelIsAWarning() {
        KernelLog log = newLog(new ArrayList<>());
        fixture.run(() -> {
            log.print(KernLevels.KERN_EMERG + "most");
            log.print(KernLevels.KERN_DEBUG + "least");
            log.print("none");
            log.print("\001");
            log.print("\0018 is no level");
            log.info("information");
        });
        assertThat(messages(log.raw(fixture.peek()))).containsExactly("<5>begin", "<0>most", "<7>least", "<4>none",
                "<4>\\x01", "<4>\\x018 is no level", "<6>information");
        assertThat(messages(log.text(fixture.peek()))).containsExactly("begin", "most", "least", "none",
                "\\x01", "\\x018 is no level", "information");
    }

    @Test
    void controlCharactersAreEscapedAndTabsAndOtherTextAreNot() {
        List<String> watched = new ArrayList<>();
        KernelLog log = newLog(watched);
        fixture.run(() -> log.info("\033[2Jred\u009b1m\0\u007f\tzwölf \\x1b"));
        assertThat(messages(log.text(fixture.peek()))).containsExactly("begin",
                "\\x1b[2Jred\\x9b1m\\x00\\x7f\tzwölf \\x1b");
        assertThat(String.join("", watched)).endsWith("\\x1b[2Jred\\x9b1m\\x00\\x7f\tzwölf \\x1b\n");
    }

    @Test
    void aMessageOfSeveralLinesHasTheLevelAndTheTimeOnEachAndALineEndAddsNone() {
        List<String> watched = new ArrayList<>();
        KernelLog log = newLog(watched);
        fixture.run(() -> {
            log.print(KernLevels.KERN_ERR + "one\n<0>two\r<0>\n\n");
            log.print("last\n");
        });
        String raw = log.raw(fixture.peek());
        assertThat(raw.split("\n")).hasSize(5).allMatch(line -> line.matches("<[345]>\\[.{12}] [^\n]*"));
        assertThat(KernelLog.ofLevels(raw, 1 << 3).split("\n")).hasSize(3);
        assertThat(log.text(fixture.peek())).endsWith("] last\n").contains("] <0>two\\x0d<0>\n");
        assertThat(watched).hasSize(5);
    }

    @Test
    void theConsoleGetsTheMessagesOfSmallerLevelsThanItsOwn() {
        List<String> watched = new ArrayList<>();
        KernelLog log = newLog(watched);
        fixture.run(() -> {
            log.print(KernLevels.KERN_DEBUG + "debug 7");
            log.print(KernLevels.KERN_INFO + "info 7");
            log.setConsoleLoglevel(8);
            log.print(KernLevels.KERN_DEBUG + "debug 8");
            log.setConsoleLoglevel(1);
            log.print(KernLevels.KERN_ALERT + "alert 1");
            log.print(KernLevels.KERN_EMERG + "emerg 1");
        });
        assertThat(messages(String.join("", watched))).containsExactly("begin", "info 7", "debug 8", "emerg 1");
        assertThat(messages(log.text(fixture.peek()))).containsExactly("begin", "debug 7", "info 7", "debug 8",
                "alert 1", "emerg 1");
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
        assertThat(log.raw(fixture.peek()).length()).isBetween(KernelLog.BYTES - 300, KernelLog.BYTES);
    }

    @Test
    void aVeryLongMessageIsCut() {
        KernelLog log = newLog(new ArrayList<>());
        fixture.run(() -> {
            log.print("a".repeat(100_000));
            log.print("short");
        });
        List<String> lines = text(log).lines().toList();
        assertThat(lines.get(0)).hasSizeLessThan(1100);
        assertThat(lines.get(1)).endsWith("] short");
    }

    @Test
    void linesOfManyHartsDoNotMix() {
        Seed seed = Seed.fresh();
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
