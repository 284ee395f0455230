package ferrite.hardware.hart;

import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;

/**
 * Executes one instruction at a time, each a case with the meaning that the specification gives it. A compressed one is executed as the
 * instruction that it stands for. An instruction that traps changes nothing else.
 */
final class Interpreter {

    private final Hart hart;
    private final Atomics atomics;
    private final SystemInstructions system;

    Interpreter(Hart hart) {
        this.hart = hart;
        this.atomics = new Atomics(hart);
        this.system = new SystemInstructions(hart);
    }

    void step() {
        int[] x = hart.x;
        int pc = hart.pc;
        int bits = hart.fetch();
        boolean compressed = Decoder.isCompressed(bits);
        int word = compressed ? Decoder.expand(bits) : bits;
        Instruction instruction = Decoder.decode(word);
        if (instruction == null) {
            throw new Trap(Trap.ILLEGAL_INSTRUCTION, bits);
        }
        int rs1 = x[Encoding.rs1(word)];
        int rs2 = x[Encoding.rs2(word)];
        int next = pc + (compressed ? 2 : 4);
        int result = 0;
        boolean writes = true;
        switch (instruction) {
            case LUI -> result = Encoding.immU(word);
            case AUIPC -> result = pc + Encoding.immU(word);
            case JAL -> {
                result = next;
                next = pc + Encoding.immJ(word);
            }
            case JALR -> {
                result = next;
                next = rs1 + Encoding.immI(word) & ~1;
            }
            case BEQ, BNE, BLT, BGE, BLTU, BGEU -> {
                next = taken(instruction, rs1, rs2) ? pc + Encoding.immB(word) : next;
                writes = false;
            }
            case LB -> result = (byte) hart.load(rs1 + Encoding.immI(word), 1);
            case LH -> result = (short) hart.load(rs1 + Encoding.immI(word), 2);
            case LW -> result = hart.load(rs1 + Encoding.immI(word), 4);
            case LBU -> result = hart.load(rs1 + Encoding.immI(word), 1);
            case LHU -> result = hart.load(rs1 + Encoding.immI(word), 2);
            case SB -> {
                hart.store(rs1 + Encoding.immS(word), 1, rs2);
                writes = false;
            }
            case SH -> {
                hart.store(rs1 + Encoding.immS(word), 2, rs2);
                writes = false;
            }
            case SW -> {
                hart.store(rs1 + Encoding.immS(word), 4, rs2);
                writes = false;
            }
            case ADDI -> result = rs1 + Encoding.immI(word);
            case SLTI -> result = rs1 < Encoding.immI(word) ? 1 : 0;
            case SLTIU -> result = Integer.compareUnsigned(rs1, Encoding.immI(word)) < 0 ? 1 : 0;
            case XORI -> result = rs1 ^ Encoding.immI(word);
            case ORI -> result = rs1 | Encoding.immI(word);
            case ANDI -> result = rs1 & Encoding.immI(word);
            case SLLI -> result = rs1 << Encoding.shamt(word);
            case SRLI -> result = rs1 >>> Encoding.shamt(word);
            case SRAI -> result = rs1 >> Encoding.shamt(word);
            case ADD -> result = rs1 + rs2;
            case SUB -> result = rs1 - rs2;
            case SLL -> result = rs1 << rs2;
            case SLT -> result = rs1 < rs2 ? 1 : 0;
            case SLTU -> result = Integer.compareUnsigned(rs1, rs2) < 0 ? 1 : 0;
            case XOR -> result = rs1 ^ rs2;
            case SRL -> result = rs1 >>> rs2;
            case SRA -> result = rs1 >> rs2;
            case OR -> result = rs1 | rs2;
            case AND -> result = rs1 & rs2;
            case MUL -> result = rs1 * rs2;
            case MULH -> result = Multiplication.mulh(rs1, rs2);
            case MULHSU -> result = Multiplication.mulhsu(rs1, rs2);
            case MULHU -> result = Multiplication.mulhu(rs1, rs2);
            case DIV -> result = Multiplication.div(rs1, rs2);
            case DIVU -> result = Multiplication.divu(rs1, rs2);
            case REM -> result = Multiplication.rem(rs1, rs2);
            case REMU -> result = Multiplication.remu(rs1, rs2);
            case LR_W, SC_W, AMOSWAP_W, AMOADD_W, AMOXOR_W, AMOAND_W, AMOOR_W, AMOMIN_W, AMOMAX_W, AMOMINU_W, AMOMAXU_W ->
                result = atomics.execute(instruction, rs1, rs2);
            case FENCE, FENCE_I -> writes = false;            // one hart at a time runs, and nothing decoded is kept: in order already
            case CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI, CSRRCI -> result = system.csr(instruction, word, rs1);
            default -> {
                system.execute(instruction, word, rs1, rs2);
                return;
            }
        }
        if (writes) {
            hart.setRegister(Encoding.rd(word), result);
        }
        hart.pc = next;
    }

    private static boolean taken(Instruction branch, int rs1, int rs2) {
        return switch (branch) {
            case BEQ -> rs1 == rs2;
            case BNE -> rs1 != rs2;
            case BLT -> rs1 < rs2;
            case BGE -> rs1 >= rs2;
            case BLTU -> Integer.compareUnsigned(rs1, rs2) < 0;
            default -> Integer.compareUnsigned(rs1, rs2) >= 0;
        };
    }
}
