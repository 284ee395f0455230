package ferrite.hardware.instruction;

import java.util.Locale;

/**
 * Disassembler for 16-bit instructions, with the text of objdump. Without aliases an instruction has its own name.
 * Otherwise it is written as its expansion, except for HINTs.
 */
final class CompressedText {

    private CompressedText() {
    }

    static String text(int parcel, long pc) {
        CompressedInstruction row = Decoder.decodeCompressed(parcel);
        if (row == null) {
            return parcel == 0 ? "unimp" : data(parcel);
        }
        int word = row.expand(parcel);
        return switch (row) {
            case C_ADDI -> addi(word, pc);
            case C_LI, C_LUI, C_SLLI, C_ADD -> Encoding.rd(word) == 0 ? textWithoutAliases(parcel, pc)
                    : Disassembler.textOf32Bits(word, pc);
            case C_MV -> Encoding.rd(word) == 0 ? textWithoutAliases(parcel, pc)
                    : OperandText.line("mv", row.operandText(word, pc));
            case C_SLLI64, C_SRLI64, C_SRAI64 -> textWithoutAliases(parcel, pc);
            default -> Disassembler.textOf32Bits(word, pc);
        };
    }

    /**
     * Formats C.ADDI and C.NOP. An addition of zero is a HINT, not a move. An addition to x0 is a C.NOP that is a HINT.
     */
    private static String addi(int word, long pc) {
        if (Encoding.rd(word) == 0 && Encoding.immI(word) != 0) {
            return OperandText.line("c.nop", OperandText.fill("immI", word, pc));
        }
        return Encoding.rd(word) != 0 && Encoding.immI(word) == 0
                ? OperandText.line("add", OperandText.fill("rd,rs1,immI", word, pc))
                : Disassembler.textOf32Bits(word, pc);
    }

    static String textWithoutAliases(int parcel, long pc) {
        CompressedInstruction row = Decoder.decodeCompressed(parcel);
        if (row == null) {
            return parcel == 0 ? "c.unimp" : data(parcel);
        }
        return OperandText.line(row.mnemonic(), row.operandText(row.expand(parcel), pc));
    }

    private static String data(int parcel) {
        return String.format(Locale.ROOT, ".2byte 0x%x", parcel);
    }
}
