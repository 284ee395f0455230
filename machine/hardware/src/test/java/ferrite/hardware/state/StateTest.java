package ferrite.hardware.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StateTest {

    @Test
    void whatIsWrittenIsReadBackInTheSameOrder() {
        StateWriter out = new StateWriter();
        out.put8(0xfe);
        out.putBoolean(true);
        out.putBoolean(false);
        out.put32(0x8765_4321);
        out.put64(0xfedc_ba98_7654_3210L);
        out.putBytes(new byte[] {1, -2, 3});
        out.putInts(new int[] {-1, 7});
        StateReader in = new StateReader(out.toBytes());
        assertThat(in.get8()).isEqualTo(0xfe);
        assertThat(in.getBoolean()).isTrue();
        assertThat(in.getBoolean()).isFalse();
        assertThat(in.get32()).isEqualTo(0x8765_4321);
        assertThat(in.get64()).isEqualTo(0xfedc_ba98_7654_3210L);
        assertThat(in.getBytes()).containsExactly(1, -2, 3);
        int[] ints = new int[2];
        in.getInts(ints);
        assertThat(ints).containsExactly(-1, 7);
    }

    @Test
    void theWriterGrowsAsItMust() {
        StateWriter out = new StateWriter();
        out.putBytes(new byte[100_000]);
        out.put64(5);
        assertThat(out.toBytes()).hasSize(100_012);
        StateReader in = new StateReader(out.toBytes());
        in.getBytes();
        assertThat(in.get64()).isEqualTo(5);
    }

    @Test
    void wordsOfAnotherNumberAreRefused() {
        StateWriter out = new StateWriter();
        out.putInts(new int[3]);
        assertThatThrownBy(() -> new StateReader(out.toBytes()).getInts(new int[4])).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 words").hasMessageContaining("has 4");
    }
}
