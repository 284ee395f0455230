package ferrite.scenarios.qemu;

import static ferrite.hardware.instruction.Instruction.ADD;
import static ferrite.hardware.instruction.Instruction.ADDI;
import static ferrite.hardware.instruction.Instruction.ANDI;
import static ferrite.hardware.instruction.Instruction.BEQ;
import static ferrite.hardware.instruction.Instruction.BGEU;
import static ferrite.hardware.instruction.Instruction.BLT;
import static ferrite.hardware.instruction.Instruction.BNE;
import static ferrite.hardware.instruction.Instruction.CSRRC;
import static ferrite.hardware.instruction.Instruction.CSRRS;
import static ferrite.hardware.instruction.Instruction.CSRRW;
import static ferrite.hardware.instruction.Instruction.ECALL;
import static ferrite.hardware.instruction.Instruction.FENCE_I;
import static ferrite.hardware.instruction.Instruction.LUI;
import static ferrite.hardware.instruction.Instruction.MRET;
import static ferrite.hardware.instruction.Instruction.OR;
import static ferrite.hardware.instruction.Instruction.SC_W;
import static ferrite.hardware.instruction.Instruction.SFENCE_VMA;
import static ferrite.hardware.instruction.Instruction.SLL;
import static ferrite.hardware.instruction.Instruction.SLLI;
import static ferrite.hardware.instruction.Instruction.SRET;
import static ferrite.hardware.instruction.Instruction.SRLI;
import static ferrite.hardware.instruction.Instruction.WFI;
import static ferrite.scenarios.qemu.Code.GP;
import static ferrite.scenarios.qemu.Code.SP;
import static ferrite.scenarios.qemu.Code.T0;
import static ferrite.scenarios.qemu.Code.T1;
import static ferrite.scenarios.qemu.Code.T2;
import static ferrite.scenarios.qemu.Code.T3;
import static ferrite.scenarios.qemu.Code.T6;
import static ferrite.scenarios.qemu.Code.TP;
import static ferrite.scenarios.qemu.Code.ZERO;

import ferrite.hardware.hart.Csrs;

/**
 * The guest code around the programs. It gives each program the registers and CSRs of its slot, records every trap
 * (cause, epc, tval, status, vector), continues the program with its next step, and finally records all registers and
 * CSRs.
 *
 * <p>A program must follow these rules. gp points to the current step (each step begins with {@code auipc gp,0}). tp is
 * zero, except just before an {@code ecall} to the harness. mscratch and sscratch hold the address of the slot. A trap
 * may change t6, and clears MPRV.
 */
final class Harness {

    /** The value of tp for the ecall that ends a program. */
    static final int EXIT = 1;
    /** The value of tp for an ecall that asks for a mode is this plus the mode. */
    static final int MODE = 4;

    static final int PRESENT_MARK = 0x7072_6f67;
    static final int DONE_MARK = 0x646f_6e65;
    /** The value of a missing CSR in the final registers. */
    static final int NO_CSR = 0xabad_1000;

    /** The offset in the harness of the first slot's address. */
    static final int FIRST_SLOT = 60;
    private static final int SKIP = 64;

    private final Code code = new Code(SlotLayout.RAM_BASE);

    Harness() {
        reset();
        vectors("m", "mEntry");
        vectors("s", "sEntry");
        begin();
        machineHandler();
        supervisorHandler();
        end();
    }

    byte[] bytes() {
        return code.toBytes();
    }

    /** Returns the value of mtvec, in direct or vectored mode. */
    int machineVector(boolean vectored) {
        return code.address("m") | (vectored ? 1 : 0);
    }

    int supervisorVector(boolean vectored) {
        return code.address("s") | (vectored ? 1 : 0);
    }

    private void reset() {
        code.csrr(T0, Csrs.MHARTID).branch(BEQ, T0, ZERO, "first")
                .label("park").plain(WFI).jump(ZERO, "park");
        align(SKIP);
        code.label("skip")                                       // for registers that may be missing
                .csrr(T3, Csrs.MEPC).i(ADDI, T3, T3, 4).csrw(Csrs.MEPC, T3).plain(MRET);
        code.label("first").li(T0, code.address("skip")).csrw(Csrs.MTVEC, T0)
                // no timer interrupt, if there is a timer
                .li(T1, -1).u(LUI, T0, SlotLayout.MTIMECMP).store(T1, T0, 0).store(T1, T0, 4)
                .u(LUI, SP, SlotLayout.RAM_BASE).load(SP, SP, FIRST_SLOT).jump(ZERO, "begin");
    }

    /**
     * Emits the vectors. Exceptions, and all traps in direct mode, enter by the first one and keep tp. Interrupts in
     * vectored mode leave the number of their entry in tp.
     */
    private void vectors(String name, String entry) {
        align(256);
        code.label(name).jump(ZERO, entry);
        for (int cause = 1; cause < 16; cause++) {
            code.jump(TP, entry);
        }
    }

    private void align(int bytes) {
        while (code.bytes() % bytes != 0) {
            code.half(0);
        }
    }

    /** Emits the start of a program; sp is the slot. */
    private void begin() {
        code.label("begin").csrw(Csrs.MSTATUS, ZERO).csrw(Csrs.MIE, ZERO).csrw(Csrs.SATP, ZERO);
        code.li(T0, code.address("skip")).csrw(Csrs.MTVEC, T0);
        for (int n = 0; n < ComparedCsrs.INITIAL.size(); n++) {
            code.load(T0, SP, SlotLayout.INITIAL_CSRS + 4 * n).csrw(ComparedCsrs.INITIAL.get(n), T0);
        }
        code.csrw(Csrs.MSCRATCH, SP).csrw(Csrs.SSCRATCH, SP).plain(SFENCE_VMA).plain(FENCE_I);
        for (int x = 1; x < 32; x++) {
            if (x != SP) {
                code.load(x, SP, SlotLayout.INITIAL_X + 4 * x);
            }
        }
        code.load(SP, SP, SlotLayout.INITIAL_X + 4 * SP)
                .csrw(Csrs.MSTATUS, T6)
                .plain(MRET);
    }

    private void machineHandler() {
        code.label("mEntry").csr(CSRRW, SP, Csrs.MSCRATCH, SP)
                .u(LUI, T6, Csrs.MPRV).csr(CSRRC, T6, Csrs.MSTATUS, T6);
        log(SlotLayout.MACHINE_SAVES, 3, Csrs.MCAUSE, Csrs.MEPC, Csrs.MTVAL, Csrs.MIP);
        code.li(T1, SlotLayout.LOG_LIMIT).branch(BGEU, T0, T1, "exit")
                .branch(BLT, T2, ZERO, "mInterrupt")
                .i(ADDI, T1, T2, -8).li(T0, 4).branch(BGEU, T1, T0, "mResume")      // an ecall?
                .branch(BEQ, TP, ZERO, "mResume")
                .li(T1, EXIT).branch(BEQ, TP, T1, "exit")
                .i(ADDI, T1, TP, -MODE).i(SLLI, T1, T1, Csrs.MPP_SHIFT)
                .li(T0, Csrs.MPP).csr(CSRRC, ZERO, Csrs.MSTATUS, T0).csr(CSRRS, ZERO, Csrs.MSTATUS, T1)
                .jump(ZERO, "mResume");
        code.label("mInterrupt").li(T1, 1).r(SLL, T1, T1, T2).csr(CSRRC, ZERO, Csrs.MIE, T1)
                .csrr(T0, Csrs.MEPC).i(SRLI, T0, T0, 15).li(T1, SlotLayout.RAM_BASE >>> 15)
                .branch(BNE, T0, T1, "mResume")
                .li(TP, 0);                                      // the interrupted S-mode handler continues
        restore(SlotLayout.MACHINE_SAVES);
        code.csr(CSRRW, SP, Csrs.MSCRATCH, SP).plain(MRET);
        code.label("mResume").csrr(T1, Csrs.MSTATUS).i(SRLI, T1, T1, Csrs.MPP_SHIFT).i(ANDI, T1, T1, 3);
        nextStep("m");
        code.csrw(Csrs.MEPC, T0).li(TP, 0);
        restore(SlotLayout.MACHINE_SAVES);
        code.csr(CSRRW, SP, Csrs.MSCRATCH, SP).plain(MRET);
    }

    private void supervisorHandler() {
        code.label("sEntry").csr(CSRRW, SP, Csrs.SSCRATCH, SP).csrr(T6, Csrs.SSTATUS);
        log(SlotLayout.SUPERVISOR_SAVES, 1, Csrs.SCAUSE, Csrs.SEPC, Csrs.STVAL, Csrs.SIP);
        code.li(T1, SlotLayout.LOG_LIMIT).branch(BLT, T0, T1, "sGoOn").li(TP, EXIT).jump(ZERO, "sForward");
        code.label("sGoOn").branch(BLT, T2, ZERO, "sInterrupt")
                .li(T1, 8).branch(BNE, T2, T1, "sResume")
                .branch(BEQ, TP, ZERO, "sResume");
        code.label("sForward");                                  // M-mode can grant the request
        restore(SlotLayout.SUPERVISOR_SAVES);
        code.csr(CSRRW, SP, Csrs.SSCRATCH, SP).plain(ECALL);
        code.label("sInterrupt").li(T1, 1).r(SLL, T1, T1, T2).csr(CSRRC, ZERO, Csrs.SIE, T1);
        code.label("sResume").csrr(T1, Csrs.SSTATUS).i(ANDI, T1, T1, Csrs.SPP);
        nextStep("s");
        code.csrw(Csrs.SEPC, T0).li(TP, 0);
        restore(SlotLayout.SUPERVISOR_SAVES);
        code.csr(CSRRW, SP, Csrs.SSCRATCH, SP).plain(SRET);
    }

    /** Saves t0 to t2, and writes a log entry. Afterwards t0 is the number of entries, and t2 the cause. */
    private void log(int saves, int mode, int cause, int epc, int tval, int pending) {
        code.r(SC_W, ZERO, SP, ZERO);  // no reservation outlives a trap: KnownDeparture.RESERVATIONS
        code.store(T0, SP, saves).store(T1, SP, saves + 4).store(T2, SP, saves + 8)
                .load(T0, SP, SlotLayout.LOG_COUNT).i(SLLI, T1, T0, 5).r(ADD, T1, T1, SP)
                .i(ADDI, T0, T0, 1).store(T0, SP, SlotLayout.LOG_COUNT);
        entry(0, epc);
        entry(8, tval);
        entry(12, pending);
        code.store(T6, T1, SlotLayout.LOG + 16).store(GP, T1, SlotLayout.LOG + 20).store(TP, T1, SlotLayout.LOG + 24);
        code.li(T2, mode).store(T2, T1, SlotLayout.LOG + 28);
        entry(4, cause);
    }

    private void entry(int offset, int csr) {
        code.csrr(T2, csr).store(T2, T1, SlotLayout.LOG + offset);
    }

    private void restore(int saves) {
        code.load(T0, SP, saves).load(T1, SP, saves + 4).load(T2, SP, saves + 8);
    }

    /** Computes the address of the next step in t0. t1 is zero if the program continues in U-mode. */
    private void nextStep(String name) {
        code.i(ADDI, T0, GP, SlotLayout.STEP_BYTES).i(SLLI, T0, T0, 4).i(SRLI, T0, T0, 4)
                .u(LUI, T2, SlotLayout.RAM_BASE)
                .branch(BNE, T1, ZERO, name + "Set")
                .load(T1, SP, SlotLayout.PAGED).branch(BEQ, T1, ZERO, name + "Set")
                .u(LUI, T2, SlotLayout.USER_ALIAS)
                .label(name + "Set").r(OR, T0, T0, T2);
    }

    private void end() {
        code.label("exit");
        for (int x = 1; x < 32; x++) {
            if (x != SP && x != T0 && x != T1 && x != T2) {
                code.store(x, SP, SlotLayout.FINAL_X + 4 * x);
            }
        }
        code.csrr(T0, Csrs.MSCRATCH).store(T0, SP, SlotLayout.FINAL_X + 4 * SP);
        for (int saved = 0; saved < 3; saved++) {
            code.load(T0, SP, SlotLayout.MACHINE_SAVES + 4 * saved)
                    .store(T0, SP, SlotLayout.FINAL_X + 4 * (T0 + saved));
        }
        code.li(T1, code.address("skip")).csr(CSRRW, T1, Csrs.MTVEC, T1);
        for (int n = 0; n < ComparedCsrs.FINAL.size(); n++) {
            code.u(LUI, T0, NO_CSR).csrr(T0, ComparedCsrs.FINAL.get(n)).store(T0, SP, SlotLayout.FINAL_CSRS + 4 * n);
        }
        code.store(T1, SP, SlotLayout.FINAL_CSRS + 4 * ComparedCsrs.FINAL.indexOf(Csrs.MTVEC));
        code.li(T0, DONE_MARK).store(T0, SP, SlotLayout.DONE)
                .li(T0, SlotLayout.SLOT_BYTES).r(ADD, SP, SP, T0)
                .load(T0, SP, SlotLayout.PRESENT).li(T1, PRESENT_MARK).branch(BNE, T0, T1, "off").jump(ZERO, "begin");
        code.label("off").u(LUI, T0, SlotLayout.FINISHER).li(T1, 0x5555).store(T1, T0, 0)
                .label("stay").jump(ZERO, "stay");
        if (code.bytes() > SlotLayout.SLOT_BYTES) {
            throw new IllegalStateException("the harness has grown into slot 0");
        }
    }

}
