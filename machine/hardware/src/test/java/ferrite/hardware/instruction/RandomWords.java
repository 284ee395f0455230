package ferrite.hardware.instruction;

import ferrite.hardware.Seed;
import java.util.Random;

/** Words for random tests. */
final class RandomWords {

    /** Values that select pseudoinstructions: registers 0 and 1, and immediates 0, 1, 255 and -1. */
    private static final int[] SPECIAL_REGISTERS = {0, 1};
    private static final int[] SPECIAL_IMMEDIATES = {0, 1, 255, 0xfff};

    private final Instruction[] rows = Instruction.values();
    private final Random random = Seed.fresh().random(0);

    int any() {
        return random.nextInt();
    }

    /**
     * Returns a word with the low bits of a 32-bit instruction (unprivileged specification, section 1.5), legal or not.
     */
    int anyOf32Bits() {
        return with32BitLength(random.nextInt());
    }

    /** Returns row number {@code n}, modulo the number of rows, with random operands. */
    int instruction(int n) {
        Instruction row = rows[n % rows.length];
        return row.match() | operands() & ~row.mask();
    }

    /** Returns an instruction with two wrong bits, which is still 32 bits long. */
    int nearlyAnInstruction(int n) {
        return with32BitLength(instruction(n) ^ 1 << random.nextInt(32) ^ 1 << random.nextInt(32));
    }

    private static int with32BitLength(int word) {
        return (word & 0x1c) == 0x1c ? word & ~0x10 | 3 : word | 3;
    }

    private int operands() {
        int word = random.nextInt();
        word = sometimes(word, Encoding.RD, 7, SPECIAL_REGISTERS);
        word = sometimes(word, Encoding.RS1, 15, SPECIAL_REGISTERS);
        word = sometimes(word, Encoding.RS2, 20, SPECIAL_REGISTERS);
        return sometimes(word, Encoding.IMM_I, 20, SPECIAL_IMMEDIATES);
    }

    private int sometimes(int word, int field, int shift, int[] values) {
        if (random.nextInt(3) != 0) {
            return word;
        }
        return word & ~field | values[random.nextInt(values.length)] << shift;
    }
}
