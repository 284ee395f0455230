package ferrite.hardware.instruction;

/**
 * The fields of a 32-bit instruction, as section 2.3 of the unprivileged specification draws them.
 *
 * <pre>
 *   31        25 24    20 19    15 14  12 11         7 6      0
 *  +------------+--------+--------+------+------------+--------+
 *  |   funct7   |  rs2   |  rs1   |funct3|     rd     | opcode |  R
 *  +------------+--------+--------+------+------------+--------+
 *  |      imm[11:0]      |  rs1   |funct3|     rd     | opcode |  I
 *  +------------+--------+--------+------+------------+--------+
 *  | imm[11:5]  |  rs2   |  rs1   |funct3|  imm[4:0]  | opcode |  S
 *  +------------+--------+--------+------+------------+--------+
 *  |imm[12|10:5]|  rs2   |  rs1   |funct3|imm[4:1|11] | opcode |  B
 *  +------------+--------+--------+------+------------+--------+
 *  |             imm[31:12]              |     rd     | opcode |  U
 *  +-------------------------------------+------------+--------+
 *  |       imm[20|10:1|11|19:12]         |     rd     | opcode |  J
 *  +-------------------------------------+------------+--------+
 * </pre>
 *
 * <p>Bit 31 is the sign of every immediate, so an arithmetic shift of the whole word extends it. Three more fields
 * share these places. {@code csr} is imm[11:0] of an I-format word, taken as unsigned. {@code zimm} is in the place of
 * rs1 (both Zicsr). {@code shamt} is in the place of rs2 (section 2.4.1).
 */
public final class Encoding {

    /** The bits of the rd field. */
    public static final int RD = 0x0000_0f80;
    /** The bits of the rs1 field. */
    public static final int RS1 = 0x000f_8000;
    /** The bits of the rs2 field. */
    public static final int RS2 = 0x01f0_0000;
    /** The bits of the I-format immediate, and of the CSR number. */
    public static final int IMM_I = 0xfff0_0000;

    private Encoding() {
    }

    /** Returns the destination register, 0 to 31. */
    public static int rd(int word) {
        return word >>> 7 & 0x1f;
    }

    /** Returns the first source register, 0 to 31. */
    public static int rs1(int word) {
        return word >>> 15 & 0x1f;
    }

    /** Returns the second source register, 0 to 31. */
    public static int rs2(int word) {
        return word >>> 20 & 0x1f;
    }

    /** Returns the sign-extended immediate of the I format. */
    public static int immI(int word) {
        return word >> 20;
    }

    /** Returns the sign-extended immediate of the S format. */
    public static int immS(int word) {
        return word >> 20 & ~0x1f
                | word >>> 7 & 0x1f;
    }

    /** Returns the sign-extended, even branch offset of the B format. */
    public static int immB(int word) {
        return word >> 31 << 12
                | (word & 0x0000_0080) << 4
                | word >>> 20 & 0x7e0
                | word >>> 7 & 0x01e;
    }

    /** Returns the immediate of the U format in its place: the low twelve bits are zero. */
    public static int immU(int word) {
        return word & 0xffff_f000;
    }

    /** Returns the sign-extended, even jump offset of the J format. */
    public static int immJ(int word) {
        return word >> 31 << 20
                | word & 0x000f_f000
                | word >>> 9 & 0x800
                | word >>> 20 & 0x7fe;
    }

    /** Returns the number of a control and status register, 0 to 0xfff. */
    public static int csr(int word) {
        return word >>> 20;
    }

    /** Returns the zero-extended 5-bit immediate of the CSR instructions whose names end in {@code i}. */
    public static int zimm(int word) {
        return rs1(word);
    }

    /** Returns the shift amount of an immediate shift, 0 to 31. */
    public static int shamt(int word) {
        return rs2(word);
    }

    /** Returns the predecessor set of a fence, bits {@code iorw} from high to low (section 2.7). */
    public static int pred(int word) {
        return word >>> 24 & 0xf;
    }

    /** Returns the successor set of a fence, bits {@code iorw} from high to low (section 2.7). */
    public static int succ(int word) {
        return word >>> 20 & 0xf;
    }

    /** Returns the ordering of an atomic instruction: bit 1 is aq, bit 0 is rl (section 8.1). */
    public static int aqrl(int word) {
        return word >>> 25 & 3;
    }

    // ---- encoding: words from fields ----

    static int formatR(Instruction row, int rd, int rs1, int rs2) {
        return row.match() | rd << 7 | rs1 << 15 | rs2 << 20;
    }

    /** Encodes an I-format word. For a shift, the low bits of the immediate are the amount. */
    static int formatI(Instruction row, int rd, int rs1, int immediate) {
        return row.match() | rd << 7 | rs1 << 15 | immediate << 20;
    }

    static int formatS(Instruction row, int rs2, int rs1, int immediate) {
        return row.match() | (immediate & 0x1f) << 7 | rs1 << 15 | rs2 << 20 | immediate >> 5 << 25;
    }

    static int formatB(Instruction row, int rs1, int rs2, int offset) {
        return row.match() | rs1 << 15 | rs2 << 20 | (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3f) << 25
                | (offset >> 1 & 0xf) << 8 | (offset >> 11 & 1) << 7;
    }

    static int formatU(Instruction row, int rd, int immediate) {
        return row.match() | rd << 7 | immediate & 0xffff_f000;
    }

    static int formatJ(Instruction row, int rd, int offset) {
        return row.match() | rd << 7 | (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3ff) << 21 | (offset >> 11 & 1) << 20
                | (offset >> 12 & 0xff) << 12;
    }
}
