package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import java.lang.reflect.Field;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The numbers of decoded instructions, compared with the table of instructions. */
class OpTest {

    private static final Set<String> NO_ROWS = Set.of("NONE", "ILLEGAL", "ENTRY");

    @Test
    void everyNumberIsThatOfTheRowOfItsName() throws IllegalAccessException {
        for (Field field : Op.class.getDeclaredFields()) {
            if (!field.isSynthetic() && !NO_ROWS.contains(field.getName())) {
                assertThat(field.getInt(null)).as(field.getName())
                        .isEqualTo(Instruction.valueOf(field.getName()).ordinal() + 1);
            }
        }
        assertThat(Op.ILLEGAL).isGreaterThan(Instruction.values().length);
        assertThat(Op.ENTRY).isGreaterThan(Instruction.values().length).isNotEqualTo(Op.ILLEGAL);
        assertThat(Op.NONE).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aRowIsDecodedToItsNumberItsFieldsAndItsLength(Instruction row) {
        int word = row.match() | 0x00a5_8680 & ~row.mask();
        long decoded = Decoded.of(word);
        assertThat(decoded).isNotEqualTo(CodePage.EMPTY);
        assertThat(Decoded.op(decoded)).isEqualTo(row.ordinal() + 1);
        assertThat(Decoded.halfwords(decoded)).isEqualTo(2);
        if (row.operands() == Operands.R) {
            assertThat(Decoded.rd(decoded)).isEqualTo(13);
            assertThat(Decoded.rs1(decoded)).isEqualTo(11);
            assertThat(Decoded.rs2(decoded)).isEqualTo(10);
        }
    }

    @Test
    void illegalBitsKeepWhatTvalWillSay() {
        assertThat(Decoded.op(Decoded.of(0))).isEqualTo(Op.ILLEGAL);
        assertThat(Decoded.of(0)).isNotEqualTo(CodePage.EMPTY);
        assertThat(Decoded.immediate(Decoded.of(0x1234_8002))).isEqualTo(0x8002);
        assertThat(Decoded.halfwords(Decoded.of(0x8002))).isEqualTo(1);
        assertThat(Decoded.immediate(Decoded.of(-1))).isEqualTo(-1);
    }
}
