package ferrite.hardware.instruction;

import static ferrite.hardware.instruction.CompressedEncoding.RD;
import static ferrite.hardware.instruction.CompressedEncoding.RS2;
import static ferrite.hardware.instruction.CompressedEncoding.rd;
import static ferrite.hardware.instruction.CompressedEncoding.rs1Prime;
import static ferrite.hardware.instruction.CompressedEncoding.rs2;
import static ferrite.hardware.instruction.CompressedEncoding.rs2Prime;
import static ferrite.hardware.instruction.Encoding.formatB;
import static ferrite.hardware.instruction.Encoding.formatI;
import static ferrite.hardware.instruction.Encoding.formatJ;
import static ferrite.hardware.instruction.Encoding.formatR;
import static ferrite.hardware.instruction.Encoding.formatS;
import static ferrite.hardware.instruction.Encoding.formatU;

/**
 * The table of the 16-bit instructions of C for RV32 (unprivileged specification, chapter 16). Each row has the 32-bit
 * instruction to which it expands.
 *
 * <p>A parcel matches a row if it equals {@code match} in the bits of {@code mask}. If {@code nonZero} has bits, at
 * least one of them must also be set in the parcel, because zero is reserved there or encodes another instruction. No
 * parcel matches two rows.
 *
 * <p>HINTs are executed as their expansions, which change nothing. Reserved parcels are illegal, and so are those of
 * RV64, RV128, F and D.
 */
public enum CompressedInstruction {

    // Quadrant 0. A parcel of zeros is illegal by definition.
    C_ADDI4SPN(0xe003, 0x0000, 0x1fe0, "c.addi4spn", "rd,rs1,immI"),
    C_LW(0xe003, 0x4000, 0, "c.lw", "rd,immI(rs1)"),
    C_SW(0xe003, 0xc000, 0, "c.sw", "rs2,immS(rs1)"),

    // Quadrant 1. C.ADDI of x0 is C.NOP.
    C_ADDI(0xe003, 0x0001, 0, "c.addi", "rd,immI"),
    C_JAL(0xe003, 0x2001, 0, "c.jal", "targetJ"),
    C_LI(0xe003, 0x4001, 0, "c.li", "rd,immI"),
    C_ADDI16SP(0xef83, 0x6101, 0x107c, "c.addi16sp", "rd,immI"),
    C_LUI(0xe003, 0x6001, 0x107c, "c.lui", "rd,immU"),
    C_SRLI(0xfc03, 0x8001, RS2, "c.srli", "rd,shamt"),
    C_SRLI64(0xfc7f, 0x8001, 0, "c.srli64", "rd"),
    C_SRAI(0xfc03, 0x8401, RS2, "c.srai", "rd,shamt"),
    C_SRAI64(0xfc7f, 0x8401, 0, "c.srai64", "rd"),
    C_ANDI(0xec03, 0x8801, 0, "c.andi", "rd,immI"),
    C_SUB(0xfc63, 0x8c01, 0, "c.sub", "rd,rs2"),
    C_XOR(0xfc63, 0x8c21, 0, "c.xor", "rd,rs2"),
    C_OR(0xfc63, 0x8c41, 0, "c.or", "rd,rs2"),
    C_AND(0xfc63, 0x8c61, 0, "c.and", "rd,rs2"),
    C_J(0xe003, 0xa001, 0, "c.j", "targetJ"),
    C_BEQZ(0xe003, 0xc001, 0, "c.beqz", "rs1,targetB"),
    C_BNEZ(0xe003, 0xe001, 0, "c.bnez", "rs1,targetB"),

    // Quadrant 2
    C_SLLI(0xf003, 0x0002, RS2, "c.slli", "rd,shamt"),
    C_SLLI64(0xf07f, 0x0002, 0, "c.slli64", "rd"),
    C_LWSP(0xe003, 0x4002, RD, "c.lwsp", "rd,immI(rs1)"),
    C_JR(0xf07f, 0x8002, RD, "c.jr", "rs1"),
    C_MV(0xf003, 0x8002, RS2, "c.mv", "rd,rs2"),
    C_EBREAK(0xffff, 0x9002, 0, "c.ebreak", ""),
    C_JALR(0xf07f, 0x9002, RD, "c.jalr", "rs1"),
    C_ADD(0xf003, 0x9002, RS2, "c.add", "rd,rs2"),
    C_SWSP(0xe003, 0xc002, 0, "c.swsp", "rs2,immS(rs1)");

    private static final int RA = 1;
    private static final int SP = 2;

    private final int mask;
    private final int match;
    private final int nonZero;
    private final String mnemonic;
    private final String template;

    CompressedInstruction(int mask, int match, int nonZero, String mnemonic, String template) {
        this.mask = mask;
        this.match = match;
        this.nonZero = nonZero;
        this.mnemonic = mnemonic;
        this.template = template;
    }

    /** Returns the specification's name, as written in assembly language. */
    public String mnemonic() {
        return mnemonic;
    }

    int mask() {
        return mask;
    }

    int match() {
        return match;
    }

    /** Tells whether {@code parcel}, 16 bits zero-extended, is this instruction. */
    public boolean matches(int parcel) {
        boolean fits = (parcel & mask) == match && (nonZero == 0 || (parcel & nonZero) != 0);
        return fits && !(this == C_LUI && rd(parcel) == SP);              // that is C.ADDI16SP (section 16.5)
    }

    /** Formats the operands as objdump does, from the expansion. */
    String operandText(int expansion, long pc) {
        return OperandText.fill(template, expansion, pc);
    }

    /** Expands a parcel of this row to its 32-bit instruction. */
    public int expand(int parcel) {
        int rd = rd(parcel);
        int rs2 = rs2(parcel);
        int low = rs2Prime(parcel);
        int high = rs1Prime(parcel);
        return switch (this) {
            case C_ADDI4SPN -> formatI(Instruction.ADDI, low, SP, CompressedEncoding.immAddi4spn(parcel));
            case C_LW -> formatI(Instruction.LW, low, high, CompressedEncoding.offsetWord(parcel));
            case C_SW -> formatS(Instruction.SW, low, high, CompressedEncoding.offsetWord(parcel));
            case C_ADDI -> formatI(Instruction.ADDI, rd, rd, CompressedEncoding.imm6(parcel));
            case C_JAL -> formatJ(Instruction.JAL, RA, CompressedEncoding.offsetJump(parcel));
            case C_LI -> formatI(Instruction.ADDI, rd, 0, CompressedEncoding.imm6(parcel));
            case C_ADDI16SP -> formatI(Instruction.ADDI, SP, SP, CompressedEncoding.immAddi16sp(parcel));
            case C_LUI -> formatU(Instruction.LUI, rd, CompressedEncoding.imm6(parcel) << 12);
            case C_SRLI, C_SRLI64 -> formatI(Instruction.SRLI, high, high, rs2);
            case C_SRAI, C_SRAI64 -> formatI(Instruction.SRAI, high, high, rs2);
            case C_ANDI -> formatI(Instruction.ANDI, high, high, CompressedEncoding.imm6(parcel));
            case C_SUB -> formatR(Instruction.SUB, high, high, low);
            case C_XOR -> formatR(Instruction.XOR, high, high, low);
            case C_OR -> formatR(Instruction.OR, high, high, low);
            case C_AND -> formatR(Instruction.AND, high, high, low);
            case C_J -> formatJ(Instruction.JAL, 0, CompressedEncoding.offsetJump(parcel));
            case C_BEQZ -> formatB(Instruction.BEQ, high, 0, CompressedEncoding.offsetBranch(parcel));
            case C_BNEZ -> formatB(Instruction.BNE, high, 0, CompressedEncoding.offsetBranch(parcel));
            case C_SLLI, C_SLLI64 -> formatI(Instruction.SLLI, rd, rd, rs2);
            case C_LWSP -> formatI(Instruction.LW, rd, SP, CompressedEncoding.offsetLwsp(parcel));
            case C_JR -> formatI(Instruction.JALR, 0, rd, 0);
            case C_MV -> formatR(Instruction.ADD, rd, 0, rs2);
            case C_EBREAK -> Instruction.EBREAK.match();
            case C_JALR -> formatI(Instruction.JALR, RA, rd, 0);
            case C_ADD -> formatR(Instruction.ADD, rd, rd, rs2);
            case C_SWSP -> formatS(Instruction.SW, rs2, SP, CompressedEncoding.offsetSwsp(parcel));
        };
    }
}
