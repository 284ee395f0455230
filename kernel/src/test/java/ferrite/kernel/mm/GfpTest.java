package ferrite.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GfpTest {

    @ParameterizedTest
    @CsvSource({"GFP_KERNEL, 0xcc0", "GFP_ATOMIC, 0x820", "GFP_DMA, 1", "__GFP_DMA, 1", "__GFP_ZERO, 0x100", "GFP_KERNEL|GFP_DMA, 0xcc1",
        "GFP_ATOMIC|__GFP_ZERO, 0x920", "' GFP_KERNEL | GFP_KERNEL ', 0xcc0"})
    void readsNamesJoinedByBars(String text, String value) {
        assertThat(Gfp.parse(text)).isEqualTo(Integer.decode(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GFP_KERNEL|", "|", "gfp_kernel", "GFP_KERNEL GFP_DMA", "0x1", "GFP_HIGHUSER"})
    void refusesWhatIsNoNameAndSaysWhichThereAre(String text) {
        assertThatThrownBy(() -> Gfp.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no allocation flag").hasMessageContaining("GFP_KERNEL, GFP_ATOMIC, GFP_DMA");
    }

    @ParameterizedTest
    @CsvSource({"0xcc0, GFP_KERNEL", "0xcc1, GFP_KERNEL|GFP_DMA", "0x820, GFP_ATOMIC", "0x920, GFP_ATOMIC|__GFP_ZERO", "0, 0x0",
        "0x80000000, 0x80000000", "0x80000cc0, GFP_KERNEL|0x80000000", "0x400, __GFP_DIRECT_RECLAIM"})
    void writesTheLargestNamesFirst(String value, String text) {
        assertThat(Gfp.names(Long.decode(value).intValue())).isEqualTo(text);
    }

    @Test
    void readsBackWhatItWrites() {
        for (int flags : new int[] {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_DMA, Gfp.GFP_KERNEL | Gfp.GFP_ATOMIC | Gfp.__GFP_ZERO | Gfp.GFP_DMA}) {
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
