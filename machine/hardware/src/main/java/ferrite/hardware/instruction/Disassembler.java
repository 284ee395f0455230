package ferrite.hardware.instruction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Disassembler with the text of objdump (binutils 2.40), on one line, with one space after the mnemonic. The targets of
 * branches and jumps are bare addresses. Code that knows symbols may add them.
 *
 * <p>The input is the 32 bits at an address. If their low bits are those of a compressed instruction, only the low 16
 * bits are disassembled ({@link #length} gives the length). Bits that are no instruction of this machine become {@code
 * .word 0x…} or {@code .2byte 0x…}. The reserved fields of a fence, which the hart ignores, are left out.
 */
public final class Disassembler {

    private static final Map<Instruction, List<PseudoInstruction>> PSEUDO_INSTRUCTIONS = pseudoInstructions();

    private Disassembler() {
    }

    /** Returns the length in bytes of the instruction in these bits: 2 or 4. */
    public static int length(int bits) {
        return Decoder.isCompressed(bits) ? 2 : 4;
    }

    /**
     * Disassembles a word to its most readable form, with pseudoinstructions: {@code li a0,5}.
     *
     * @param pc the virtual address of the word
     */
    public static String text(int word, long pc) {
        if (Decoder.isCompressed(word)) {
            return CompressedText.text(word & 0xffff, pc);
        }
        return textOf32Bits(word, pc);
    }

    static String textOf32Bits(int word, long pc) {
        Instruction instruction = Decoder.decode(word);
        if (instruction == null) {
            return data(word);
        }
        for (PseudoInstruction pseudo : PSEUDO_INSTRUCTIONS.getOrDefault(instruction, List.of())) {
            if (pseudo.fits(word)) {
                return pseudo.text(word, pc);
            }
        }
        return plain(instruction, word, pc);
    }

    /**
     * Disassembles a word without pseudoinstructions: {@code addi a0,zero,5}. This is objdump's {@code -M no-aliases}.
     *
     * @param pc the virtual address of the word
     */
    public static String textWithoutAliases(int word, long pc) {
        if (Decoder.isCompressed(word)) {
            return CompressedText.textWithoutAliases(word & 0xffff, pc);
        }
        Instruction instruction = Decoder.decode(word);
        return instruction == null ? data(word) : plain(instruction, word, pc);
    }

    private static String plain(Instruction instruction, int word, long pc) {
        return OperandText.line(instruction.mnemonic() + instruction.operands().suffix(word),
                instruction.operands().text(word, pc));
    }

    private static String data(int word) {
        return String.format(Locale.ROOT, ".word 0x%08x", word);
    }

    private static Map<Instruction, List<PseudoInstruction>> pseudoInstructions() {
        Map<Instruction, List<PseudoInstruction>> byBase = new EnumMap<>(Instruction.class);
        for (PseudoInstruction pseudo : PseudoInstruction.values()) {
            byBase.computeIfAbsent(pseudo.base(), base -> new ArrayList<>()).add(pseudo);
        }
        return Collections.unmodifiableMap(byBase);
    }
}
