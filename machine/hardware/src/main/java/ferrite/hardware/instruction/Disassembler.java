package ferrite.hardware.instruction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes instructions as objdump (binutils 2.40) does, on one line, with one space after the mnemonic. Targets of
 * branches and jumps are bare addresses: who knows symbols may add them.
 *
 * <p>What is given are the 32 bits at the address: where they begin with a compressed instruction, the low 16 of them are what is
 * written ({@link #length} says which). Bits that are no instruction of this machine become {@code .word 0x…} or {@code .2byte 0x…}. The reserved fields of a fence, which the
 * hart ignores, are left out.
 */
public final class Disassembler {

    private static final Map<Instruction, List<PseudoInstruction>> PSEUDO_INSTRUCTIONS = pseudoInstructions();

    private Disassembler() {
    }

    /** How many bytes the instruction that begins with these bits takes: 2 or 4. */
    public static int length(int bits) {
        return Decoder.isCompressed(bits) ? 2 : 4;
    }

    /**
     * The word in its most readable spelling, pseudoinstructions included: {@code li a0,5}.
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
     * The word as the real instruction that it is, without pseudoinstructions: {@code addi a0,zero,5}. This is
     * objdump's {@code -M no-aliases}.
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
        return OperandText.line(instruction.mnemonic() + instruction.operands().suffix(word), instruction.operands().text(word, pc));
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
