package ferrite.hardware.instruction;

import static ferrite.hardware.instruction.Encoding.IMM_I;
import static ferrite.hardware.instruction.Encoding.RD;
import static ferrite.hardware.instruction.Encoding.RS1;
import static ferrite.hardware.instruction.Encoding.RS2;

/**
 * Alternative spellings of instructions in assembly language: the pseudoinstructions of the unprivileged
 * specification's chapter on assembly programming, and further forms that binutils prints.
 *
 * <p>A row applies to a word that decodes to {@code base} and has {@code value} in the bits of {@code fields}. The
 * first row that fits counts, so special forms stand above general ones.
 */
enum PseudoInstruction {

    NOP("nop", Instruction.ADDI, RD | RS1 | IMM_I, 0, ""),
    LI("li", Instruction.ADDI, RS1, 0, "rd,immI"),
    MV("mv", Instruction.ADDI, IMM_I, 0, "rd,rs1"),
    NOT("not", Instruction.XORI, IMM_I, Bits.IMM_MINUS_1, "rd,rs1"),
    ZEXT_B("zext.b", Instruction.ANDI, IMM_I, Bits.IMM_255, "rd,rs1"),
    NEG("neg", Instruction.SUB, RS1, 0, "rd,rs2"),
    SEQZ("seqz", Instruction.SLTIU, IMM_I, Bits.IMM_1, "rd,rs1"),
    SNEZ("snez", Instruction.SLTU, RS1, 0, "rd,rs2"),
    SLTZ("sltz", Instruction.SLT, RS2, 0, "rd,rs1"),
    SGTZ("sgtz", Instruction.SLT, RS1, 0, "rd,rs2"),

    // The assembler accepts "add" for "addi" when the operand is a number, and objdump prints it so.
    ADD_IMMEDIATE("add", Instruction.ADDI, 0, 0, "rd,rs1,immI"),
    SLT_IMMEDIATE("slt", Instruction.SLTI, 0, 0, "rd,rs1,immI"),
    SLTU_IMMEDIATE("sltu", Instruction.SLTIU, 0, 0, "rd,rs1,immI"),
    XOR_IMMEDIATE("xor", Instruction.XORI, 0, 0, "rd,rs1,immI"),
    OR_IMMEDIATE("or", Instruction.ORI, 0, 0, "rd,rs1,immI"),
    AND_IMMEDIATE("and", Instruction.ANDI, 0, 0, "rd,rs1,immI"),
    SLL_IMMEDIATE("sll", Instruction.SLLI, 0, 0, "rd,rs1,shamt"),
    SRL_IMMEDIATE("srl", Instruction.SRLI, 0, 0, "rd,rs1,shamt"),
    SRA_IMMEDIATE("sra", Instruction.SRAI, 0, 0, "rd,rs1,shamt"),

    BEQZ("beqz", Instruction.BEQ, RS2, 0, "rs1,targetB"),
    BNEZ("bnez", Instruction.BNE, RS2, 0, "rs1,targetB"),
    BLTZ("bltz", Instruction.BLT, RS2, 0, "rs1,targetB"),
    BGTZ("bgtz", Instruction.BLT, RS1, 0, "rs2,targetB"),
    BLEZ("blez", Instruction.BGE, RS1, 0, "rs2,targetB"),
    BGEZ("bgez", Instruction.BGE, RS2, 0, "rs1,targetB"),

    J("j", Instruction.JAL, RD, 0, "targetJ"),
    JAL_RA("jal", Instruction.JAL, RD, Bits.RD_RA, "targetJ"),
    RET("ret", Instruction.JALR, RD | RS1 | IMM_I, Bits.RS1_RA, ""),
    JR("jr", Instruction.JALR, RD | IMM_I, 0, "rs1"),
    JR_OFFSET("jr", Instruction.JALR, RD, 0, "immI(rs1)"),
    JALR_RA("jalr", Instruction.JALR, RD | IMM_I, Bits.RD_RA, "rs1"),
    JALR_RA_OFFSET("jalr", Instruction.JALR, RD, Bits.RD_RA, "immI(rs1)"),
    JALR_NO_OFFSET("jalr", Instruction.JALR, IMM_I, 0, "rd,rs1"),

    RDCYCLE("rdcycle", Instruction.CSRRS, IMM_I | RS1, 0xc000_0000, "rd"),
    RDTIME("rdtime", Instruction.CSRRS, IMM_I | RS1, 0xc010_0000, "rd"),
    RDINSTRET("rdinstret", Instruction.CSRRS, IMM_I | RS1, 0xc020_0000, "rd"),
    RDCYCLEH("rdcycleh", Instruction.CSRRS, IMM_I | RS1, 0xc800_0000, "rd"),
    RDTIMEH("rdtimeh", Instruction.CSRRS, IMM_I | RS1, 0xc810_0000, "rd"),
    RDINSTRETH("rdinstreth", Instruction.CSRRS, IMM_I | RS1, 0xc820_0000, "rd"),
    // Toolchains use a write to the read-only counter "cycle" as an instruction that is certainly illegal.
    UNIMP("unimp", Instruction.CSRRW, IMM_I | RS1 | RD, 0xc000_0000, ""),
    CSRR("csrr", Instruction.CSRRS, RS1, 0, "rd,csr"),
    CSRW("csrw", Instruction.CSRRW, RD, 0, "csr,rs1"),
    CSRS("csrs", Instruction.CSRRS, RD, 0, "csr,rs1"),
    CSRC("csrc", Instruction.CSRRC, RD, 0, "csr,rs1"),
    CSRW_IMMEDIATE("csrw", Instruction.CSRRWI, RD, 0, "csr,zimm"),
    CSRS_IMMEDIATE("csrs", Instruction.CSRRSI, RD, 0, "csr,zimm"),
    CSRC_IMMEDIATE("csrc", Instruction.CSRRCI, RD, 0, "csr,zimm"),
    CSRRW_IMMEDIATE("csrrw", Instruction.CSRRWI, 0, 0, "rd,csr,zimm"),
    CSRRS_IMMEDIATE("csrrs", Instruction.CSRRSI, 0, 0, "rd,csr,zimm"),
    CSRRC_IMMEDIATE("csrrc", Instruction.CSRRCI, 0, 0, "rd,csr,zimm"),

    FENCE_ALL("fence", Instruction.FENCE, IMM_I | RS1 | RD, 0x0ff0_0000, ""),
    FENCE_TSO("fence.tso", Instruction.FENCE, IMM_I | RS1 | RD, 0x8330_0000, ""),
    SFENCE_VMA_ALL("sfence.vma", Instruction.SFENCE_VMA, RS1 | RS2, 0, ""),
    SFENCE_VMA_ADDRESS("sfence.vma", Instruction.SFENCE_VMA, RS2, 0, "rs1");

    private final String mnemonic;
    private final Instruction base;
    private final int fields;
    private final int value;
    private final String template;

    PseudoInstruction(String mnemonic, Instruction base, int fields, int value, String template) {
        this.mnemonic = mnemonic;
        this.base = base;
        this.fields = fields;
        this.value = value;
        this.template = template;
    }

    Instruction base() {
        return base;
    }

    int fields() {
        return fields;
    }

    int value() {
        return value;
    }

    /** Tells whether {@code word}, which decodes to {@link #base()}, may be written this way. */
    boolean fits(int word) {
        return (word & fields) == value;
    }

    String text(int word, long pc) {
        return OperandText.line(mnemonic, OperandText.fill(template, word, pc));
    }

    /**
     * Field values, in place. They are in a nested class because an enum's rows cannot see constants of the enum
     * itself.
     */
    private static final class Bits {
        static final int RD_RA = 1 << 7;
        static final int RS1_RA = 1 << 15;
        static final int IMM_1 = 1 << 20;
        static final int IMM_255 = 255 << 20;
        static final int IMM_MINUS_1 = -1 << 20;
    }
}
