package ferrite.peripherals.finisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FinisherTest {

    private int powerOffs;
    private final Finisher finisher = new Finisher(() -> powerOffs++);

    @ParameterizedTest
    @CsvSource({"0x5555, 0", "0x3333, 1", "0x73333, 7", "0xffff3333, 65535", "0x12345555, 0", "0x7777, 0"})
    void aStoreEndsTheRunAndSaysHowItWent(String value, int code) {
        finisher.store(0, 4, Long.decode(value).intValue());
        assertThat(powerOffs).isEqualTo(1);
        assertThat(finisher.code()).isEqualTo(code);
        assertThat(finisher.isReset()).isEqualTo(value.equals("0x7777"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x7776, 0x5554, 0x333})
    void anyOtherValueDoesNothing(int value) {
        finisher.store(0, 4, value);
        assertThat(powerOffs).isZero();
        assertThat(finisher.code()).isZero();
    }

    @Test
    void itHasOneRegister() {
        assertThat(finisher.load(0, 4)).isZero();
        assertThatThrownBy(() -> finisher.store(4, 4, 0x5555)).isInstanceOf(BusFault.class)
                .hasMessageContaining("one register");
        assertThatThrownBy(() -> finisher.store(0, 2, 0x5555)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> finisher.load(0, 1)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> finisher.peek(8, 4)).isInstanceOf(BusFault.class);
        assertThat(powerOffs).isZero();
    }

    @Test
    void whatWasReportedIsSavedAndRestored() {
        finisher.store(0, 4, 0x2_3333);
        StateWriter saved = new StateWriter();
        finisher.save(saved);
        Finisher other = new Finisher(() -> powerOffs++);
        other.restore(new StateReader(saved.toBytes()));
        assertThat(other.code()).isEqualTo(2);
        assertThat(powerOffs).as("restoring ends no run").isEqualTo(1);
    }
}
