package ferrite.hardware.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Consumer;
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
    void whatCannotBeThereIsRefusedInASentence() {
        StateWriter out = new StateWriter();
        out.put32(5);
        refuses(out, in -> in.get32(6, 7), "it holds 5 where only 6 to 7 is possible");
        refuses(out, in -> in.getBits(3), "it holds 0x5 where only bits of 0x3 can be set");
        refuses(out, StateReader::get64, "it ends after 4 bytes, in the middle of a value");
        refuses(out, StateReader::getBytes, "it ends after 4 bytes, in the middle of a value");
        assertThat(new StateReader(out.toBytes()).get32(5, 5)).isEqualTo(5);
        out.put32(-1);
        refuses(out, in -> in.get64(0, Long.MAX_VALUE),
                "it holds -4294967291 where only 0 to 9223372036854775807 is possible");
        StateWriter negative = new StateWriter();
        negative.put32(-1);
        refuses(negative, StateReader::getBytes, "it ends after 4 bytes, in the middle of a value");
        assertThatThrownBy(() -> StateReader.requireThat(false, "no"))
                .isInstanceOf(StateException.class).hasMessage("no");
    }

    private static void refuses(StateWriter written, Consumer<StateReader> reading, String why) {
        assertThatThrownBy(() -> reading.accept(new StateReader(written.toBytes())))
                .isInstanceOf(StateException.class).hasMessage(why);
    }

    @Test
    void whatBecomesOfMediaIsKnownToWriterAndReader() {
        assertThat(new StateWriter().media()).isEqualTo(StateMedia.GO_BACK);
        assertThat(new StateWriter(StateMedia.STAY).media()).isEqualTo(StateMedia.STAY);
        assertThat(new StateReader(new byte[0]).media()).isEqualTo(StateMedia.GO_BACK);
        assertThat(new StateReader(new byte[0], StateMedia.KEPT_BESIDE).media()).isEqualTo(StateMedia.KEPT_BESIDE);
        assertThat(new StateReader(new byte[0]).isAtEnd()).isTrue();
        assertThat(new StateReader(new byte[1]).isAtEnd()).isFalse();
    }

    @Test
    void wordsOfAnotherNumberAreRefused() {
        StateWriter out = new StateWriter();
        out.putInts(new int[3]);
        assertThatThrownBy(() -> new StateReader(out.toBytes()).getInts(new int[4]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 words").hasMessageContaining("has 4");
    }
}
