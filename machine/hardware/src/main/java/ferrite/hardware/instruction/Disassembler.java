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
 * <p>A word that is no instruction of this machine becomes {@code .word 0x…}. The reserved fields of a fence, which the
 * hart ignores, are left out.
 */
public final class Disassembler {

    private static final Map<Instruction, List<PseudoInstruction>> PSEUDO_INSTRUCTIONS = pseudoInstructions();

    private Disassembler() {
    }

    /**
     * The word in its most readable spelling, pseudoinstructions included: {@code li a0,5}.
     *
     * @param pc the virtual address of the word
     */
    public static String text(int word, long pc) {
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
        Instruction instruction = Decoder.decode(word);
        return instruction == null ? data(word) : plain(instruction, word, pc);
    }

    private static String plain(Instruction instruction, int word, long pc) {
        return OperandText.line(instruction.mnemonic(), instruction.operands().text(word, pc));
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
