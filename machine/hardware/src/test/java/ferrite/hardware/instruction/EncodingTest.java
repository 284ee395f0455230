package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** Tests every field bit by bit, against the figures of section 2.3 of the unprivileged specification. */
class EncodingTest {

    private static final int NONE = -1;

    @Test
    void theRegisterFieldsAreFiveBitsEach() {
        assertField(Encoding::rd, bit -> bit >= 7 && bit <= 11 ? bit - 7 : NONE);
        assertField(Encoding::rs1, bit -> bit >= 15 && bit <= 19 ? bit - 15 : NONE);
        assertField(Encoding::rs2, bit -> bit >= 20 && bit <= 24 ? bit - 20 : NONE);
        assertField(Encoding::zimm, bit -> bit >= 15 && bit <= 19 ? bit - 15 : NONE);
        assertField(Encoding::shamt, bit -> bit >= 20 && bit <= 24 ? bit - 20 : NONE);
    }

    @Test
    void aCsrNumberIsUnsigned() {
        assertField(Encoding::csr, bit -> bit >= 20 ? bit - 20 : NONE);
        assertThat(Encoding.csr(-1)).isEqualTo(0xfff);
    }

    @Test
    void aFenceHasTwoSetsOfFourBits() {
        assertField(Encoding::pred, bit -> bit >= 24 && bit <= 27 ? bit - 24 : NONE);
        assertField(Encoding::succ, bit -> bit >= 20 && bit <= 23 ? bit - 20 : NONE);
    }

    @Test
    void theImmediatesHaveTheirBitsWhereTheFormatPutsThem() {
        assertImmediate(Encoding::immI, 11, bit -> bit >= 20 && bit <= 30 ? bit - 20 : NONE);
        assertImmediate(Encoding::immS, 11, EncodingTest::immediateBitS);
        assertImmediate(Encoding::immB, 12, EncodingTest::immediateBitB);
        assertImmediate(Encoding::immJ, 20, EncodingTest::immediateBitJ);
        assertImmediate(Encoding::immU, 31, bit -> bit >= 12 && bit <= 30 ? bit : NONE);
    }

    @Test
    void theFieldMasksAreTheFields() {
        assertThat(Encoding.rd(Encoding.RD)).isEqualTo(31);
        assertThat(Encoding.rs1(Encoding.RS1)).isEqualTo(31);
        assertThat(Encoding.rs2(Encoding.RS2)).isEqualTo(31);
        assertThat(Encoding.csr(Encoding.IMM_I)).isEqualTo(0xfff);
        assertThat(Encoding.rd(~Encoding.RD) | Encoding.rs1(~Encoding.RS1) | Encoding.rs2(~Encoding.RS2)
                | Encoding.csr(~Encoding.IMM_I)).isZero();
    }

    private static int immediateBitS(int bit) {
        if (bit >= 7 && bit <= 11) {
            return bit - 7;
        }
        return bit >= 25 && bit <= 30 ? bit - 25 + 5 : NONE;
    }

    private static int immediateBitB(int bit) {
        if (bit == 7) {
            return 11;
        }
        if (bit >= 8 && bit <= 11) {
            return bit - 8 + 1;
        }
        return bit >= 25 && bit <= 30 ? bit - 25 + 5 : NONE;
    }

    private static int immediateBitJ(int bit) {
        if (bit >= 12 && bit <= 19) {
            return bit;
        }
        if (bit == 20) {
            return 11;
        }
        return bit >= 21 && bit <= 30 ? bit - 21 + 1 : NONE;
    }

    private static void assertField(IntUnaryOperator field, IntUnaryOperator bitOfField) {
        for (int bit = 0; bit < 32; bit++) {
            int expected = bitOfField.applyAsInt(bit) == NONE ? 0 : 1 << bitOfField.applyAsInt(bit);
            assertThat(field.applyAsInt(1 << bit)).as("bit %d", bit).isEqualTo(expected);
        }
    }

    /**
     * Checks an immediate. Bit 31 is the sign bit of every format, and is copied to {@code signBit} and all bits above
     * it.
     */
    private static void assertImmediate(IntUnaryOperator immediate, int signBit, IntUnaryOperator bitOfImmediate) {
        assertThat(immediate.applyAsInt(1 << 31)).as("sign").isEqualTo(-1 << signBit);
        for (int bit = 0; bit < 31; bit++) {
            int expected = bitOfImmediate.applyAsInt(bit) == NONE ? 0 : 1 << bitOfImmediate.applyAsInt(bit);
            assertThat(immediate.applyAsInt(1 << bit)).as("bit %d", bit).isEqualTo(expected);
        }
    }
}
