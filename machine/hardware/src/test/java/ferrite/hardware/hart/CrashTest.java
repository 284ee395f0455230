package ferrite.hardware.hart;

import static ferrite.hardware.hart.HartFixture.CODE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.instruction.Instruction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traps whose handler cannot be fetched. */
class CrashTest {

    private static final int NOWHERE = 0x4000_0000;
    private static final int ILLEGAL = -1;

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    /** Begins the hart's turn, because instructions are counted per turn. */
    @BeforeEach
    void beginTurn() {
        hart.beginTurn();
    }

    @Test
    void theTrapThatLedToItIsTold() {
        fixture.write(Csrs.MTVEC, NOWHERE);
        assertThat(fixture.code(ILLEGAL).run(100)).isEqualTo(Hart.Stop.CRASHED);
        assertThat(hart.crash()).isEqualTo(new Hart.Crash(Trap.ILLEGAL_INSTRUCTION, ILLEGAL, CODE, NOWHERE));
        assertThat(fixture.read(Csrs.MCAUSE)).as("the handler's own fault is not taken")
                .isEqualTo(Trap.ILLEGAL_INSTRUCTION);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(CODE);
    }

    @Test
    void aJumpToWhereTheHandlerShouldBeIsToldAsItself() {
        fixture.write(Csrs.MTVEC, NOWHERE);
        assertThat(fixture.code(ILLEGAL).at(NOWHERE, PrivilegeMode.M).run(100)).isEqualTo(Hart.Stop.CRASHED);
        assertThat(hart.crash()).isEqualTo(new Hart.Crash(Trap.INSTRUCTION_ACCESS_FAULT, NOWHERE, NOWHERE, NOWHERE));
    }

    @Test
    void supervisorModeCrashesWhenItHandlesItsOwnFaults() {
        fixture.write(Csrs.STVEC, NOWHERE);
        fixture.write(Csrs.MEDELEG, 1 << Trap.BREAKPOINT | 1 << Trap.INSTRUCTION_ACCESS_FAULT);
        assertThat(fixture.code(Instruction.EBREAK.match()).at(CODE, PrivilegeMode.S).run(100))
                .isEqualTo(Hart.Stop.CRASHED);
        assertThat(hart.crash()).isEqualTo(new Hart.Crash(Trap.BREAKPOINT, CODE, CODE, NOWHERE));
        assertThat(hart.mode()).isEqualTo(PrivilegeMode.S);
    }

    @Test
    void machineModeIsAskedFirstWhereTheFaultIsNotDelegated() {
        fixture.write(Csrs.STVEC, NOWHERE);
        fixture.write(Csrs.MEDELEG, 1 << Trap.BREAKPOINT);
        assertThat(fixture.code(Instruction.EBREAK.match()).at(CODE, PrivilegeMode.S).run(2))
                .isEqualTo(Hart.Stop.BUDGET_SPENT);
        assertThat(hart.crash()).isNull();
        assertThat(hart.pc()).isEqualTo(HartFixture.MACHINE_VECTOR);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.INSTRUCTION_ACCESS_FAULT);
    }

    @Test
    void aHartThatADebuggerHasRepairedTakesItsTraps() {
        fixture.write(Csrs.MTVEC, NOWHERE);
        fixture.code(ILLEGAL).run(100);
        fixture.write(Csrs.MTVEC, HartFixture.MACHINE_VECTOR);
        assertThat(fixture.at(CODE, PrivilegeMode.M).run(1)).isEqualTo(Hart.Stop.BUDGET_SPENT);
        assertThat(hart.crash()).isNull();
        assertThat(hart.pc()).isEqualTo(HartFixture.MACHINE_VECTOR);
    }

    @Test
    void resetBringsItBack() {
        fixture.write(Csrs.MTVEC, NOWHERE);
        fixture.code(ILLEGAL).run(100);
        hart.reset();
        assertThat(hart.crash()).isNull();
        assertThat(fixture.code(Instruction.FENCE.match()).run(1)).isEqualTo(Hart.Stop.BUDGET_SPENT);
    }
}
