package ferrite.hardware.instruction;

/**
 * The fields of a 16-bit instruction, as section 16.2 of the unprivileged specification draws them.
 *
 * <pre>
 *   15  13 12 11      7 6       2 1 0
 *  +------+--+---------+---------+---+
 *  |   funct4 | rd/rs1 |   rs2   |op |  CR
 *  +------+--+---------+---------+---+
 *  |funct3|im| rd/rs1  |   imm   |op |  CI
 *  +------+--+---------+---------+---+
 *  |funct3|    imm     |   rs2   |op |  CSS
 *  +------+------------+--+------+---+
 *  |funct3|      imm      | rd'  |op |  CIW
 *  +------+-----+----+--+-+------+---+
 *  |funct3| imm |rs1'| imm| rd'  |op |  CL, CS with rs2', CA with funct6 and funct2
 *  +------+-----+----+----+------+---+
 *  |funct3| off |rs1'|   offset  |op |  CB
 *  +------+-----+----+-----------+---+
 *  |funct3|      jump target     |op |  CJ
 *  +------+----------------------+---+
 * </pre>
 *
 * <p>A primed register is one of x8 to x15, encoded in three bits.
 */
final class CompressedEncoding {

    /** The bits of the rd/rs1 field. */
    static final int RD = 0x0f80;
    /** The bits of the rs2 field, and of the low five of a CI immediate. */
    static final int RS2 = 0x007c;

    private CompressedEncoding() {
    }

    static int rd(int parcel) {
        return parcel >>> 7 & 0x1f;
    }

    static int rs2(int parcel) {
        return parcel >>> 2 & 0x1f;
    }

    /** Returns rs1', or the rd' in the same place. */
    static int rs1Prime(int parcel) {
        return 8 + (parcel >>> 7 & 7);
    }

    /** Returns rs2', or the rd' of CIW and CL. */
    static int rs2Prime(int parcel) {
        return 8 + (parcel >>> 2 & 7);
    }

    /** Decodes imm[5] in bit 12 and imm[4:0] in bits 6-2, sign-extended. */
    static int imm6(int parcel) {
        return parcel << 19 >> 31 << 5 | rs2(parcel);
    }

    /** Decodes nzuimm[5:4|9:6|2|3] in bits 12-5. */
    static int immAddi4spn(int parcel) {
        return parcel >>> 7 & 0x30 | parcel >>> 1 & 0x3c0 | parcel >>> 4 & 0x4 | parcel >>> 2 & 0x8;
    }

    /** Decodes nzimm[9] in bit 12 and nzimm[4|6|8:7|5] in bits 6-2. */
    static int immAddi16sp(int parcel) {
        return parcel << 19 >> 31 << 9 | parcel >>> 2 & 0x10 | parcel << 1 & 0x40 | parcel << 4 & 0x180
                | parcel << 3 & 0x20;
    }

    /** Decodes uimm[5:3] in bits 12-10 and uimm[2|6] in bits 6-5: C.LW and C.SW. */
    static int offsetWord(int parcel) {
        return parcel >>> 7 & 0x38 | parcel >>> 4 & 0x4 | parcel << 1 & 0x40;
    }

    /** Decodes uimm[5] in bit 12 and uimm[4:2|7:6] in bits 6-2. */
    static int offsetLwsp(int parcel) {
        return parcel >>> 7 & 0x20 | parcel >>> 2 & 0x1c | parcel << 4 & 0xc0;
    }

    /** Decodes uimm[5:2|7:6] in bits 12-7. */
    static int offsetSwsp(int parcel) {
        return parcel >>> 7 & 0x3c | parcel >>> 1 & 0xc0;
    }

    /** Decodes offset[8|4:3] in bits 12-10 and offset[7:6|2:1|5] in bits 6-2. */
    static int offsetBranch(int parcel) {
        return parcel << 19 >> 31 << 8 | parcel >>> 7 & 0x18 | parcel << 1 & 0xc0 | parcel >>> 2 & 0x6
                | parcel << 3 & 0x20;
    }

    /** Decodes offset[11|4|9:8|10|6|7|3:1|5] in bits 12-2. */
    static int offsetJump(int parcel) {
        return parcel << 19 >> 31 << 11 | parcel >>> 7 & 0x10 | parcel >>> 1 & 0x300 | parcel << 2 & 0x400
                | parcel >>> 1 & 0x40 | parcel << 1 & 0x80 | parcel >>> 2 & 0xe | parcel << 3 & 0x20;
    }
}
