package ferrite.hardware.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chapter 16 of the unprivileged specification. {@link DisassemblerTest} compares the meaning of each parcel with
 * objdump.
 */
class CompressedInstructionTest {

    @Test
    void noParcelIsTwoInstructionsAndTheIndexFindsTheOne() {
        for (int parcel = 0; parcel < 0x1_0000; parcel++) {
            int bits = parcel;
            List<CompressedInstruction> rows = Arrays.stream(CompressedInstruction.values())
                    .filter(row -> row.matches(bits)).toList();
            assertThat(rows).as("%04x", parcel).hasSizeLessThan(2);
            if (Decoder.isCompressed(parcel)) {
                assertThat(Decoder.decodeCompressed(parcel)).as("%04x", parcel)
                        .isSameAs(rows.isEmpty() ? null : rows.get(0));
            } else {
                assertThat(rows).as("%04x is the beginning of a longer instruction", parcel).isEmpty();
            }
        }
    }

    @Test
    void everyRowIsNamedAfterItsMnemonicAndHasAParcel() {
        assertThat(CompressedInstruction.values()).allSatisfy(row -> {
            assertThat(row.name().toLowerCase(Locale.ROOT).replace('_', '.')).isEqualTo(row.mnemonic());
            assertThat(row.match() & ~row.mask()).isZero();
            int everyOperandBit = row.match() | ~row.mask() & 0xffff;
            assertThat(row.matches(everyOperandBit)).isTrue();
        });
    }

    @Test
    void everyExpansionIsAnInstruction() {
        for (int parcel = 0; parcel < 0x1_0000; parcel++) {
            if (Decoder.isCompressed(parcel) && Decoder.decodeCompressed(parcel) != null) {
                assertThat(Decoder.decode(Decoder.expand(parcel))).as("%04x", parcel).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {
        0x0000, // defined to be illegal
        0x0004, // c.addi4spn with nzuimm = 0, reserved
        0x2000, // c.fld
        0x6000, // c.flw
        0x8000, // quadrant 0, funct3 100: reserved
        0x6101, // c.addi16sp with nzimm = 0, reserved
        0x6081, // c.lui with nzimm = 0, reserved
        0x9001, // c.srli by 32, of RV64
        0x9401, // c.srai by 32
        0x9c01, // c.subw, of RV64
        0x9c41, // reserved
        0x1002, // c.slli by 32
        0x4002, // c.lwsp to x0, reserved
        0x6002, // c.flwsp
        0x8002, // c.jr of x0, reserved
        0xa002, // c.fsdsp
    })
    void aReservedParcelIsIllegal(int parcel) {
        assertThat(Decoder.decodeCompressed(parcel)).isNull();
        assertThat(Decoder.expand(parcel)).isZero();
        assertThat(Decoder.decode(0)).isNull();
    }

    /** Section 16.7: a HINT executes as its expansion, in which x0 or a zero prevents any effect. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0005 | addi zero,zero,1",
        "0081 | addi ra,ra,0",
        "4005 | addi zero,zero,1",
        "6005 | lui zero,0x1",
        "0002 | slli zero,zero,0x0",
        "8001 | srli s0,s0,0x0",
        "8006 | add zero,zero,ra",
        "9006 | add zero,zero,ra",
    })
    void aHintExpandsToAnInstructionThatChangesNothing(String parcel, String text) {
        assertThat(Disassembler.textWithoutAliases(Decoder.expand(Integer.parseInt(parcel, 16)), 0)).isEqualTo(text);
    }
}
