package ferrite.kernel.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GfpTest {

    @ParameterizedTest
    @CsvSource({"GFP_KERNEL, 0xcc0", "GFP_ATOMIC, 0xa20", "GFP_DMA, 1", "__GFP_DMA, 1", "__GFP_ZERO, 0x100",
            "GFP_KERNEL|GFP_DMA, 0xcc1", "GFP_ATOMIC|__GFP_ZERO, 0xb20", "' GFP_KERNEL | GFP_KERNEL ', 0xcc0"})
    void readsNamesJoinedByBars(String text, String value) {
        assertThat(Gfp.parse(text)).isEqualTo(Integer.decode(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GFP_KERNEL|", "|", "gfp_kernel", "GFP_KERNEL GFP_DMA", "0x1", "GFP_HIGHUSER_MOVABLE"})
    void refusesWhatIsNoNameAndSaysWhichThereAre(String text) {
        assertThatThrownBy(() -> Gfp.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no allocation flag")
                .hasMessageContaining("GFP_KERNEL, GFP_NOFS, GFP_ATOMIC, GFP_NOIO");
    }

    @ParameterizedTest
    @CsvSource({"0xcc0, GFP_KERNEL", "0xcc1, GFP_KERNEL|GFP_DMA", "0xa20, GFP_ATOMIC", "0xb20, GFP_ATOMIC|__GFP_ZERO",
            "0, 0x0", "0x80000000, 0x80000000", "0x80000cc0, GFP_KERNEL|0x80000000", "0x400, __GFP_DIRECT_RECLAIM"})
    void writesTheLargestNamesFirst(String value, String text) {
        assertThat(Gfp.names(Long.decode(value).intValue())).isEqualTo(text);
    }

    /** include/linux/gfp_types.h of Linux 6.1, and the names of include/trace/events/mmflags.h. */
    @ParameterizedTest
    @CsvSource({"0xc40, GFP_NOFS", "0xc00, GFP_NOIO", "0x800, GFP_NOWAIT", "0x100cc0, GFP_USER",
            "0x100cc2, GFP_HIGHUSER", "0x2cc0, GFP_KERNEL|__GFP_NOWARN",
            "0x4cc0, GFP_KERNEL|__GFP_RETRY_MAYFAIL", "0x8cc0, GFP_KERNEL|__GFP_NOFAIL",
            "0x10cc0, GFP_KERNEL|__GFP_NORETRY", "0x2, __GFP_HIGHMEM", "0x10000000, __GFP_COLD"})
    void theValuesAreThoseOfLinux(String value, String text) {
        assertThat(Gfp.names(Long.decode(value).intValue())).isEqualTo(text);
        assertThat(Gfp.parse(text)).isEqualTo(Long.decode(value).intValue());
    }

    @Test
    void theBooksNameForTryingHarderIsTheSameFlag() {
        assertThat(Gfp.parse("__GFP_REPEAT")).isEqualTo(Gfp.parse("__GFP_RETRY_MAYFAIL"));
    }

    @Test
    void readsBackWhatItWrites() {
        for (int flags : new int[] {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_DMA,
                Gfp.GFP_KERNEL | Gfp.GFP_ATOMIC | Gfp.__GFP_ZERO | Gfp.GFP_DMA}) {
            assertThat(Gfp.parse(Gfp.names(flags))).isEqualTo(flags);
        }
    }

    @Test
    void onlyWhoMayReclaimMaySleep() {
        assertThat(Gfp.maySleep(Gfp.GFP_KERNEL)).isTrue();
        assertThat(Gfp.maySleep(Gfp.GFP_ATOMIC)).isFalse();
        assertThat(Gfp.maySleep(Gfp.GFP_DMA)).isFalse();
    }
}
