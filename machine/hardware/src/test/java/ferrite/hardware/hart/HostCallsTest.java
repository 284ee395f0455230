package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three instructions that are a call of semihosting, and those that are not. */
class HostCallsTest {

    private static final int FIRST = Assembler.i(Instruction.SLLI, 0, 0, 31);
    private static final int EBREAK = Instruction.EBREAK.match();
    private static final int LAST = Assembler.i(Instruction.SRAI, 0, 0, 7);
    private static final int NOP = Assembler.nop();

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;
    private final List<Long> calls = new ArrayList<>();
    private int answersAfter = 1;

    private void serve() {
        hart.serveHostCalls(caller -> {
            calls.add(caller.argument(0));
            if (calls.size() < answersAfter) {
                return false;
            }
            caller.setRegister(Assembler.A0, 5);
            return true;
        });
    }

    private void assertTraps(int pc, int... code) {
        calls.clear();
        fixture.code(code).run(2);
        assertThat(calls).isEmpty();
        assertThat(hart.pc()).isEqualTo(HartFixture.MACHINE_VECTOR);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(pc);
    }

    @ParameterizedTest
    @ValueSource(ints = {PrivilegeMode.M, PrivilegeMode.S})
    void theHostServesTheEbreakBetweenItsMarks(int mode) {
        serve();
        hart.beginTurn();
        fixture.code(FIRST, EBREAK, LAST, NOP).at(HartFixture.CODE, mode).set(Assembler.A0, 0x18).run(3);
        assertThat(calls).containsExactly(0x18L);
        assertThat(hart.register(Assembler.A0)).isEqualTo(5);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 12);
        assertThat(fixture.read(Csrs.MINSTRET)).as("it is retired").isEqualTo(3);
    }

    @Test
    void aCallWithoutAnswerIsMadeAgain() {
        serve();
        answersAfter = 4;
        fixture.code(FIRST, EBREAK, LAST).run(4);
        assertThat(calls).hasSize(3);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 4);
        fixture.run(2);
        assertThat(calls).hasSize(4);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 12);
    }

    @Test
    void everyOtherEbreakIsABreakpointException() {
        assertTraps(HartFixture.CODE + 4, FIRST, EBREAK, LAST);
        serve();
        assertTraps(HartFixture.CODE + 4, NOP, EBREAK, LAST);
        assertTraps(HartFixture.CODE + 4, FIRST, EBREAK, NOP);
        assertTraps(HartFixture.CODE + 4, Assembler.i(Instruction.SLLI, 0, 0, 30), EBREAK, LAST);
        assertTraps(HartFixture.CODE + 4, FIRST, EBREAK, Assembler.i(Instruction.SRLI, 0, 0, 7));
        assertTraps(HartFixture.CODE + 4, FIRST, 0x0001_9002, LAST);      // c.ebreak, c.nop
    }

    @Test
    void aProgramOfUserModeHasNoHost() {
        serve();
        fixture.code(FIRST, EBREAK, LAST).at(HartFixture.CODE, PrivilegeMode.U).run(2);
        assertThat(calls).isEmpty();
        assertThat(hart.pc()).isEqualTo(HartFixture.MACHINE_VECTOR);
    }

    @Test
    void aCallAcrossTwoPagesIsNone() {
        serve();
        for (int before = 4; before <= 12; before += 4) {
            int start = HartFixture.CODE + 0x1000 - before;
            new Assembler(fixture.bus, start).put(FIRST, EBREAK, LAST);
            fixture.at(start, PrivilegeMode.M).run(2);
            assertThat(calls).as(before + " bytes on the first page").hasSize(before == 12 ? 1 : 0);
        }
    }
}
