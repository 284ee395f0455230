package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import java.util.List;

/** Steps that read and write CSRs. Within the same step they restore a value that the harness needs. */
final class CsrSteps {

    /** A CSR that programs may leave changed, with the bits that they may choose. */
    private record Writable(int csr, int bits) { }

    private static final int SSTATUS = Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.SPP | Csrs.SUM | Csrs.MXR;
    private static final int MSTATUS = SSTATUS | Csrs.MSTATUS_MIE | Csrs.MPIE | Csrs.TVM | Csrs.TW | Csrs.TSR;
    /**
     * The causes that can be delegated, less ecalls from S-mode, by which programs reach the harness, and access
     * faults.
     */
    static final int MEDELEG = 0xb1ff & ~KnownDeparture.ACCESS_FAULTS;
    private static final int DELEGABLE = ~KnownDeparture.NEVER_DELEGABLE;
    private static final List<Writable> LASTING = List.of(new Writable(Csrs.MSTATUS, MSTATUS),
            new Writable(Csrs.MSTATUS, MSTATUS), new Writable(Csrs.SSTATUS, ~KnownDeparture.VS),
            new Writable(Csrs.SSTATUS, SSTATUS), new Writable(Csrs.MCAUSE, -1), new Writable(Csrs.MEPC, ~1),
            new Writable(Csrs.MTVAL, -1), new Writable(Csrs.SCAUSE, -1),
            new Writable(Csrs.SEPC, ~1), new Writable(Csrs.STVAL, -1),
            new Writable(Csrs.MCOUNTEREN, -1), new Writable(Csrs.SCOUNTEREN, -1), new Writable(Csrs.MEDELEG, MEDELEG),
            new Writable(Csrs.MIDELEG, Csrs.INTERRUPTS),
            new Writable(Csrs.MIP, Csrs.INTERRUPTS), new Writable(Csrs.SIP, -1), new Writable(Csrs.MENVCFG, 1),
            new Writable(Csrs.SENVCFG, 1), new Writable(Csrs.MSTATUSH, -1), new Writable(Csrs.MISA, -1));
    /** CSRs that the harness or the program's own code needs. */
    private static final List<Writable> TEMPORARY = List.of(new Writable(Csrs.MSCRATCH, -1), new Writable(Csrs.SSCRATCH,
            -1), new Writable(Csrs.MTVEC, ~2), new Writable(Csrs.STVEC, ~2), new Writable(Csrs.MEDELEG, DELEGABLE),
            new Writable(Csrs.SATP, -1), new Writable(Csrs.PMPADDR0 + 7, -1), new Writable(Csrs.PMPADDR0 + 14, -1));

    private final Choice choice;
    private final List<Writable> enables;

    /** @param interrupt the only interrupt that the program enables */
    CsrSteps(Choice choice, int interrupt) {
        this.choice = choice;
        this.enables = List.of(new Writable(Csrs.MIE, 1 << interrupt), new Writable(Csrs.SIE, 1 << interrupt));
    }

    /** Runs any CSR instruction on a CSR that may stay changed. */
    Step lasting() {
        Writable csr = choice.of(choice.oneIn(12) ? enables : LASTING);
        int register = choice.register();
        int result = KnownDeparture.mayBeIn(csr.csr) ? 0 : choice.destination();
        int value = (choice.oneIn(2) ? choice.operand() : choice.word()) & csr.bits | modes(csr);
        Instruction row = row(csr.csr);
        int immediate = choice.below(32);
        boolean isImmediate = row.operands() == Operands.CSR_IMMEDIATE;
        if (isImmediate && (immediate & ~csr.bits) != 0) {
            return temporary();
        }
        boolean setsMode = csr.csr == Csrs.MSTATUS && row != Instruction.CSRRW;
        return (code, slot) -> code.li(register, setsMode ? value & ~Csrs.MPP : value)
                .csr(row, result, csr.csr, isImmediate ? immediate : register);
    }

    private Instruction row(int csr) {
        return switch (csr) {
            case Csrs.MSTATUS -> choice.of(choice.oneIn(2) ? List.of(Instruction.CSRRW) : Rows.CSR);
            case Csrs.MCAUSE, Csrs.SCAUSE, Csrs.MTVAL, Csrs.STVAL ->
                    choice.of(List.of(Instruction.CSRRW, Instruction.CSRRWI));
            case Csrs.MEDELEG -> choice.of(List.of(Instruction.CSRRS, Instruction.CSRRC));
            default -> choice.of(Rows.CSR);
        };
    }

    /** Chooses the modes in a CSR. MPP is never 2 ({@link KnownDeparture#MPP_RESERVED}). */
    private int modes(Writable csr) {
        return csr.csr == Csrs.MSTATUS ? choice.of(0, 1, 3) << Csrs.MPP_SHIFT : 0;
    }

    /** Swaps a value in and out again. */
    Step temporary() {
        Writable csr = choice.of(TEMPORARY);
        int value = choice.operand() & csr.bits;
        int a = choice.register();
        int b = choice.registerOtherThan(a);
        int result = choice.registerOtherThan(b);
        return (code, slot) -> {
            if (csr.csr == Csrs.SATP) {
                code.csrr(Code.ZERO, Csrs.MSCRATCH);               // in M-mode only, without translation
            }
            code.li(a, value).csr(Instruction.CSRRW, b, csr.csr, a).csr(Instruction.CSRRW, result, csr.csr, b);
        };
    }

    /** Reads any of the 4096 CSR numbers. */
    Step read() {
        int csr = switch (choice.below(4)) {
            case 0 -> choice.oneIn(3) ? Csrs.SATP : choice.of(Csrs.CYCLE, Csrs.CYCLEH) + choice.below(4);
            case 1 -> choice.of(ComparedCsrs.FINAL);
            default -> choice.below(4096);
        };
        if (KnownDeparture.mayBeIn(csr)) {
            return lasting();
        }
        int result = choice.register();
        Instruction row =
                choice.of(List.of(Instruction.CSRRS, Instruction.CSRRC, Instruction.CSRRSI, Instruction.CSRRCI));
        boolean counts = isCounter(csr);
        return (code, slot) -> {
            code.csr(row, result, csr, 0);
            if (counts) {
                code.li(result, 0);                                // compares whether it is readable, and not its value
            }
        };
    }

    private static boolean isCounter(int csr) {
        return (csr & ~0x8f) == 0xc00 || (csr & ~0x8f) == 0xb00;
    }

    /** Writes a CSR that is read-only by its number (section 2.1). */
    Step writeReadOnly() {
        int csr = choice.of(0xc00 + choice.below(32), 0xc80 + choice.below(32), 0xf11 + choice.below(5),
                0xc00 | choice.word() & 0x3ff);
        int result = choice.register();
        int register = choice.register();
        Instruction row = choice.of(Rows.CSR);
        // KnownDeparture.CSR_WRITE_OF_ZERO
        return (code, slot) -> code.li(register, 1).csr(row, result, csr, register).li(result, 0);
    }
}
