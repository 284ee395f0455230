package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {

    private static final int RANDOM_WORDS = 1_000_000;

    @ParameterizedTest
    @EnumSource
    void everyRowDecodesToItself(Instruction row) {
        assertThat(Decoder.decode(row.match())).isSameAs(row);
        assertThat(Decoder.decode(row.match() | ~row.mask())).isSameAs(row);
    }

    @Test
    void theIndexAgreesWithASearchThroughTheWholeTable() {
        RandomWords words = new RandomWords();
        int legal = 0;
        for (int n = 0; n < RANDOM_WORDS; n++) {
            int word = switch (n % 3) {
                case 0 -> words.any();
                case 1 -> words.instruction(n / 3);
                default -> words.nearlyAnInstruction(n / 3);
            };
            Instruction found = Decoder.decode(word);
            if (found != searchAll(word)) {
                fail("%08x decodes to %s instead of %s", word, found, searchAll(word));
            }
            legal += found == null ? 0 : 1;
        }
        assertThat(legal).as("both kinds of words were tried").isBetween(RANDOM_WORDS / 3, RANDOM_WORDS * 9 / 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {
        0x0000_0000, // defined to be illegal
        0xffff_ffff, // likewise
        0x0000_0010, // addi but for its low bits: not 32 bits long
        0x0200_1013, // slli by 32, reserved in RV32
        0x4000_1013, // a left shift has no arithmetic twin
        0x0000_3003, // ld, of RV64
        0x0000_2063, // branch with funct3 2
        0x0000_1067, // jalr with funct3 1
        0x0010_0173, // ebreak with a destination
        0x0020_0073, // uret, of the abandoned N extension
        0x0000_4073, // SYSTEM with funct3 4
    })
    void aReservedWordIsIllegal(int word) {
        assertThat(Decoder.decode(word)).isNull();
    }

    /** Section 2.7: "base implementations shall ignore these fields". */
    @Test
    void aFenceIgnoresItsReservedFields() {
        assertThat(Decoder.decode(0xfff0_000f)).isSameAs(Instruction.FENCE);
        assertThat(Decoder.decode(0x0ff0_8f8f)).isSameAs(Instruction.FENCE);
        assertThat(Decoder.decode(0xfff0_9f8f)).isSameAs(Instruction.FENCE_I);
    }

    private static Instruction searchAll(int word) {
        Instruction found = null;
        for (Instruction row : Instruction.values()) {
            if ((word & row.mask()) == row.match()) {
                assertThat(found).as("%08x is two instructions", word).isNull();
                found = row;
            }
        }
        return found;
    }
}
