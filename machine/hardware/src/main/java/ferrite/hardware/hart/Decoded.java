package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;

/**
 * An instruction decoded for the interpreter, in one {@code long}. Zero means none.
 *
 * <pre>
 *  63                    32 31 28 27    26 25  20 19  14 13   8 7    0
 * +------------------------+-----+--------+------+------+------+------+
 * |       immediate        |  0  | length | rs2  | rs1  |  rd  |  op  |
 * +------------------------+-----+--------+------+------+------+------+
 * </pre>
 *
 * <p>The length, and the offsets of jumps and branches, count halfwords. An rd of x0 becomes {@link #SINK}, a place
 * that is never read. The immediate of an instruction that is executed out of line is its whole word, and that of an
 * illegal one is its bits.
 */
final class Decoded {

    /** Place in the register file for results to x0. */
    static final int SINK = 32;
    /** Places in the register file: the registers, the sink, and padding to a power of two. */
    static final int PLACES = 64;

    private Decoded() { }

    /** Decodes the instruction that begins with these bits. */
    static long of(int bits) {
        boolean compressed = Decoder.isCompressed(bits);
        int word = compressed ? Decoder.expand(bits & 0xffff) : bits;
        Instruction row = Decoder.decode(word);
        int length = compressed ? 1 : 2;
        if (row == null) {
            return pack(Op.ILLEGAL, length, 0, compressed ? bits & 0xffff : bits);
        }
        return pack(row.ordinal() + 1, length, word, immediate(row, word));
    }

    private static int immediate(Instruction row, int word) {
        return switch (row.operands()) {
            case R -> 0;
            case I, LOAD, JUMP_REGISTER -> Encoding.immI(word);
            case SHIFT -> Encoding.shamt(word);
            case STORE -> Encoding.immS(word);
            case BRANCH -> Encoding.immB(word) >> 1;
            case U -> Encoding.immU(word);
            case JUMP -> Encoding.immJ(word) >> 1;
            default -> word;
        };
    }

    private static long pack(int op, int length, int word, int immediate) {
        int rd = Encoding.rd(word) == 0 ? SINK : Encoding.rd(word);
        int low = op | rd << 8 | Encoding.rs1(word) << 14 | Encoding.rs2(word) << 20 | length << 26;
        return (long) immediate << 32 | low;
    }

    /**
     * Decodes an instruction into a slot of a page.
     *
     * @return false if the instruction continues in the next virtual page, which may be any physical page
     */
    static boolean fill(CodePage page, int slot) {
        int bits = page.halfword(slot);
        if (!Decoder.isCompressed(bits)) {
            if (slot == CodePage.SLOTS - 1) {
                return false;
            }
            bits |= page.halfword(slot + 1) << 16;
        }
        page.slots[slot] = of(bits);
        return true;
    }

    /** Marks a slot as an entry of translated code. Its instruction is inside the page. */
    static void markEntry(CodePage page, int slot) {
        if (page.slots[slot] == CodePage.EMPTY) {
            fill(page, slot);
        }
        page.slots[slot] |= Op.ENTRY;
    }

    /** Tells whether translated code is entered at this instruction. */
    static boolean isEntry(long decoded) {
        return (decoded & Op.ENTRY) != 0 && op(decoded) != Op.ILLEGAL;
    }

    /** Returns the instruction at an entry of translated code, or any other instruction as it is. */
    static long instruction(long decoded) {
        return isEntry(decoded) ? decoded & ~Op.ENTRY : decoded;
    }

    static int op(long decoded) {
        return (int) decoded & 0xff;
    }

    static int rd(long decoded) {
        return (int) decoded >>> 8 & PLACES - 1;
    }

    static int rs1(long decoded) {
        return (int) decoded >>> 14 & PLACES - 1;
    }

    static int rs2(long decoded) {
        return (int) decoded >>> 20 & PLACES - 1;
    }

    static int halfwords(long decoded) {
        return (int) decoded >>> 26;
    }

    static int immediate(long decoded) {
        return (int) (decoded >> 32);
    }
}
