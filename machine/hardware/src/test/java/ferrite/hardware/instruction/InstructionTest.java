package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class InstructionTest {

    @Test
    void noWordIsTwoInstructions() {
        List<String> overlaps = new ArrayList<>();
        Instruction[] rows = Instruction.values();
        for (int i = 0; i < rows.length; i++) {
            for (int j = i + 1; j < rows.length; j++) {
                if (overlap(rows[i].mask(), rows[i].match(), rows[j].mask(), rows[j].match())) {
                    overlaps.add(rows[i] + " and " + rows[j]);
                }
            }
        }
        assertThat(overlaps).isEmpty();
    }

    @Test
    void theOverlapCheckFindsAnOverlap() {
        Instruction addi = Instruction.ADDI;
        int anyOpImmediate = 0x0000_007f;
        int addiToRegisterZero = 0x0000_0fff;
        int slti = 0x0000_2013;
        assertThat(overlap(addi.mask(), addi.match(), anyOpImmediate, 0x13)).isTrue();
        assertThat(overlap(addi.mask(), addi.match(), addiToRegisterZero, 0x13)).isTrue();
        assertThat(overlap(addi.mask(), addi.match(), addi.mask(), addi.match())).isTrue();
        assertThat(overlap(addi.mask(), addi.match(), addi.mask(), slti)).isFalse();
    }

    @Test
    void aMatchHasNoBitOutsideItsMask() {
        assertThat(Instruction.values()).allSatisfy(row -> assertThat(row.match() & ~row.mask()).isZero());
    }

    @Test
    void everyRowIs32BitsLong() {
        assertThat(Instruction.values()).allSatisfy(row -> {
            assertThat(row.mask() & 0x1f).as("low bits of the mask").isEqualTo(0x1f);
            assertThat(row.match() & 0x3).as("unprivileged specification, section 1.5: 32 bits").isEqualTo(0x3);
            assertThat(row.match() & 0x1c).as("section 1.5: not longer than 32 bits").isNotEqualTo(0x1c);
        });
    }

    @Test
    void everyMnemonicIsThatOfOneRow() {
        assertThat(Instruction.values()).extracting(Instruction::mnemonic).doesNotHaveDuplicates();
    }

    @Test
    void aConstantIsNamedAfterItsMnemonic() {
        assertThat(Instruction.values()).allSatisfy(row ->
                assertThat(row.name().toLowerCase(Locale.ROOT).replace('_', '.')).isEqualTo(row.mnemonic()));
    }

    /** Two patterns share a word unless they differ in a bit that is in both masks. */
    private static boolean overlap(int mask, int match, int otherMask, int otherMatch) {
        return ((match ^ otherMatch) & mask & otherMask) == 0;
    }
}
