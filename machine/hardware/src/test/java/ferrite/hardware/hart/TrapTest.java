package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static ferrite.hardware.Assembler.r;
import static ferrite.hardware.hart.HartFixture.CODE;
import static ferrite.hardware.hart.HartFixture.MACHINE_VECTOR;
import static ferrite.hardware.hart.HartFixture.SUPERVISOR_VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Traps, interrupts, and the instructions that return from them and wait for them. */
class TrapTest {

    private static final int U = PrivilegeMode.U;
    private static final int S = PrivilegeMode.S;
    private static final int M = PrivilegeMode.M;

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    private int mstatus(int bits) {
        return fixture.read(Csrs.MSTATUS) & bits;
    }

    // ---- targets of traps ----

    @Test
    void aDelegatedTrapFromALowerModeGoesToSupervisorMode() {
        fixture.write(Csrs.MEDELEG, 1 << Trap.BREAKPOINT);
        for (int mode : new int[] {U, S}) {
            fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_SIE);
            fixture.code(Instruction.EBREAK.match()).at(CODE, mode).run(1);
            assertThat(hart.pc).isEqualTo(SUPERVISOR_VECTOR);
            assertThat(hart.mode).isEqualTo(S);
            assertThat(fixture.read(Csrs.SCAUSE)).isEqualTo(Trap.BREAKPOINT);
            assertThat(fixture.read(Csrs.SEPC)).isEqualTo(CODE);
            assertThat(fixture.read(Csrs.STVAL)).isEqualTo(CODE);
            assertThat(mstatus(Csrs.SPP) != 0).isEqualTo(mode == S);
            assertThat(mstatus(Csrs.SPIE | Csrs.MSTATUS_SIE)).isEqualTo(Csrs.SPIE);
        }
        fixture.code(Instruction.EBREAK.match()).run(1);
        assertThat(hart.mode).as("a trap never lowers the mode").isEqualTo(M);
        assertThat(hart.pc).isEqualTo(MACHINE_VECTOR);
    }

    @Test
    void aTrapThatIsNotDelegatedGoesToMachineMode() {
        for (int mode : new int[] {U, S, M}) {
            fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
            fixture.code(Instruction.EBREAK.match()).at(CODE, mode).run(1);
            assertThat(hart.mode).isEqualTo(M);
            assertThat(mstatus(Csrs.MPP)).isEqualTo(mode << Csrs.MPP_SHIFT);
            assertThat(mstatus(Csrs.MPIE | Csrs.MSTATUS_MIE)).isEqualTo(Csrs.MPIE);
        }
    }

    @Test
    void vectoredModeSpreadsInterruptsAndNotExceptions() {
        fixture.write(Csrs.MTVEC, MACHINE_VECTOR | 1);
        fixture.code(Instruction.EBREAK.match()).run(1);
        assertThat(hart.pc).isEqualTo(MACHINE_VECTOR);
        fixture.write(Csrs.MIE, 1 << Trap.MACHINE_TIMER);
        hart.setInterruptWire(Trap.MACHINE_TIMER, true);
        new Assembler(fixture.bus, MACHINE_VECTOR + 4 * 7).put(j(Instruction.JAL, ZERO, 0));
        fixture.code(nop()).at(CODE, S).run(1);
        assertThat(hart.pc).isEqualTo(MACHINE_VECTOR + 4 * 7);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(1 << 31 | 7);
        fixture.write(Csrs.MIE, 1 << Trap.SUPERVISOR_EXTERNAL);
        fixture.write(Csrs.MIDELEG, 1 << Trap.SUPERVISOR_EXTERNAL);
        fixture.write(Csrs.STVEC, SUPERVISOR_VECTOR | 1);
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, true);
        new Assembler(fixture.bus, SUPERVISOR_VECTOR + 4 * 9).put(j(Instruction.JAL, ZERO, 0));
        fixture.at(CODE, U).run(1);
        assertThat(hart.pc).isEqualTo(SUPERVISOR_VECTOR + 4 * 9);
    }

    // ---- returns from traps ----

    @Test
    void mretReturnsToMppAndMakesItTheLeastMode() {
        for (int mode : new int[] {U, S, M}) {
            fixture.write(Csrs.MSTATUS, mode << Csrs.MPP_SHIFT | Csrs.MPIE | Csrs.MPRV);
            fixture.write(Csrs.MEPC, 0x2001);
            fixture.code(Instruction.MRET.match()).run(1);
            assertThat(hart.mode).isEqualTo(mode);
            assertThat(hart.pc).isEqualTo(0x2000);
            assertThat(mstatus(Csrs.MPP)).isZero();
            assertThat(mstatus(Csrs.MSTATUS_MIE | Csrs.MPIE)).isEqualTo(Csrs.MSTATUS_MIE | Csrs.MPIE);
            assertThat(mstatus(Csrs.MPRV) != 0).as("MPRV ends with M-mode").isEqualTo(mode == M);
        }
        fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
        fixture.code(Instruction.MRET.match()).run(1);
        assertThat(mstatus(Csrs.MSTATUS_MIE)).isZero();
    }

    @Test
    void sretReturnsToSpp() {
        for (boolean toSupervisor : new boolean[] {false, true}) {
            fixture.write(Csrs.MSTATUS, (toSupervisor ? Csrs.SPP : 0) | Csrs.SPIE | Csrs.MPRV);
            fixture.write(Csrs.SEPC, 0x2000);
            fixture.code(Instruction.SRET.match()).at(CODE, S).run(1);
            assertThat(hart.mode).isEqualTo(toSupervisor ? S : U);
            assertThat(hart.pc).isEqualTo(0x2000);
            assertThat(mstatus(Csrs.SPP | Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.MPRV))
                    .isEqualTo(Csrs.MSTATUS_SIE | Csrs.SPIE);
        }
    }

    @Test
    void privilegedInstructionsAreIllegalBelowTheirModeAndWhereMachineModeTrapsThem() {
        assertLegalIn(Instruction.MRET, 0, M);
        assertLegalIn(Instruction.SRET, 0, S, M);
        assertLegalIn(Instruction.SRET, Csrs.TSR, M);
        assertLegalIn(Instruction.SFENCE_VMA, 0, S, M);
        assertLegalIn(Instruction.SFENCE_VMA, Csrs.TVM, M);
        assertLegalIn(Instruction.WFI, 0, S, M);
        assertLegalIn(Instruction.WFI, Csrs.TW, M);
    }

    private void assertLegalIn(Instruction instruction, int status, Integer... modes) {
        List<Integer> legal = new ArrayList<>();
        for (int mode : new int[] {U, S, M}) {
            fixture.write(Csrs.MSTATUS, status);
            fixture.write(Csrs.MCAUSE, 0);
            fixture.write(Csrs.MTVAL, 0);
            fixture.code(instruction.match()).at(CODE, mode).run(1);
            hart.setWaiting(false);
            if (fixture.read(Csrs.MCAUSE) == Trap.ILLEGAL_INSTRUCTION) {
                assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(instruction.match());
            } else {
                legal.add(mode);
            }
        }
        assertThat(legal).as("%s with %x", instruction, status).containsExactly(modes);
    }

    // ---- interrupts ----

    private static final int[] BY_PRIORITY = {Trap.MACHINE_EXTERNAL, Trap.MACHINE_SOFTWARE, Trap.MACHINE_TIMER,
        Trap.SUPERVISOR_EXTERNAL, Trap.SUPERVISOR_SOFTWARE, Trap.SUPERVISOR_TIMER};

    @Test
    void simultaneousInterruptsAreTakenInTheOrderOfTheSpecification() {
        for (int delegated : new int[] {0, 0x222}) {
            fixture.write(Csrs.MIDELEG, delegated);
            fixture.write(Csrs.MIE, -1);
            for (int cause : BY_PRIORITY) {
                hart.setInterruptWire(cause, true);
            }
            for (int cause : BY_PRIORITY) {
                hart.mode = U;
                assertThat(hart.interruptToTake()).as("delegated %x", delegated).isEqualTo(1 << 31 | cause);
                hart.setInterruptWire(cause, false);
            }
            assertThat(hart.interruptToTake()).isZero();
        }
    }

    @Test
    void anInterruptForAModeIsTakenBelowItAlwaysAtItIfEnabledAboveItNever() {
        int machine = 1 << 31 | Trap.MACHINE_TIMER;
        int supervisor = 1 << 31 | Trap.SUPERVISOR_TIMER;
        fixture.write(Csrs.MIDELEG, 0x222);
        fixture.write(Csrs.MIE, -1);
        for (int status : new int[] {0, Csrs.MSTATUS_MIE, Csrs.MSTATUS_SIE, Csrs.MSTATUS_MIE | Csrs.MSTATUS_SIE}) {
            fixture.write(Csrs.MSTATUS, status);
            for (int mode : new int[] {U, S, M}) {
                hart.mode = mode;
                hart.setInterruptWire(Trap.MACHINE_TIMER, true);
                boolean takesMachine = mode < M || (status & Csrs.MSTATUS_MIE) != 0;
                assertThat(hart.interruptToTake()).isEqualTo(takesMachine ? machine : hart.interruptToTake());
                assertThat(hart.interruptToTake() == machine).as("mode %d, status %x", mode, status)
                        .isEqualTo(takesMachine);
                hart.setInterruptWire(Trap.MACHINE_TIMER, false);
                hart.setInterruptWire(Trap.SUPERVISOR_TIMER, true);
                boolean takesSupervisor = mode == U || mode == S && (status & Csrs.MSTATUS_SIE) != 0;
                assertThat(hart.interruptToTake()).as("mode %d, status %x", mode, status)
                        .isEqualTo(takesSupervisor ? supervisor : 0);
                hart.setInterruptWire(Trap.SUPERVISOR_TIMER, false);
            }
        }
        fixture.write(Csrs.MIE, 0);
        hart.mode = U;
        hart.setInterruptWire(Trap.MACHINE_TIMER, true);
        assertThat(hart.interruptToTake()).as("not enabled").isZero();
    }

    @Test
    void anInterruptComesBeforeTheNextInstructionAndReturnsToIt() {
        fixture.write(Csrs.MIE, 1 << Trap.MACHINE_SOFTWARE);
        fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
        new Assembler(fixture.bus, MACHINE_VECTOR).put(i(Instruction.ADDI, A1, A1, 1),
                Assembler.csr(Instruction.CSRRW, ZERO, Csrs.MIE, ZERO), Instruction.MRET.match());
        fixture.code(i(Instruction.ADDI, A0, A0, 1), i(Instruction.ADDI, A0, A0, 1), i(Instruction.ADDI, A0, A0, 1))
                .run(1);
        hart.setInterruptWire(Trap.MACHINE_SOFTWARE, true);
        fixture.run(3);
        assertThat(hart.register(A0)).isEqualTo(1);
        assertThat(hart.register(A1)).isEqualTo(1);
        assertThat(hart.pc).isEqualTo(CODE + 4);
        fixture.run(2);
        assertThat(hart.register(A0)).isEqualTo(3);
    }

    // ---- WFI ----

    @Test
    void wfiWaitsUntilAnEnabledInterruptIsPendingWhateverTheGlobalEnables() {
        fixture.code(Instruction.WFI.match());
        assertThat(fixture.run(10)).isEqualTo(Hart.Stop.WAITING);
        assertThat(hart.pc).isEqualTo(CODE + 4);
        assertThat(hart.isRunnable()).isFalse();
        hart.setInterruptWire(Trap.MACHINE_SOFTWARE, true);
        assertThat(hart.isRunnable()).as("pending but not enabled").isFalse();
        fixture.write(Csrs.MIE, 1 << Trap.MACHINE_SOFTWARE);
        assertThat(hart.isRunnable()).isTrue();
        hart.setWaiting(false);
        fixture.code(Instruction.WFI.match(), j(Instruction.JAL, ZERO, 0));
        assertThat(fixture.run(10)).as("an interrupt is pending: no waiting, and no trap either")
                .isEqualTo(Hart.Stop.BUDGET_SPENT);
        assertThat(hart.pc).isEqualTo(CODE + 4);
    }

    // ---- translation, as instructions see it ----

    private static final BusMaster LOADER = new BusMaster("loader", 34);

    /**
     * Maps the first 4 MiB to themselves, readable and writable for the supervisor, and once more for the user at 4
     * MiB.
     */
    private void turnTranslationOn() {
        fixture.bus.store(LOADER, 0xa000, 4, Pte.V | Pte.R | Pte.W | Pte.X | Pte.A | Pte.D);
        fixture.bus.store(LOADER, 0xa004, 4, Pte.V | Pte.R | Pte.W | Pte.X | Pte.U | Pte.A | Pte.D);
        fixture.write(Csrs.SATP, 1 << 31 | 0xa);
    }

    @Test
    void machineModeReachesTranslatedMemoryUnderMprv() {
        turnTranslationOn();
        fixture.bus.store(LOADER, 0x4000, 4, 42);
        fixture.set(A1, 0x40_4000).code(i(Instruction.LW, A0, A1, 0)).run(1);
        assertThat(fixture.read(Csrs.MCAUSE)).as("untranslated: no RAM or device").isEqualTo(Trap.LOAD_ACCESS_FAULT);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | U << Csrs.MPP_SHIFT);
        fixture.code(i(Instruction.LW, A0, A1, 0)).run(1);
        assertThat(hart.register(A0)).isEqualTo(42);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | S << Csrs.MPP_SHIFT);
        fixture.code(i(Instruction.LW, A0, A1, 0)).run(1);
        assertThat(fixture.read(Csrs.MCAUSE)).as("a user's page").isEqualTo(Trap.LOAD_PAGE_FAULT);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | Csrs.SUM | S << Csrs.MPP_SHIFT);
        fixture.set(A0, 0).code(i(Instruction.LW, A0, A1, 0)).run(1);
        assertThat(hart.register(A0)).isEqualTo(42);
    }

    @Test
    void fetchesAreTranslatedAndFaultAsFetches() {
        turnTranslationOn();
        fixture.code(nop()).at(0x40_0000 + CODE, U).run(1);
        assertThat(hart.pc).isEqualTo(0x40_0000 + CODE + 4);
        fixture.at(0x40_0000 + CODE, S).run(1);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.INSTRUCTION_PAGE_FAULT);
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(0x40_0000 + CODE);
    }

    @Test
    void sfenceVmaTakesItsOperandsFromRegisters() {
        turnTranslationOn();
        int[] fences = {r(Instruction.SFENCE_VMA, 0, ZERO, ZERO), r(Instruction.SFENCE_VMA, 0, A1, ZERO),
            r(Instruction.SFENCE_VMA, 0, ZERO, A0), r(Instruction.SFENCE_VMA, 0, A1, A0)};
        for (int fence : fences) {
            for (boolean concerned : new boolean[] {true, false}) {
                if (!concerned && fence == fences[0]) {
                    continue;
                }
                fixture.write(Csrs.SATP, 1 << 31 | 5 << 22 | 0xa);
                hart.mmu().fenceAll(-1);
                fixture.bus.store(LOADER, 0xa004, 4, Pte.V | Pte.R | Pte.A);
                hart.mmu().translate(0x40_4000, Access.LOAD, S);
                fixture.bus.store(LOADER, 0xa004, 4, 0);
                fixture.set(A0, concerned || fence == fences[1] ? 5 : 6)
                        .set(A1, concerned || fence == fences[2] ? 0x7f_fffc : 0x80_0000);
                fixture.code(fence).run(1);
                assertThat(hart.mmu().peekTranslate(0x40_4000, S)).as("fence %x, concerned %s", fence, concerned)
                        .isEqualTo(concerned ? -1 : 0x4000);
            }
        }
    }

    @Test
    void changedCodeIsSeenByTheNextFetch() {
        fixture.set(A0, 0).set(A1, i(Instruction.ADDI, A0, A0, 7))
                .code(Assembler.s(Instruction.SW, A1, ZERO, 0), nop());
        new Assembler(fixture.bus, CODE).put(Assembler.u(Instruction.LUI, Assembler.T0, CODE),
                Assembler.s(Instruction.SW, A1, Assembler.T0, 12), Instruction.FENCE_I.match(), nop());
        fixture.at(CODE, M).run(4);
        assertThat(hart.register(A0)).isEqualTo(7);
    }
}
