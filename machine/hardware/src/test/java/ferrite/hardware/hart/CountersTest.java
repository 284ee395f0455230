package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.csr;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
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
        assertThat(fixture.read(Csrs.MCOUNTINHIBIT)).as("all but time").isEqualTo(~2);
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
    void aPerformanceCounterWithoutEventKeepsWhatIsWritten() {
        for (int n = 3; n < 32; n++) {
            assertThat(fixture.read(Csrs.MCYCLE + n)).isZero();
            fixture.write(Csrs.MCYCLE + n, n);
            fixture.write(Csrs.MCYCLEH + n, -n);
        }
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(10);
        for (int n = 3; n < 32; n++) {
            assertThat(fixture.read(Csrs.MHPMEVENT3 + n - 3)).isZero();
            assertThat(fixture.read(Csrs.CYCLE + n)).isEqualTo(n);
            assertThat(fixture.read(Csrs.CYCLEH + n)).isEqualTo(-n);
        }
    }

    @Test
    void everyPerformanceCounterCountsItsOwnEvent() {
        fixture.code(nop(), Instruction.ECALL.match()).run(2);                    // before they are programmed
        for (int n = 3; n < 32; n++) {
            fixture.write(Csrs.MHPMEVENT3 + n - 3, n % 4);
            assertThat(fixture.read(Csrs.MHPMEVENT3 + n - 3)).isEqualTo(n % 4);
        }
        fixture.code(nop(), nop(), Instruction.ECALL.match()).run(3);
        for (int n = 3; n < 32; n++) {
            assertThat(fixture.read(Csrs.MCYCLE + n)).as("counter " + n).isEqualTo(new int[] {0, 3, 2, 1}[n % 4]);
        }
        fixture.write(Csrs.MHPMEVENT3, 4);
        fixture.write(Csrs.MHPMEVENT3 + 2, -1);
        assertThat(fixture.read(Csrs.MHPMEVENT3)).as("no such event").isZero();
        assertThat(fixture.read(Csrs.MHPMEVENT3 + 2)).as("no such event").isZero();
        fixture.code(nop(), nop()).run(2);
        assertThat(fixture.read(Csrs.MCYCLE + 3)).as("stands still, and keeps its value").isEqualTo(1);
        assertThat(fixture.read(Csrs.MCYCLE + 5)).as("stands still, and keeps its value").isEqualTo(3);
        assertThat(fixture.read(Csrs.MCYCLE + 6)).isEqualTo(4);
    }

    @Test
    void aPerformanceCounterIsWrittenReadAndStoppedAsMinstretIs() {
        int counter = Csrs.MCYCLE + 7;
        fixture.write(Csrs.MHPMEVENT3 + 4, 2);
        fixture.set(A1, -1).code(csr(Instruction.CSRRW, ZERO, counter, A1), readInto(A0, counter), nop(),
                readInto(A2, counter + 0x80)).run(4);
        assertThat(hart.register(A0)).isEqualTo(-1);
        assertThat(hart.register(A2)).as("the carry").isEqualTo(1);
        fixture.write(Csrs.MCOUNTINHIBIT, 1 << 7);
        fixture.write(counter, 50);
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(10);
        assertThat(fixture.read(counter)).isEqualTo(50);
        fixture.write(Csrs.MCOUNTINHIBIT, ~(1 << 7));
        fixture.run(10);
        assertThat(fixture.read(counter)).isEqualTo(60);
    }

    @Test
    void lowerModesReadAPerformanceCounterThatIsEnabledForThem() {
        fixture.write(Csrs.MHPMEVENT3 + 6, 1);
        for (int bits = 0; bits < 4; bits++) {
            fixture.write(Csrs.MCOUNTEREN, ~(1 << 9) | (bits & 1) << 9);
            fixture.write(Csrs.SCOUNTEREN, ~(1 << 9) | (bits >> 1) << 9);
            for (int mode : new int[] {PrivilegeMode.S, PrivilegeMode.U}) {
                fixture.code(readInto(A0, Csrs.CYCLE + 9)).at(HartFixture.CODE, mode).run(1);
                boolean allowed = (bits & 1) != 0 && (mode == PrivilegeMode.S || bits == 3);
                assertThat(hart.pc()).as(bits + " " + mode)
                        .isEqualTo(allowed ? HartFixture.CODE + 4 : HartFixture.MACHINE_VECTOR);
            }
        }
        fixture.code(readInto(A0, Csrs.MCYCLE + 9)).at(HartFixture.CODE, PrivilegeMode.S).run(1);
        assertThat(hart.pc()).as("M-mode's own register").isEqualTo(HartFixture.MACHINE_VECTOR);
    }

    @Test
    void aSavedHartGoesOnCounting() {
        fixture.write(Csrs.MHPMEVENT3, 2);
        fixture.code(j(Instruction.JAL, ZERO, 0)).run(10);
        StateWriter saved = new StateWriter();
        hart.save(saved);
        fixture.write(Csrs.MHPMEVENT3, 0);
        fixture.run(5);
        hart.restore(new StateReader(saved.toBytes()));
        hart.beginTurn();
        fixture.run(7);
        assertThat(fixture.read(Csrs.MCYCLE + 3)).isEqualTo(17);
        assertThat(fixture.read(Csrs.MHPMEVENT3)).isEqualTo(2);
    }

    @Test
    void aSavedCounterWithAnEventThatDoesNotExistIsRefused() {
        StateWriter saved = new StateWriter();
        hart.csrs().counters.save(saved);
        byte[] bytes = saved.toBytes();
        bytes[8] = 4;                                          // after mcountinhibit and the number of events
        assertThatThrownBy(() -> hart.csrs().counters.restore(new StateReader(bytes)))
                .isInstanceOf(StateException.class).hasMessageContaining("unknown event 4");
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
