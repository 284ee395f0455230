package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import org.junit.jupiter.api.Test;

/** Breakpoints, watchpoints and steps on harts that store a counter in an endless loop. */
class DebugPointsTest {

    private static final long RAM = 0x8000_0000L;
    private static final long LOOP = RAM + 4;
    private static final long COUNTER = RAM + 0x1100;
    private static final int T1 = 6;
    private static final int[] PROGRAM = {
        0x0000_1297,    // auipc t0, 1
        0x1062_a023,    // sw t1, 0x100(t0), at LOOP
        0x0013_0313,    // addi t1, t1, 1
        0xff9f_f06f,    // j LOOP
    };

    private final Machine machine = machine(1);
    private final Hart hart = machine.harts().get(0);

    private static Machine machine(int harts) {
        Machine machine = new Machine(new Machine.Configuration(RAM, 1 << 20, harts, RAM, Interleavings.RR, 1));
        for (int i = 0; i < PROGRAM.length; i++) {
            machine.bus().store(new BusMaster("test", 34), RAM + 4L * i, 4, PROGRAM[i]);
        }
        return machine;
    }

    private Halt.Reason run() {
        assertThat(machine.turn().run()).isEqualTo(Turn.Stop.HALTED);
        return machine.control().lastHalt().reason();
    }

    private Halt.Reason goOn() {
        machine.control().resume();
        return run();
    }

    private long pc() {
        return hart.pc() & 0xffff_ffffL;
    }

    private static DebugPoints.Watchpoint counter(DebugPoints.Kind kind) {
        return new DebugPoints.Watchpoint(kind, COUNTER, 4);
    }

    @Test
    void aBreakpointStopsBeforeItsInstructionEachTime() {
        machine.control().points().setBreakpoint(LOOP + 4);

        for (int round = 0; round < 5; round++) {
            assertThat(round == 0 ? run() : goOn()).isEqualTo(Halt.Reason.BREAKPOINT);
            assertThat(pc()).isEqualTo(LOOP + 4);
            assertThat(hart.register(T1)).isEqualTo(round);
            assertThat(machine.bus().peek(COUNTER, 4)).isEqualTo(round);
        }
    }

    @Test
    void aBreakpointLeavesTheInstructionInMemory() {
        machine.control().points().setBreakpoint(LOOP);
        run();

        assertThat(machine.bus().peek(LOOP, 4)).isEqualTo(PROGRAM[1]);
    }

    @Test
    void aWatchpointStopsBeforeTheStoreAndThenLetsItPass() {
        machine.control().points().setWatchpoint(counter(DebugPoints.Kind.WRITE));

        for (int round = 0; round < 5; round++) {
            assertThat(round == 0 ? run() : goOn()).isEqualTo(Halt.Reason.WATCHPOINT);
            assertThat(pc()).isEqualTo(LOOP);
            assertThat(hart.register(T1)).isEqualTo(round);
            assertThat(machine.bus().peek(COUNTER, 4)).isEqualTo(Math.max(0, round - 1));
        }
    }

    @Test
    void aWatchpointForReadsIgnoresStores() {
        machine.control().points().setWatchpoint(counter(DebugPoints.Kind.READ));
        machine.turn().limitInstructions(1000);

        assertThat(machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
    }

    @Test
    void aWatchpointReportsOnlyAccessesThatOverlapIt() {
        for (long va = COUNTER - 8; va < COUNTER + 8; va++) {
            DebugPoints.Watchpoint point = new DebugPoints.Watchpoint(DebugPoints.Kind.ACCESS, va, 1);
            machine.control().points().setWatchpoint(point);
            machine.turn().limitInstructions(machine.clock().instructions() + 100);
            Turn.Stop stop = machine.turn().run();

            assertThat(stop == Turn.Stop.HALTED).as("0x%x", va).isEqualTo(va >= COUNTER && va < COUNTER + 4);
            machine.control().points().clearWatchpoint(point);
            machine.control().resume();
        }
    }

    @Test
    void aBreakpointAndAWatchpointOnOneInstructionAreBothReported() {
        machine.control().points().setBreakpoint(LOOP);
        machine.control().points().setWatchpoint(counter(DebugPoints.Kind.WRITE));

        assertThat(run()).isEqualTo(Halt.Reason.BREAKPOINT);
        hart.passPoints();
        machine.control().points().clearBreakpoint(LOOP);
        machine.control().pcChanged();
        assertThat(goOn()).isIn(Halt.Reason.WATCHPOINT, Halt.Reason.BREAKPOINT);
    }

    /** A debugger steps over a breakpoint that it has taken away, and puts it back. */
    @Test
    void aPointThatIsPutBackAfterAStepIsReachedInTheNextRound() {
        DebugPoints points = machine.control().points();
        points.setBreakpoint(LOOP);
        points.setWatchpoint(counter(DebugPoints.Kind.WRITE));
        run();
        for (int round = 0; round < 5; round++) {
            assertThat(hart.register(T1)).isEqualTo(round);
            points.clearBreakpoint(LOOP);
            points.clearWatchpoint(counter(DebugPoints.Kind.WRITE));
            machine.control().resume(-1, hart);
            assertThat(run()).isEqualTo(Halt.Reason.STEP);
            points.setWatchpoint(counter(DebugPoints.Kind.WRITE));
            if (round % 2 == 0) {
                points.setBreakpoint(LOOP);
            }
            assertThat(goOn()).isEqualTo(round % 2 == 0 ? Halt.Reason.BREAKPOINT : Halt.Reason.WATCHPOINT);
        }
    }

    @Test
    void aPointThatIsSetTwiceIsClearedTwice() {
        DebugPoints points = machine.control().points();
        points.setBreakpoint(LOOP);
        points.setBreakpoint(LOOP);

        assertThat(points.clearBreakpoint(LOOP)).isTrue();
        assertThat(run()).isEqualTo(Halt.Reason.BREAKPOINT);
        assertThat(points.clearBreakpoint(LOOP)).isTrue();
        assertThat(points.clearBreakpoint(LOOP)).isFalse();
    }

    @Test
    void stoppingAtPointsChangesNothing() {
        machine.turn().limitInstructions(10_000);
        assertThat(machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        Machine other = machine(1);
        other.turn().limitInstructions(10_000);
        other.control().points().setBreakpoint(LOOP + 8);
        other.control().points().setWatchpoint(counter(DebugPoints.Kind.ACCESS));
        int stops = 0;
        while (other.turn().run() == Turn.Stop.HALTED) {
            stops++;
            other.control().resume();
        }

        assertThat(stops).isGreaterThan(6000);
        assertThat(other.digest()).isEqualTo(machine.digest());
        assertThat(other.harts().get(0).csrs().retired()).isEqualTo(hart.csrs().retired());
    }

    @Test
    void aStepIsOneInstructionOfThatHartAlone() {
        Machine four = machine(4);
        Hart third = four.harts().get(2);
        for (int step = 1; step <= 10; step++) {
            four.control().halt();
            four.control().resume(1 << third.id(), third);
            assertThat(four.turn().run()).isEqualTo(Turn.Stop.HALTED);

            assertThat(four.control().lastHalt()).isEqualTo(new Halt(Halt.Reason.STEP, 2, null, null));
            assertThat(third.ticks()).isEqualTo(step);
            assertThat(four.harts().get(0).ticks() + four.harts().get(1).ticks() + four.harts().get(3).ticks())
                    .isZero();
        }
    }

    @Test
    void aStepWhileAllRunEndsWithTheSteppedHart() {
        Machine four = machine(4);
        Hart third = four.harts().get(2);
        four.control().resume(-1, third);

        assertThat(four.turn().run()).isEqualTo(Turn.Stop.HALTED);
        assertThat(third.ticks()).isEqualTo(1);
        assertThat(four.harts().get(0).ticks()).isPositive();
    }

    @Test
    void anEbreakIsTakenByADebuggerAndNotByTheTrapHandler() {
        machine.bus().store(new BusMaster("test", 34), LOOP + 4, 4, 0x0010_0073);
        machine.control().points().stopAtEbreak(true);

        assertThat(run()).isEqualTo(Halt.Reason.EBREAK);
        assertThat(pc()).isEqualTo(LOOP + 4);
        assertThat(hart.csrs().retired()).isEqualTo(2);
        assertThat(goOn()).as("again, at the same place").isEqualTo(Halt.Reason.EBREAK);
        hart.setPc((int) LOOP + 8);
        machine.turn().limitInstructions(4);
        machine.control().resume();
        assertThat(machine.turn().run()).as("past it").isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
    }

    @Test
    void aCaughtTrapStopsAtItsHandler() {
        machine.bus().store(new BusMaster("test", 34), LOOP + 4, 4, 0);
        hart.debugWriteCsr(Csrs.MTVEC, (int) RAM);
        DebugPoints.CaughtTrap fromS = new DebugPoints.CaughtTrap(Trap.ILLEGAL_INSTRUCTION, 1 << PrivilegeMode.S);
        DebugPoints.CaughtTrap fromM = new DebugPoints.CaughtTrap(Trap.ILLEGAL_INSTRUCTION, 1 << PrivilegeMode.M);
        machine.control().points().catchTrap(fromS);
        machine.control().points().catchTrap(fromM);

        assertThat(run()).isEqualTo(Halt.Reason.TRAP);
        assertThat(pc()).isEqualTo(RAM);
        assertThat(machine.control().points().ignoreTrap(fromM)).isTrue();
        assertThat(machine.control().points().ignoreTrap(fromM)).isFalse();
        hart.setPc((int) LOOP + 4);
        machine.turn().limitInstructions(10);
        machine.control().resume();
        assertThat(machine.turn().run()).as("it is caught from S-mode only").isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
    }

    @Test
    void instructionsAreCountedInTheNamedModesToTheLastOne() {
        machine.control().haltAfter(hart, 5, 1 << PrivilegeMode.M);
        assertThat(run()).isEqualTo(Halt.Reason.EVENT);
        assertThat(hart.csrs().retired()).isEqualTo(5);
        machine.control().haltAfter(hart, 1, 1 << PrivilegeMode.S | 1 << PrivilegeMode.U);
        machine.turn().limitInstructions(100);
        machine.control().resume();
        assertThat(machine.turn().run()).as("all are in M-mode").isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
    }
}
