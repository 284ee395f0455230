package ferrite.scenarios.qemu;

import static ferrite.scenarios.qemu.Code.ZERO;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import java.util.function.IntUnaryOperator;

/** Steps that change modes, trap, interrupt, and change mappings and protection. */
final class PrivilegeSteps {

    private static final int C_EBREAK = 0x9002;

    private final Choice choice;
    private final Places places;
    private final PageTables tables;
    private final boolean paged;
    private final boolean global;

    PrivilegeSteps(Choice choice, Places places, PageTables tables, boolean paged, boolean global) {
        this.choice = choice;
        this.places = places;
        this.tables = tables;
        this.paged = paged;
        this.global = global;
    }

    Step trap() {
        return switch (choice.below(3)) {
            case 0 -> (code, slot) -> code.plain(Instruction.ECALL);
            case 1 -> (code, slot) -> code.plain(Instruction.EBREAK);
            default -> (code, slot) -> code.half(C_EBREAK);
        };
    }

    /** Asks the harness for a mode, from any mode. */
    Step mode(int mode) {
        return (code, slot) -> code.li(Code.TP, Harness.MODE + mode).plain(Instruction.ECALL);
    }

    /** Makes a load or store of M-mode with the privileges of another mode (section 3.1.6.3). */
    Step modified(Step access) {
        int mpp = choice.below(2) << Csrs.MPP_SHIFT;
        return (code, slot) -> {
            code.li(Code.T1, Csrs.MPP).csr(Instruction.CSRRC, ZERO, Csrs.MSTATUS, Code.T1)
                    .li(Code.T1, Csrs.MPRV | mpp).csr(Instruction.CSRRS, ZERO, Csrs.MSTATUS, Code.T1);
            access.emit(code, slot);
            code.u(Instruction.LUI, Code.T1, Csrs.MPRV).csr(Instruction.CSRRC, ZERO, Csrs.MSTATUS, Code.T1);
        };
    }

    /** Runs MRET or SRET, alone or with its registers set up. */
    Step trapReturn() {
        boolean machine = choice.oneIn(2);
        Instruction row = machine ? Instruction.MRET : Instruction.SRET;
        int mode = machine ? choice.of(0, 1, 3) : choice.below(2);
        int bits = machine ? mode << Csrs.MPP_SHIFT : mode * Csrs.SPP;
        int mask = machine ? Csrs.MPP : Csrs.SPP;
        int status = machine ? Csrs.MSTATUS : Csrs.SSTATUS;
        int epc = machine ? Csrs.MEPC : Csrs.SEPC;
        boolean user = paged && mode == 0;
        return (code, slot) -> {
            int next = (code.here() & -SlotLayout.STEP_BYTES) + SlotLayout.STEP_BYTES;
            code.li(Code.T1, user ? next - SlotLayout.RAM_BASE + SlotLayout.USER_ALIAS : next).csrw(epc, Code.T1)
                    .li(Code.T1, mask).csr(Instruction.CSRRC, ZERO, status, Code.T1)
                    .li(Code.T1, bits).csr(Instruction.CSRRS, ZERO, status, Code.T1)
                    .plain(row);
        };
    }

    /** Runs WFI with an interrupt that M-mode has made pending. */
    Step waitForInterrupt(int interrupt) {
        return (code, slot) -> code.li(Code.T1, 1 << interrupt).csr(Instruction.CSRRS, ZERO, Csrs.MIE, Code.T1)
                .csr(Instruction.CSRRS, ZERO, Csrs.MIP, Code.T1).plain(Instruction.WFI)
                .csr(Instruction.CSRRC, Code.T1, Csrs.MIP, Code.T1);
    }

    /** Runs WFI in S- or U-mode, with or without TW. A software interrupt is pending, but not taken there. */
    Step waitBelowMachineMode() {
        boolean user = !paged && choice.oneIn(2);
        return (code, slot) -> {
            code.csr(Instruction.CSRRSI, ZERO, Csrs.MIE, 2)
                    .csr(Instruction.CSRRSI, ZERO, Csrs.MIDELEG, 2).csr(Instruction.CSRRSI, ZERO, Csrs.MIP, 2)
                    .csr(Instruction.CSRRCI, ZERO, Csrs.MSTATUS, Csrs.MSTATUS_SIE);
            if (user) {
                code.li(Code.T1, Csrs.MPP).csr(Instruction.CSRRC, ZERO, Csrs.MSTATUS, Code.T1);
            } else {
                code.u(Instruction.LUI, Code.T1, 1 << 12).csr(Instruction.CSRRC, ZERO, Csrs.MSTATUS, Code.T1)
                        .li(Code.T1, 1 << 11).csr(Instruction.CSRRS, ZERO, Csrs.MSTATUS, Code.T1);
            }
            code.u(Instruction.AUIPC, Code.T1, 0).i(Instruction.ADDI, Code.T1, Code.T1, 16)
                    .csrw(Csrs.MEPC, Code.T1).plain(Instruction.MRET)
                    .plain(Instruction.WFI);
        };
    }

    /** Sets the S-mode timer to long past or never. */
    Step timer() {
        int value = choice.oneIn(2) ? 0 : -1;
        return (code, slot) -> code.li(Code.T1, value).csrw(Csrs.STIMECMPH, Code.T1).csrw(Csrs.STIMECMP, Code.T1);
    }

    /** Runs any form of SFENCE.VMA. */
    Step fence() {
        int page = places.leafPage(choice.below(Places.LEAVES));
        int asid = choice.below(512);
        int rs1 = choice.of(ZERO, Code.T1);
        int rs2 = choice.of(ZERO, Code.T2);
        return (code, slot) -> code.li(Code.T1, page).li(Code.T2, asid).r(Instruction.SFENCE_VMA, 0, rs1, rs2);
    }

    /**
     * Changes a leaf entry, and fences; sometimes with loads through the entry before and after. A first fence traps
     * before any change in a mode in which the second fence would trap.
     */
    Step changeLeaf(int asid) {
        int entry = choice.below(Places.LEAVES);
        IntUnaryOperator pte = tables.leaf(entry);
        int page = places.leafPage(entry);
        boolean loads = entry < Places.DATA_LEAVES && choice.oneIn(2);
        int rs1 = choice.of(ZERO, Code.T0);
        int rs2 = global ? ZERO : choice.of(ZERO, Code.T1);
        return (code, slot) -> {
            code.plain(Instruction.SFENCE_VMA).li(Code.T0, page);
            if (loads) {
                code.load(Code.T2, Code.T0, 0);
            }
            code.li(Code.T2, slot + SlotLayout.LEAF_TABLE + 4 * entry)
                    .li(Code.T1, pte.applyAsInt(slot)).store(Code.T1, Code.T2, 0)
                    .li(Code.T1, asid).r(Instruction.SFENCE_VMA, 0, rs1, rs2);
            if (loads) {
                code.load(Code.T2, Code.T0, 0);
            }
        };
    }

    /** Switches to the other root, or back, under any valid ASID. */
    Step changeRoot(int asid) {
        int table = choice.of(SlotLayout.ROOT_TABLE, SlotLayout.OTHER_ROOT_TABLE);
        return (code, slot) -> code.plain(Instruction.SFENCE_VMA)
                .li(Code.T0, satp(slot + table, asid)).csrw(Csrs.SATP, Code.T0)
                .plain(Instruction.SFENCE_VMA);
    }

    static int satp(int table, int asid) {
        return 1 << 31 | asid << 22 | table >>> 12;
    }
}
