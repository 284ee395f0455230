package ferrite.translator;

import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;

/**
 * One instruction of a region.
 *
 * @param offset the virtual address, minus that of the region's first page
 * @param row    the instruction
 * @param word   its 32 bits; those of its expansion if it is compressed
 * @param bytes  its length
 */
record GuestCode(int offset, Instruction row, int word, int bytes) {

    private static final int RA = 1;
    private static final int T0 = 5;

    int rd() {
        return Encoding.rd(word);
    }

    int rs1() {
        return Encoding.rs1(word);
    }

    int rs2() {
        return Encoding.rs2(word);
    }

    /** Returns what a load or a store adds to its base register. */
    int immediate() {
        return row.operands() == Operands.STORE ? Encoding.immS(word) : Encoding.immI(word);
    }

    /** Returns the offset of the next instruction in memory. */
    int next() {
        return offset + bytes;
    }

    /** Returns the offset of a direct jump's or branch's target. */
    int target() {
        return offset + (row == Instruction.JAL ? Encoding.immJ(word) : Encoding.immB(word));
    }

    boolean isBranch() {
        return row.operands() == Operands.BRANCH;
    }

    /** Tells whether the instruction jumps always. */
    boolean isJump() {
        return row == Instruction.JAL || row == Instruction.JALR;
    }

    /** Tells whether the instruction is a jump that leaves a return address. */
    boolean isCall() {
        return isJump() && rd() != 0;
    }

    /** Tells whether the instruction is a return: a jump to ra or t0 (unprivileged specification, table 2.1). */
    boolean isReturn() {
        return row == Instruction.JALR && rd() == 0 && (rs1() == RA || rs1() == T0);
    }

    /** Tells whether regions contain such instructions. The interpreter executes the others. */
    static boolean isTranslated(Instruction row) {
        return switch (row.operands()) {
            case R, I, SHIFT, U, LOAD, STORE, BRANCH, JUMP, JUMP_REGISTER, FENCE -> true;
            default -> row == Instruction.FENCE_I;
        };
    }
}
