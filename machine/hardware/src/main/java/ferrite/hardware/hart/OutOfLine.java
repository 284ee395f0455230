package ferrite.hardware.hart;

import ferrite.hardware.instruction.Instruction;

/**
 * Execution outside the interpreter's loop: rare instructions, and accesses that miss the fast path. Each instruction
 * is executed completely, including the pc. An instruction that traps changes nothing else.
 */
final class OutOfLine {

    private static final Instruction[] ROWS = Instruction.values();

    private final Hart hart;
    private final Atomics atomics;
    private final SystemInstructions system;

    OutOfLine(Hart hart) {
        this.hart = hart;
        this.atomics = new Atomics(hart);
        this.system = new SystemInstructions(hart);
    }

    /** Executes the instruction at the hart's pc. Its tick is already spent. */
    void execute(long decoded) {
        UntakenBranches.keep();
        int next = hart.pc + 2 * Decoded.halfwords(decoded);
        int rs1 = hart.x[Decoded.rs1(decoded)];
        int rs2 = hart.x[Decoded.rs2(decoded)];
        int immediate = Decoded.immediate(decoded);
        int rd = Decoded.rd(decoded);
        int op = Decoded.op(decoded);
        switch (op) {
            case Op.LB, Op.LH, Op.LW, Op.LBU, Op.LHU -> hart.x[rd] = load(op, rs1 + immediate);
            case Op.SB, Op.SH, Op.SW -> hart.store(rs1 + immediate, Op.bytes(op), rs2);
            case Op.ILLEGAL -> throw new Trap(Trap.ILLEGAL_INSTRUCTION, immediate);
            default -> {
                Instruction row = ROWS[op - 1];
                switch (row.operands()) {
                    case AMO, LOAD_RESERVED -> hart.x[rd] = atomics.execute(row, rs1, rs2);
                    case CSR, CSR_IMMEDIATE -> hart.x[rd] = system.csr(row, immediate, rs1);
                    default -> {
                        system.execute(row, immediate, rs1, rs2);
                        return;
                    }
                }
            }
        }
        hart.pc = next;
    }

    /** Loads for an instruction. All kinds share a call, so that the JVM's compiler makes one copy of the slow path. */
    private int load(int op, int va) {
        int value = hart.load(va, Op.bytes(op));
        return op == Op.LB ? (byte) value : op == Op.LH ? (short) value : value;
    }
}
