package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.csr;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.interrupt.Aclint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The counters cycle, time, instret and their relatives, as instructions see them. */
class CountersTest {

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    @BeforeEach
    void begin() {
        hart.beginTurn();
    }

    /** Returns an ACLINT. The fixture's hart is number 3. */
    private Aclint aclint() {
        List<Hart> harts = new ArrayList<>();
        for (int id = 0; id < 3; id++) {
            harts.add(new Hart(id, fixture.clock, fixture.bus, 0));
        }
        harts.add(hart);
        return new Aclint(fixture.clock, harts);
    }

    private static int readInto(int rd, int csr) {
        return csr(Instruction.CSRRS, rd, csr, ZERO);
    }

    @Test
    void aReaderSeesWhatWasRetiredBeforeIt() {
        fixture.code(nop(), nop(), readInto(A0, Csrs.INSTRET), readInto(A1, Csrs.CYCLE), readInto(A2, Csrs.MINSTRET))
                .run(5);
        assertThat(hart.register(A0)).isEqualTo(2);
        assertThat(hart.register(A1)).isEqualTo(3);
        assertThat(hart.register(A2)).isEqualTo(4);
    }

    /**
     * Section 9.1: "a value written to instret by one instruction will be the value read by the following instruction".
     */
    @Test
    void whatOneInstructionWritesTheNextOneReads() {
        fixture.set(A1, 1000);
        for (int counter : new int[] {Csrs.MINSTRET, Csrs.MCYCLE}) {
            fixture.code(csr(Instruction.CSRRW, ZERO, counter, A1), readInto(A0, counter), readInto(A2, counter))
                    .run(3);
            assertThat(hart.register(A0)).isEqualTo(1000);
            assertThat(hart.register(A2)).isEqualTo(1001);
            fixture.code(csr(Instruction.CSRRW, ZERO, counter + 0x80, A1), readInto(A0, counter + 0x80),
                    readInto(A2, counter)).run(3);
            assertThat(hart.register(A0)).isEqualTo(1000);
            assertThat(hart.register(A2)).isEqualTo(1003);
        }
    }

    @Test
    void anInstructionThatTrapsIsNotRetiredThoughItTakesItsTime() {
        long before = fixture.clock.instructions();
        fixture.code(nop(), Instruction.ECALL.match()).run(2);
        fixture.code(nop(), 0).run(2);
        assertThat(fixture.clock.instructions() - before).isEqualTo(4);
        assertThat(fixture.read(Csrs.MINSTRET)).isEqualTo(2);
        assertThat(fixture.read(Csrs.MCYCLE)).isEqualTo(4);
        assertThat(hart.csrs().retired()).isEqualTo(2);
    }

    @Test
    void anInhibitedCounterStandsStill() {
        fixture.write(Csrs.MCOUNTINHIBIT, -1);
        assertThat(fixture.read(Csrs.MCOUNTINHIBIT)).as("cycle and instret").isEqualTo(5);
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(10);
        assertThat(fixture.read(Csrs.MINSTRET)).isZero();
        fixture.write(Csrs.MCYCLE, 700);
        fixture.write(Csrs.MCOUNTINHIBIT, 1);
        fixture.run(10);
        assertThat(fixture.read(Csrs.MINSTRET)).isEqualTo(10);
        assertThat(fixture.read(Csrs.MCYCLE)).isEqualTo(700);
        fixture.write(Csrs.MCOUNTINHIBIT, 4);
        fixture.run(10);
        assertThat(fixture.read(Csrs.MINSTRET)).isEqualTo(10);
        assertThat(fixture.read(Csrs.MCYCLE)).isEqualTo(710);
        assertThat(hart.csrs().retired()).as("the machine's own count goes on").isEqualTo(30);
    }

    @Test
    void thePerformanceCountersAndTheirEventsExistAndStayZero() {
        for (int n = 3; n < 32; n++) {
            for (int number : new int[] {Csrs.MCYCLE + n, Csrs.MCYCLEH + n, Csrs.MHPMEVENT3 + n - 3}) {
                fixture.write(number, -1);
                assertThat(fixture.read(number)).isZero();
            }
            assertThat(fixture.read(Csrs.CYCLE + n)).isZero();
            assertThat(fixture.read(Csrs.CYCLEH + n)).isZero();
        }
    }

    @Test
    void timeFollowsMtimeWhateverIsWrittenToIt() {
        Aclint aclint = aclint();
        fixture.write(Csrs.MENVCFGH, 1 << 31);
        fixture.write(Csrs.STIMECMPH, 0x1234);
        fixture.write(Csrs.STIMECMP, 100);
        aclint.mtimer().store(Aclint.MTIME, 4, 50);
        aclint.mtimer().store(Aclint.MTIME + 4, 4, 0x1234);
        assertThat(fixture.read(Csrs.TIME)).isEqualTo(50);
        assertThat(fixture.read(Csrs.TIMEH)).isEqualTo(0x1234);
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(49);
        assertThat(fixture.read(Csrs.TIME)).isEqualTo(99);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.SUPERVISOR_TIMER).isZero();
        fixture.run(1);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.SUPERVISOR_TIMER).isNotZero();
        aclint.mtimer().store(Aclint.MTIME + 4, 4, 0);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.SUPERVISOR_TIMER).isZero();
        assertThat(aclint.mtimer().peek(Aclint.MTIME, 4)).isEqualTo(fixture.read(Csrs.TIME));
    }

    @Test
    void anMtimeThatWrapsRoundTakesTheInterruptAway() {
        Aclint aclint = aclint();
        aclint.mtimer().store(24, 4, 5);
        aclint.mtimer().store(28, 4, 0);
        aclint.mtimer().store(Aclint.MTIME + 4, 4, -1);
        aclint.mtimer().store(Aclint.MTIME, 4, -3);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.MACHINE_TIMER).isNotZero();
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(3);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.MACHINE_TIMER).isZero();
        fixture.run(4);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.MACHINE_TIMER).isZero();
        fixture.run(1);
        assertThat(fixture.read(Csrs.MIP) & 1 << Trap.MACHINE_TIMER).isNotZero();
    }
}
