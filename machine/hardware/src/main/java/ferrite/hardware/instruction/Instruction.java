package ferrite.hardware.instruction;

import static ferrite.hardware.instruction.Operands.AMO;
import static ferrite.hardware.instruction.Operands.BRANCH;
import static ferrite.hardware.instruction.Operands.CSR;
import static ferrite.hardware.instruction.Operands.CSR_IMMEDIATE;
import static ferrite.hardware.instruction.Operands.I;
import static ferrite.hardware.instruction.Operands.JUMP;
import static ferrite.hardware.instruction.Operands.JUMP_REGISTER;
import static ferrite.hardware.instruction.Operands.LOAD;
import static ferrite.hardware.instruction.Operands.LOAD_RESERVED;
import static ferrite.hardware.instruction.Operands.NONE;
import static ferrite.hardware.instruction.Operands.R;
import static ferrite.hardware.instruction.Operands.SFENCE;
import static ferrite.hardware.instruction.Operands.SHIFT;
import static ferrite.hardware.instruction.Operands.STORE;
import static ferrite.hardware.instruction.Operands.U;

/**
 * The instructions of the machine, one row each. The decoder, the disassembler, the interpreter and the translator
 * share this table.
 *
 * <p>A 32-bit word matches a row if it equals {@code match} in the bits of {@code mask}. No word matches two rows, so
 * the order of the rows has no meaning.
 *
 * <p>The 16-bit instructions of C are not rows here. The specification defines each of them by a 32-bit instruction to
 * which it expands, so they have their own table, {@link CompressedInstruction}. The fetch looks at the low two bits.
 * 11 means a 32-bit word. Any other value means a compressed instruction, which is expanded and then executed as the
 * row found here. Only the length still differs: it determines the next pc and the return address of a jump. It is a
 * property of the fetched parcel, not of the row.
 */
public enum Instruction {

    // RV32I: unprivileged specification, chapter 2
    LUI(0x0000_007f, 0x0000_0037, "lui", U),
    AUIPC(0x0000_007f, 0x0000_0017, "auipc", U),
    JAL(0x0000_007f, 0x0000_006f, "jal", JUMP),
    JALR(0x0000_707f, 0x0000_0067, "jalr", JUMP_REGISTER),

    BEQ(0x0000_707f, 0x0000_0063, "beq", BRANCH),
    BNE(0x0000_707f, 0x0000_1063, "bne", BRANCH),
    BLT(0x0000_707f, 0x0000_4063, "blt", BRANCH),
    BGE(0x0000_707f, 0x0000_5063, "bge", BRANCH),
    BLTU(0x0000_707f, 0x0000_6063, "bltu", BRANCH),
    BGEU(0x0000_707f, 0x0000_7063, "bgeu", BRANCH),

    LB(0x0000_707f, 0x0000_0003, "lb", LOAD),
    LH(0x0000_707f, 0x0000_1003, "lh", LOAD),
    LW(0x0000_707f, 0x0000_2003, "lw", LOAD),
    LBU(0x0000_707f, 0x0000_4003, "lbu", LOAD),
    LHU(0x0000_707f, 0x0000_5003, "lhu", LOAD),
    SB(0x0000_707f, 0x0000_0023, "sb", STORE),
    SH(0x0000_707f, 0x0000_1023, "sh", STORE),
    SW(0x0000_707f, 0x0000_2023, "sw", STORE),

    ADDI(0x0000_707f, 0x0000_0013, "addi", I),
    SLTI(0x0000_707f, 0x0000_2013, "slti", I),
    SLTIU(0x0000_707f, 0x0000_3013, "sltiu", I),
    XORI(0x0000_707f, 0x0000_4013, "xori", I),
    ORI(0x0000_707f, 0x0000_6013, "ori", I),
    ANDI(0x0000_707f, 0x0000_7013, "andi", I),
    SLLI(0xfe00_707f, 0x0000_1013, "slli", SHIFT),
    SRLI(0xfe00_707f, 0x0000_5013, "srli", SHIFT),
    SRAI(0xfe00_707f, 0x4000_5013, "srai", SHIFT),

    ADD(0xfe00_707f, 0x0000_0033, "add", R),
    SUB(0xfe00_707f, 0x4000_0033, "sub", R),
    SLL(0xfe00_707f, 0x0000_1033, "sll", R),
    SLT(0xfe00_707f, 0x0000_2033, "slt", R),
    SLTU(0xfe00_707f, 0x0000_3033, "sltu", R),
    XOR(0xfe00_707f, 0x0000_4033, "xor", R),
    SRL(0xfe00_707f, 0x0000_5033, "srl", R),
    SRA(0xfe00_707f, 0x4000_5033, "sra", R),
    OR(0xfe00_707f, 0x0000_6033, "or", R),
    AND(0xfe00_707f, 0x0000_7033, "and", R),

    // The unused fields of a fence are reserved and must be ignored (section 2.7), so the mask leaves them out.
    FENCE(0x0000_707f, 0x0000_000f, "fence", Operands.FENCE),
    ECALL(0xffff_ffff, 0x0000_0073, "ecall", NONE),
    EBREAK(0xffff_ffff, 0x0010_0073, "ebreak", NONE),

    // Zifencei: its unused fields must be ignored as well
    FENCE_I(0x0000_707f, 0x0000_100f, "fence.i", NONE),

    // Zicsr
    CSRRW(0x0000_707f, 0x0000_1073, "csrrw", CSR),
    CSRRS(0x0000_707f, 0x0000_2073, "csrrs", CSR),
    CSRRC(0x0000_707f, 0x0000_3073, "csrrc", CSR),
    CSRRWI(0x0000_707f, 0x0000_5073, "csrrwi", CSR_IMMEDIATE),
    CSRRSI(0x0000_707f, 0x0000_6073, "csrrsi", CSR_IMMEDIATE),
    CSRRCI(0x0000_707f, 0x0000_7073, "csrrci", CSR_IMMEDIATE),

    // M: chapter 7
    MUL(0xfe00_707f, 0x0200_0033, "mul", R),
    MULH(0xfe00_707f, 0x0200_1033, "mulh", R),
    MULHSU(0xfe00_707f, 0x0200_2033, "mulhsu", R),
    MULHU(0xfe00_707f, 0x0200_3033, "mulhu", R),
    DIV(0xfe00_707f, 0x0200_4033, "div", R),
    DIVU(0xfe00_707f, 0x0200_5033, "divu", R),
    REM(0xfe00_707f, 0x0200_6033, "rem", R),
    REMU(0xfe00_707f, 0x0200_7033, "remu", R),

    // A: chapter 8. The mask leaves out aq and rl, because memory accesses are always in order here.
    LR_W(0xf9f0_707f, 0x1000_202f, "lr.w", LOAD_RESERVED),
    SC_W(0xf800_707f, 0x1800_202f, "sc.w", AMO),
    AMOSWAP_W(0xf800_707f, 0x0800_202f, "amoswap.w", AMO),
    AMOADD_W(0xf800_707f, 0x0000_202f, "amoadd.w", AMO),
    AMOXOR_W(0xf800_707f, 0x2000_202f, "amoxor.w", AMO),
    AMOAND_W(0xf800_707f, 0x6000_202f, "amoand.w", AMO),
    AMOOR_W(0xf800_707f, 0x4000_202f, "amoor.w", AMO),
    AMOMIN_W(0xf800_707f, 0x8000_202f, "amomin.w", AMO),
    AMOMAX_W(0xf800_707f, 0xa000_202f, "amomax.w", AMO),
    AMOMINU_W(0xf800_707f, 0xc000_202f, "amominu.w", AMO),
    AMOMAXU_W(0xf800_707f, 0xe000_202f, "amomaxu.w", AMO),

    // Privileged specification: section 3.3 (machine-level), and "Supervisor Instructions"
    MRET(0xffff_ffff, 0x3020_0073, "mret", NONE),
    SRET(0xffff_ffff, 0x1020_0073, "sret", NONE),
    WFI(0xffff_ffff, 0x1050_0073, "wfi", NONE),
    SFENCE_VMA(0xfe00_7fff, 0x1200_0073, "sfence.vma", SFENCE);

    private final int mask;
    private final int match;
    private final String mnemonic;
    private final Operands operands;

    Instruction(int mask, int match, String mnemonic, Operands operands) {
        this.mask = mask;
        this.match = match;
        this.mnemonic = mnemonic;
        this.operands = operands;
    }

    /** Returns the bits of the word that identify the instruction. */
    public int mask() {
        return mask;
    }

    /** Returns the value of the bits in {@link #mask()}. Every other bit is zero. */
    public int match() {
        return match;
    }

    /** Returns the specification's name, as written in assembly language. */
    public String mnemonic() {
        return mnemonic;
    }

    /** Returns the shape of the operands. */
    public Operands operands() {
        return operands;
    }

    /** Tells whether {@code word} is this instruction. */
    public boolean matches(int word) {
        return (word & mask) == match;
    }
}
