package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegistersTest {

    @Test
    void everyRegisterHasItsNameInTheCallingConvention() {
        assertThat(IntStream.range(0, 32).mapToObj(Registers::name)).containsExactly(
                "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1",
                "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
                "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6");
    }
}
