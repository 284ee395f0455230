package ferrite.kernel.log;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Kmalloc;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StringTableTest {

    private KernelFixture fixture = KernelFixture.small();
    private long table;

    @AfterEach
    void close() {
        fixture.close();
    }

    private StringTable newTable() {
        fixture.run(() -> table = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO,
                Kmalloc.order(StringTable.BYTES)));
        StringTable strings = view();
        fixture.run(strings::init);
        return strings;
    }

    private StringTable view() {
        return new StringTable(fixture.memory(), fixture.cpu(), table);
    }

    private int used() {
        return fixture.peek().load32(table + 4);
    }

    @Test
    void equalStringsHaveOneAddress() {
        StringTable strings = newTable();
        fixture.run(() -> {
            long one = strings.intern("DiskDriver.java:71");
            long other = strings.intern("DiskDriver.java:72");
            check(one != other, "two strings at one address");
            check(strings.intern(new StringBuilder("DiskDriver.java:71").toString()) == one, "another address");
            check(StringTable.read(fixture.memory(), one).equals("DiskDriver.java:71"), "another string");
            check(one % 4 == 0 && other % 4 == 0, "not at a word");
        });
        assertThat(StringTable.read(fixture.peek(), 0)).isEqualTo("?");
    }

    /** Law 1: a table that attaches has all strings of the one before it from RAM, and writes none again. */
    @Test
    void whoAttachesFindsEveryStringAgain() {
        StringTable strings = newTable();
        String[] texts = {"", "a", "abc", "abcd", "naïve", "λ → 文", "a\0b", "abc\0defghijkl", "x".repeat(119),
                "y".repeat(120), "z".repeat(1000), "\ud83d\ude00"};
        Map<String, Long> addresses = new HashMap<>();
        fixture.run(() -> {
            for (String text : texts) {
                addresses.put(text, strings.intern(text));
            }
            strings.intern("last");
        });
        int before = used();
        StringTable again = view();
        again.rebuild(fixture.peek());
        fixture.run(() -> {
            for (String text : texts) {
                check(strings.intern(text) == addresses.get(text), "'" + text + "' moved");
                check(again.intern(text) == addresses.get(text), "'" + text + "' is elsewhere for who attaches");
            }
            check(again.intern("last") == strings.intern("last"), "what follows");
        });
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void aLongStringIsCut() {
        StringTable strings = newTable();
        fixture.run(() -> {
            long address = strings.intern("x".repeat(500));
            check(StringTable.read(fixture.memory(), address).equals("x".repeat(120)), "cut elsewhere");
        });
    }

    @Test
    void aFullTableSaysSoAndKeepsWhatItHas() {
        StringTable strings = newTable();
        fixture.run(() -> {
            long first = strings.intern("first");
            long full = 0;
            for (int i = 0; full == 0; i++) {
                long address = strings.intern("string number " + i + " ".repeat(60) + "end");
                full = StringTable.read(fixture.memory(), address).startsWith("string number " + i) ? 0 : address;
                check(i < 2000, "it never fills");
            }
            check(StringTable.read(fixture.memory(), full).equals("(string table full)"),
                    "said " + StringTable.read(fixture.memory(), full));
            check(strings.intern("first") == first, "a known string");
            check(strings.intern("another one" + "x".repeat(90)) == full, "another new string");
        });
        assertThat(used()).isBetween(StringTable.BYTES - 200, StringTable.BYTES);
    }

    @Test
    void manyHartsAddWithoutLosingAny() {
        Seed seed = Seed.fresh();
        fixture.close();
        fixture = KernelFixture.options().harts(8).interleaving(Interleavings.RANDOM, seed.value()).boot();
        StringTable strings = newTable();
        Map<String, Long> addresses = new HashMap<>();
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 40; i++) {
                String text = i % 2 == 0 ? "shared " + i : "of hart " + hart + " " + i;
                long address = strings.intern(text);
                Long known = addresses.putIfAbsent(text, address);
                check(known == null || known == address, "'" + text + "' twice");
            }
        }));
        addresses.forEach((text, address) -> assertThat(StringTable.read(fixture.peek(), address))
                .as(seed.replay("8 harts")).isEqualTo(text));
    }
}
