package ferrite.hardware.hart;

import ferrite.hardware.instruction.Instruction;
import java.util.function.IntBinaryOperator;

/**
 * The instructions of A (unprivileged specification, chapter 8). The ordering of aq and rl always holds, because one
 * hart runs at a time and its accesses happen in program order.
 */
final class Atomics {

    private static final int SC_FAILED = 1;

    private final Hart hart;

    Atomics(Hart hart) {
        this.hart = hart;
    }

    /** Executes a row of A, with its address in rs1. Returns the value for rd. */
    int execute(Instruction instruction, int va, int operand) {
        Mmu mmu = hart.mmu();
        int mode = hart.dataMode();
        return switch (instruction) {
            case LR_W -> mmu.loadReserved(va, mode);
            case SC_W -> mmu.storeConditional(va, operand, mode) ? 0 : SC_FAILED;
            default -> mmu.amo(va & 0xffff_ffffL, operand, operation(instruction), mode);
        };
    }

    private static IntBinaryOperator operation(Instruction instruction) {
        return switch (instruction) {
            case AMOSWAP_W -> (old, operand) -> operand;
            case AMOADD_W -> Integer::sum;
            case AMOXOR_W -> (old, operand) -> old ^ operand;
            case AMOAND_W -> (old, operand) -> old & operand;
            case AMOOR_W -> (old, operand) -> old | operand;
            case AMOMIN_W -> Math::min;
            case AMOMAX_W -> Math::max;
            case AMOMINU_W -> (old, operand) -> Integer.compareUnsigned(old, operand) <= 0 ? old : operand;
            case AMOMAXU_W -> (old, operand) -> Integer.compareUnsigned(old, operand) >= 0 ? old : operand;
            default -> throw new IllegalArgumentException(instruction + " is not an AMO");
        };
    }
}
