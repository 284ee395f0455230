package ferrite.hardware.hart;

import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;

/**
 * Executes one instruction at a time: RV32I, Zicsr, Zifencei and the privileged instructions, each a case with the meaning
 * that the specification gives it. An instruction that traps changes nothing else.
 */
final class Interpreter {

    private final Hart hart;

    Interpreter(Hart hart) {
        this.hart = hart;
    }

    void step() {
        int[] x = hart.x;
        int pc = hart.pc;
        int word = hart.fetch();
        Instruction instruction = Decoder.decode(word);
        if (instruction == null) {
            throw new Trap(Trap.ILLEGAL_INSTRUCTION, word);
        }
        int rs1 = x[Encoding.rs1(word)];
        int rs2 = x[Encoding.rs2(word)];
        int next = pc + 4;
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
            case FENCE, FENCE_I -> writes = false;            // one hart at a time runs, and nothing decoded is kept: in order already
            case CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI, CSRRCI -> result = csr(instruction, word, rs1);
            default -> {
                system(instruction, word, rs1, rs2);
                return;
            }
        }
        if ((next & 3) != 0) {
            throw new Trap(Trap.INSTRUCTION_MISALIGNED, next);
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

    /** Reads without side effects unless rd is x0 of a CSRRW, writes unless rs1 or the immediate is 0 of the others (Zicsr, section 9.1). */
    private int csr(Instruction instruction, int word, int rs1) {
        int number = Encoding.csr(word);
        boolean immediate = instruction.compareTo(Instruction.CSRRWI) >= 0;
        int operand = immediate ? Encoding.zimm(word) : rs1;
        try {
            boolean swap = instruction == Instruction.CSRRW || instruction == Instruction.CSRRWI;
            int old = swap && Encoding.rd(word) == 0 ? 0 : hart.readCsr(number);
            switch (instruction) {
                case CSRRW, CSRRWI -> hart.writeCsr(number, operand);
                case CSRRS, CSRRSI -> {
                    if (Encoding.rs1(word) != 0) {
                        hart.writeCsr(number, hart.csrs().modifiable(number, old) | operand);
                    }
                }
                default -> {
                    if (Encoding.rs1(word) != 0) {
                        hart.writeCsr(number, hart.csrs().modifiable(number, old) & ~operand);
                    }
                }
            }
            return old;
        } catch (Trap trap) {
            throw new Trap(trap.cause(), word);               // tval is the instruction
        }
    }

    private void system(Instruction instruction, int word, int rs1, int rs2) {
        int mode = hart.mode;
        int mstatus = hart.csrs().mstatus();
        boolean supervisor = mode == PrivilegeMode.S;
        boolean allowed = switch (instruction) {
            case MRET -> mode == PrivilegeMode.M;
            case SRET -> mode == PrivilegeMode.M || supervisor && (mstatus & Csrs.TSR) == 0;
            case SFENCE_VMA -> mode == PrivilegeMode.M || supervisor && (mstatus & Csrs.TVM) == 0;
            case WFI -> mode == PrivilegeMode.M || supervisor && (mstatus & Csrs.TW) == 0;
            default -> true;
        };
        if (!allowed) {
            throw new Trap(Trap.ILLEGAL_INSTRUCTION, word);
        }
        switch (instruction) {
            case ECALL -> throw new Trap(Trap.ECALL_FROM_U + mode, 0);
            case EBREAK -> throw new Trap(Trap.BREAKPOINT, hart.pc);
            case MRET -> hart.mret();
            case SRET -> hart.sret();
            case WFI -> {
                hart.pc += 4;
                hart.setWaiting(hart.csrs().pendingEnabled() == 0);
            }
            case SFENCE_VMA -> {
                hart.pc += 4;
                fence(word, rs1, rs2);
            }
            default -> throw new IllegalStateException("no meaning was given to " + instruction);
        }
    }

    private void fence(int word, int rs1, int rs2) {
        int asid = Encoding.rs2(word) == 0 ? -1 : rs2 & 0x1ff;
        if (Encoding.rs1(word) == 0) {
            hart.mmu().fenceAll(asid);
        } else {
            hart.mmu().fence(rs1, asid);
        }
    }
}
