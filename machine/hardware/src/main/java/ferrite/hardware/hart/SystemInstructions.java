package ferrite.hardware.hart;

import ferrite.hardware.bus.Ram;
import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;

/**
 * Zicsr (unprivileged specification, chapter 9) and the privileged instructions (privileged specification, sections 3.3
 * and 4.2).
 */
final class SystemInstructions {

    private static final int SLLI_X0_X0_31 = 0x01f0_1013;
    private static final int EBREAK = Instruction.EBREAK.match();
    private static final int SRAI_X0_X0_7 = 0x4070_5013;

    private final Hart hart;

    SystemInstructions(Hart hart) {
        this.hart = hart;
    }

    /**
     * Executes a CSR instruction. CSRRW does not read if rd is x0. The others do not write if rs1 or the immediate is 0
     * (Zicsr, section 9.1).
     */
    int csr(Instruction instruction, int word, int rs1) {
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

    void execute(Instruction instruction, int word, int rs1, int rs2) {
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
            case EBREAK -> {
                if (!isHostCall() && !hart.stopsAtEbreak()) {
                    throw new Trap(Trap.BREAKPOINT, hart.pc);
                }
            }
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
            default -> throw new IllegalStateException("the instruction " + instruction + " has no implementation");
        }
    }

    /**
     * Makes the call of semihosting whose {@code ebreak} is at the pc: the middle of three instructions on one page
     * (RISC-V semihosting, section 3). Returns false if it is another ebreak.
     */
    private boolean isHostCall() {
        HostCalls host = hart.hostCalls();
        int first = hart.pc - 4;
        if (host == null || (first ^ hart.pc + 4) >>> Ram.PAGE_SHIFT != 0 || !isAt(first, SLLI_X0_X0_31)
                || !isAt(hart.pc, EBREAK) || !isAt(hart.pc + 4, SRAI_X0_X0_7)) {
            return false;
        }
        if (host.serve(hart)) {
            hart.pc += 4;
        }
        return true;
    }

    private boolean isAt(int va, int word) {
        try {
            return hart.mmu().fetch(va, hart.mode) == word;
        } catch (Trap notFetchable) {
            return false;
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
