package ferrite.hardware.instruction;

import java.util.Arrays;

/**
 * Finds the {@link Instruction} of a 32-bit word, and the {@link CompressedInstruction} of a 16-bit parcel.
 *
 * <p>The major opcode and funct3 form an 8-bit index to the few matching rows. A row without funct3 in its mask (LUI,
 * JAL) is listed under all eight values of it.
 *
 * <pre>
 *   31                    15 14   12 11      7 6       2 1 0
 *  +------------------------+-------+---------+---------+---+
 *  |                        |funct3 |         | opcode  |1 1|
 *  +------------------------+-------+---------+---------+---+
 *                             7 … 5             4 … 0          of the index
 * </pre>
 *
 * <p>Any thread may call it: the index never changes after it is built.
 */
public final class Decoder {

    private static final int INDEX_SIZE = 256;
    private static final int INDEX_BITS = 0x0000_707c;
    private static final Instruction[][] CANDIDATES = candidates();

    private Decoder() {
    }

    /** Returns the instruction of {@code word}, or null if it is illegal. */
    public static Instruction decode(int word) {
        for (Instruction candidate : CANDIDATES[index(word)]) {
            if (candidate.matches(word)) {
                return candidate;
            }
        }
        return null;
    }

    /** Tells whether an instruction with these low bits is 16 bits long (unprivileged specification, section 1.5). */
    public static boolean isCompressed(int bits) {
        return (bits & 3) != 3;
    }

    /** Returns the compressed instruction of {@code parcel}, 16 bits zero-extended, or null if it is illegal. */
    public static CompressedInstruction decodeCompressed(int parcel) {
        for (CompressedInstruction candidate : CompressedIndex.CANDIDATES[CompressedIndex.of(parcel)]) {
            if (candidate.matches(parcel)) {
                return candidate;
            }
        }
        return null;
    }

    /** Expands {@code parcel} to a 32-bit instruction. An illegal parcel gives 0, which is no instruction. */
    public static int expand(int parcel) {
        CompressedInstruction row = decodeCompressed(parcel);
        return row == null ? 0 : row.expand(parcel);
    }

    private static int index(int word) {
        return word >>> 7 & 0xe0 | word >>> 2 & 0x1f;
    }

    /** Returns a word with this index and zeros elsewhere. */
    private static int wordAt(int index) {
        return (index & 0xe0) << 7 | (index & 0x1f) << 2;
    }

    private static Instruction[][] candidates() {
        Instruction[][] candidates = new Instruction[INDEX_SIZE][];
        for (int index = 0; index < INDEX_SIZE; index++) {
            candidates[index] = candidatesAt(wordAt(index));
        }
        return candidates;
    }

    private static Instruction[] candidatesAt(int word) {
        return Arrays.stream(Instruction.values())
                .filter(row -> ((word ^ row.match()) & row.mask() & INDEX_BITS) == 0)
                .toArray(Instruction[]::new);
    }

    /**
     * The index for compressed instructions. It is built at the first of them, so that a machine without them starts
     * faster.
     */
    private static final class CompressedIndex {

        static final CompressedInstruction[][] CANDIDATES = new CompressedInstruction[32][];

        static {
            for (int index = 0; index < CANDIDATES.length; index++) {
                int wanted = index;
                CANDIDATES[index] = Arrays.stream(CompressedInstruction.values())
                        .filter(row -> of(row.match()) == wanted)
                        .toArray(CompressedInstruction[]::new);
            }
        }

        /** Returns the bits that every compressed row has in its mask: funct3 above the quadrant. */
        static int of(int parcel) {
            return parcel >>> 11 & 0x1c | parcel & 3;
        }
    }
}
