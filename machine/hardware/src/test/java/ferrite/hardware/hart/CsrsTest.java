package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.csr;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static ferrite.hardware.hart.HartFixture.CODE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.instruction.Instruction;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CsrsTest {

    private static final int U = PrivilegeMode.U;
    private static final int S = PrivilegeMode.S;
    private static final int M = PrivilegeMode.M;

    private static final Set<Integer> KNOWN = Set.of(
            0x100, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x141, 0x142, 0x143, 0x144, 0x14d, 0x15d, 0x180,
            0x300, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x310, 0x31a, 0x340, 0x341, 0x342, 0x343, 0x344,
            0x320, 0x7a0, 0x7a1, 0x7a2, 0x7a3, 0x7a4, 0x7a5, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15);

    private static boolean isKnown(int number) {
        boolean userCounter = (number & 0xf60) == 0xc00;
        boolean machineCounter = (number & 0xf60) == 0xb00 && (number & 0x1f) != 1;
        boolean event = number >= 0x323 && number <= 0x33f;
        boolean pmp = number >= 0x3a0 && number <= 0x3a3 || number >= 0x3b0 && number <= 0x3bf;
        return KNOWN.contains(number) || userCounter || machineCounter || event || pmp;
    }

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    /** Tells whether one instruction is legal in a mode. */
    private boolean legal(int word, int mode) {
        fixture.write(Csrs.MCAUSE, 0);
        fixture.code(word).at(CODE, mode).run(1);
        if (fixture.read(Csrs.MCAUSE) == Trap.ILLEGAL_INSTRUCTION) {
            assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(word);
            return false;
        }
        return true;
    }

    @Test
    void everyCsrNumberExistsOrNotAndIsReachableFromItsModeUp() {
        fixture.write(Csrs.MCOUNTEREN, -1);
        fixture.write(Csrs.SCOUNTEREN, -1);
        fixture.write(Csrs.MENVCFGH, 1 << 31);
        for (int number = 0; number < 0x1000; number++) {
            for (int mode : new int[] {U, S, M}) {
                boolean expected = isKnown(number) && mode >= (number >> 8 & 3);
                assertThat(legal(csr(Instruction.CSRRS, A0, number, ZERO), mode)).as("read %x in %d", number, mode)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void readOnlyCsrsMayBeReadByInstructionsThatWriteNothing() {
        for (int number : new int[] {Csrs.MHARTID, Csrs.CYCLE}) {
            assertThat(legal(csr(Instruction.CSRRS, A0, number, ZERO), M)).isTrue();
            assertThat(legal(csr(Instruction.CSRRC, A0, number, ZERO), M)).isTrue();
            assertThat(legal(csr(Instruction.CSRRSI, A0, number, 0), M)).isTrue();
            assertThat(legal(csr(Instruction.CSRRW, A0, number, ZERO), M)).isFalse();
            assertThat(legal(csr(Instruction.CSRRWI, ZERO, number, 0), M)).isFalse();
            assertThat(legal(csr(Instruction.CSRRS, A0, number, A1), M)).as("even when a1 is zero").isFalse();
            assertThat(legal(csr(Instruction.CSRRCI, A0, number, 1), M)).isFalse();
        }
        assertThat(fixture.read(Csrs.MHARTID)).isEqualTo(3);
    }

    @Test
    void csrInstructionsSwapSetAndClear() {
        fixture.write(Csrs.MSCRATCH, 0xf0);
        fixture.set(A1, 0x3c);
        fixture.code(csr(Instruction.CSRRS, A0, Csrs.MSCRATCH, A1)).run(1);
        assertThat(hart.register(A0)).isEqualTo(0xf0);
        assertThat(fixture.read(Csrs.MSCRATCH)).isEqualTo(0xfc);
        fixture.code(csr(Instruction.CSRRC, A0, Csrs.MSCRATCH, A1)).run(1);
        assertThat(hart.register(A0)).isEqualTo(0xfc);
        assertThat(fixture.read(Csrs.MSCRATCH)).isEqualTo(0xc0);
        fixture.code(csr(Instruction.CSRRW, A1, Csrs.MSCRATCH, A1)).run(1);
        assertThat(hart.register(A1)).isEqualTo(0xc0);
        assertThat(fixture.read(Csrs.MSCRATCH)).isEqualTo(0x3c);
        fixture.code(csr(Instruction.CSRRWI, A0, Csrs.MSCRATCH, 31), csr(Instruction.CSRRSI, A0, Csrs.MSCRATCH, 0),
                csr(Instruction.CSRRCI, A0, Csrs.MSCRATCH, 1)).run(3);
        assertThat(fixture.read(Csrs.MSCRATCH)).isEqualTo(30);
    }

    @Test
    void illegalValuesAreNotKept() {
        fixture.write(Csrs.MSTATUS, S << Csrs.MPP_SHIFT);
        fixture.write(Csrs.MSTATUS, 2 << Csrs.MPP_SHIFT | Csrs.SUM);
        assertThat(fixture.read(Csrs.MSTATUS)).isEqualTo(S << Csrs.MPP_SHIFT | Csrs.SUM);
        fixture.write(Csrs.MSTATUS, -1);
        assertThat(fixture.read(Csrs.MSTATUS)).isEqualTo(0x007e_19aa);
        fixture.write(Csrs.MEDELEG, -1);
        assertThat(fixture.read(Csrs.MEDELEG) & 1 << Trap.ECALL_FROM_M).isZero();
        fixture.write(Csrs.MIDELEG, -1);
        assertThat(fixture.read(Csrs.MIDELEG)).isEqualTo(0x222);
        fixture.write(Csrs.MIE, -1);
        assertThat(fixture.read(Csrs.MIE)).isEqualTo(0xaaa);
        fixture.write(Csrs.MTVEC, 0x1003);
        assertThat(fixture.read(Csrs.MTVEC)).isEqualTo(0x1001);
        fixture.write(Csrs.MEPC, 0x1003);
        fixture.write(Csrs.SEPC, 0x1003);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(0x1002);
        assertThat(fixture.read(Csrs.SEPC)).isEqualTo(0x1002);
        fixture.write(Csrs.MISA, 0);
        assertThat(fixture.read(Csrs.MISA)).isEqualTo(0x4014_1105);
        fixture.write(Csrs.SATP, 0x8123_4567);
        assertThat(fixture.read(Csrs.SATP)).as("nine bits of address space identifier").isEqualTo(0x8123_4567);
    }

    @Test
    void sstatusIsTheSupervisorsViewOfMstatus() {
        fixture.write(Csrs.MSTATUS, -1);
        assertThat(fixture.read(Csrs.SSTATUS)).isEqualTo(Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.SPP | Csrs.SUM | Csrs.MXR);
        fixture.write(Csrs.SSTATUS, 0);
        assertThat(fixture.read(Csrs.MSTATUS))
                .isEqualTo(0x007e_19aa & ~(Csrs.MSTATUS_SIE | Csrs.SPIE | Csrs.SPP | Csrs.SUM | Csrs.MXR));
    }

    @Test
    void theSupervisorSeesOnlyWhatIsDelegatedToIt() {
        fixture.write(Csrs.MIE, -1);
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, true);
        hart.setInterruptWire(Trap.MACHINE_EXTERNAL, true);
        assertThat(fixture.read(Csrs.SIE)).isZero();
        assertThat(fixture.read(Csrs.SIP)).isZero();
        fixture.write(Csrs.MIDELEG, 1 << Trap.SUPERVISOR_EXTERNAL | 1 << Trap.SUPERVISOR_SOFTWARE);
        assertThat(fixture.read(Csrs.SIE)).isEqualTo(0x202);
        assertThat(fixture.read(Csrs.SIP)).isEqualTo(0x200);
        fixture.write(Csrs.SIE, 0);
        assertThat(fixture.read(Csrs.MIE)).isEqualTo(0xaaa & ~0x202);
        fixture.write(Csrs.SIP, -1);
        assertThat(fixture.read(Csrs.SIP)).as("of sip, only SSIP can be written").isEqualTo(0x202);
        assertThat(fixture.read(Csrs.MIP)).isEqualTo(0xa02);
        fixture.write(Csrs.SIP, 0);
        assertThat(fixture.read(Csrs.SIP)).isEqualTo(0x200);
    }

    @Test
    void machineModeInjectsSupervisorInterruptsAndCannotSetItsOwn() {
        fixture.write(Csrs.MIP, -1);
        assertThat(fixture.read(Csrs.MIP)).isEqualTo(0x222);
        fixture.write(Csrs.MIP, 0);
        assertThat(fixture.read(Csrs.MIP)).isZero();
    }

    @Test
    void changingMipDoesNotLatchTheLevelOfAWire() {
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, true);
        fixture.code(csr(Instruction.CSRRSI, A0, Csrs.MIP, 2)).run(1);
        assertThat(hart.register(A0)).isEqualTo(1 << 9);
        assertThat(fixture.read(Csrs.MIP)).isEqualTo(1 << 9 | 2);
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, false);
        assertThat(fixture.read(Csrs.MIP)).isEqualTo(2);
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, true);
        fixture.code(csr(Instruction.CSRRCI, A0, Csrs.MIP, 2)).run(1);
        hart.setInterruptWire(Trap.SUPERVISOR_EXTERNAL, false);
        assertThat(fixture.read(Csrs.MIP)).isZero();
    }

    @Test
    void satpCanBeTrappedByMachineMode() {
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.SATP, ZERO), S)).isTrue();
        fixture.write(Csrs.MSTATUS, Csrs.TVM);
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.SATP, ZERO), S)).isFalse();
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.SATP, ZERO), M)).isTrue();
    }

    // ---- counters ----

    @Test
    void theCounterEnablesLetLowerModesReadCounters() {
        int[] numbers = {Csrs.CYCLE, Csrs.TIME, Csrs.INSTRET};
        for (int counter = 0; counter < 3; counter++) {
            for (int enables = 0; enables < 4; enables++) {
                boolean machine = (enables & 1) != 0;
                boolean supervisor = (enables & 2) != 0;
                fixture.write(Csrs.MCOUNTEREN, machine ? 1 << counter : ~(1 << counter));
                fixture.write(Csrs.SCOUNTEREN, supervisor ? 1 << counter : ~(1 << counter));
                for (int number : new int[] {numbers[counter], numbers[counter] + 0x80}) {
                    assertThat(legal(csr(Instruction.CSRRS, A0, number, ZERO), U)).isEqualTo(machine && supervisor);
                    assertThat(legal(csr(Instruction.CSRRS, A0, number, ZERO), S)).isEqualTo(machine);
                    assertThat(legal(csr(Instruction.CSRRS, A0, number, ZERO), M)).isTrue();
                }
            }
        }
    }

    @Test
    void timeIsTheClockAndInstretCountsThisHartsInstructionsOnly() {
        fixture.clock.jumpTo(0x1_0000_0000L);
        hart.beginTurn();
        fixture.code(nop(), nop(), nop()).run(3);
        assertThat(fixture.read(Csrs.TIME)).isEqualTo(3);
        assertThat(fixture.read(Csrs.TIMEH)).isEqualTo(1);
        assertThat(fixture.read(Csrs.INSTRET)).isEqualTo(3);
        hart.endTurn();
        fixture.clock.grant(100);
        fixture.clock.budget = 0;
        assertThat(fixture.read(Csrs.INSTRET)).as("others ran").isEqualTo(3);
        hart.beginTurn();
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(10);
        assertThat(fixture.read(Csrs.MINSTRET)).isEqualTo(13);
        assertThat(fixture.read(Csrs.MCYCLE)).isEqualTo(13);
        assertThat(hart.csrs().retired()).isEqualTo(13);
    }

    @Test
    void machineModeSetsTheCounters() {
        fixture.write(Csrs.MINSTRETH, 5);
        fixture.write(Csrs.MINSTRET, -2);
        hart.beginTurn();
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(3);
        assertThat(fixture.read(Csrs.MINSTRET)).isEqualTo(1);
        assertThat(fixture.read(Csrs.INSTRETH)).isEqualTo(6);
        assertThat(fixture.read(Csrs.MCYCLE)).as("each has its own").isEqualTo(3);
        fixture.write(Csrs.MCYCLE, 100);
        assertThat(fixture.read(Csrs.CYCLE)).isEqualTo(100);
        assertThat(hart.csrs().retired()).isEqualTo(3);
    }

    // ---- Sstc ----

    private boolean timerPending() {
        return (fixture.read(Csrs.MIP) & 1 << Trap.SUPERVISOR_TIMER) != 0;
    }

    @Test
    void stimecmpRaisesAndClearsTheTimerInterruptAtTheExactTick() {
        fixture.write(Csrs.MENVCFGH, 1 << 31);
        fixture.write(Csrs.STIMECMPH, 0);
        fixture.write(Csrs.STIMECMP, 20);
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(19);
        assertThat(timerPending()).isFalse();
        fixture.run(1);
        assertThat(timerPending()).isTrue();
        fixture.write(Csrs.STIMECMP, 21);
        assertThat(timerPending()).isFalse();
        fixture.run(1);
        assertThat(timerPending()).isTrue();
        fixture.write(Csrs.STIMECMPH, -1);
        assertThat(timerPending()).as("an unsigned comparison").isFalse();
    }

    @Test
    void theTimerInterruptIsTakenAtTheExactInstruction() {
        fixture.write(Csrs.MENVCFGH, 1 << 31);
        fixture.write(Csrs.MIDELEG, 0x222);
        fixture.write(Csrs.MIE, 1 << Trap.SUPERVISOR_TIMER);
        fixture.write(Csrs.STIMECMPH, 0);
        fixture.write(Csrs.STIMECMP, 7);
        fixture.code(nop(), nop(), nop(), nop(), nop(), nop(), nop(), nop(), nop()).at(CODE, U).run(8);
        assertThat(fixture.read(Csrs.SEPC)).isEqualTo(CODE + 7 * 4);
        assertThat(fixture.read(Csrs.SCAUSE)).isEqualTo(1 << 31 | Trap.SUPERVISOR_TIMER);
    }

    @Test
    void withoutStceTheTimerBitBelongsToMachineModeAndStimecmpIsNotTheSupervisors() {
        fixture.write(Csrs.STIMECMP, 0);
        fixture.write(Csrs.STIMECMPH, 0);
        assertThat(timerPending()).isFalse();
        fixture.write(Csrs.MIP, 1 << Trap.SUPERVISOR_TIMER);
        assertThat(timerPending()).isTrue();
        fixture.write(Csrs.MIP, 0);
        fixture.write(Csrs.MCOUNTEREN, 2);
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.STIMECMP, ZERO), S)).isFalse();
        fixture.write(Csrs.MENVCFGH, 1 << 31);
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.STIMECMP, ZERO), S)).isTrue();
        fixture.write(Csrs.MCOUNTEREN, 5);
        assertThat(legal(csr(Instruction.CSRRW, ZERO, Csrs.STIMECMPH, A1), S)).isFalse();
        assertThat(legal(csr(Instruction.CSRRS, A0, Csrs.STIMECMP, ZERO), M)).isTrue();
        fixture.write(Csrs.STIMECMP, -1);
        fixture.write(Csrs.STIMECMPH, -1);
        fixture.write(Csrs.MIP, 1 << Trap.SUPERVISOR_TIMER);
        assertThat(timerPending()).as("with Sstc the comparison alone drives it").isFalse();
    }
}
