package ferrite.hardware.turn;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guests that spin for ever, and guests that only seem to. */
class SpinWatchTest {

    private static final int FIRST_LOOK = 1000;
    private static final int LIMIT = 140_000;
    private static final int SHARED = 0x8000;
    private static final int DEVICE = 0x20_0000;
    private static final int MTIMER = 0x30_0000;
    private static final int OTHERS = 0x1000;

    private static final int T0 = Assembler.T0;
    private static final int T1 = Assembler.T1;
    private static final int T2 = Assembler.T2;
    private static final int S0 = Assembler.S0;
    private static final int STAY = Assembler.j(Instruction.JAL, 0, 0);

    /** A register that a load changes, or does not. */
    private static final class Register implements BusDevice, Saveable {

        private final boolean counts;
        private int loads;

        Register(boolean counts) {
            this.counts = counts;
        }

        @Override
        public int load(long offset, int width) {
            loads += counts ? 1 : 0;
            return 0;
        }

        @Override
        public int peek(long offset, int width) {
            return 0;
        }

        @Override
        public void store(long offset, int width, int value) { }

        @Override
        public void save(StateWriter out) {
            out.put32(loads);
        }

        @Override
        public void restore(StateReader in) {
            loads = in.get32();
        }
    }

    private interface Code {
        /** Writes the code of hart 0, and that of the other harts. */
        void write(Assembler first, Assembler others);
    }

    private final Register steady = new Register(false);
    private boolean disturbed;
    private SpinWatch watch;

    private Machine machine(int harts, Interleavings interleaving, Code code) {
        Machine machine = new Machine(new Machine.Configuration(0, 0x10_0000, harts, 0, interleaving, 5));
        Assembler first = new Assembler(machine.bus(), 0).put(
                Assembler.csr(Instruction.CSRRS, T0, Csrs.MHARTID, 0),
                Assembler.b(Instruction.BEQ, T0, 0, 8), Assembler.j(Instruction.JAL, 0, OTHERS - 8)).li(S0, SHARED);
        code.write(first, new Assembler(machine.bus(), OTHERS).li(S0, SHARED));
        machine.bus().attach("steady", DEVICE, 0x1000, steady);
        machine.bus().attach("unsteady", DEVICE + 0x1000, 0x1000, new Register(false));
        Register counting = new Register(true);
        machine.bus().attach("counting", DEVICE + 0x2000, 0x1000, counting);
        machine.bus().attach("mtimer", MTIMER, Aclint.MTIMER_BYTES,
                machine.add(new Aclint(machine.clock(), machine.harts())).mtimer());
        machine.turn().limitInstructions(LIMIT);
        watch = new SpinWatch(machine.bus(), machine.clock(), machine.harts(),
                List.of(new SpinWatch.SteadyDevice("steady", steady),
                        new SpinWatch.SteadyDevice("counting", counting)), () -> !disturbed, FIRST_LOOK);
        machine.turn().limits().watchSpins(watch);
        return machine;
    }

    private Turn.Stop run(int harts, Interleavings interleaving, Code code) {
        try (Machine machine = machine(harts, interleaving, code)) {
            return machine.turn().run();
        }
    }

    private void spins(int... words) {
        assertThat(run(1, Interleavings.RR, (first, others) -> first.put(words))).isEqualTo(Turn.Stop.SPINNING);
        assertThat(watch.found()).hasSize(1);
    }

    private void doesNot(int... words) {
        assertThat(run(1, Interleavings.RR, (first, others) -> first.put(words)))
                .isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
        assertThat(watch.found()).isEmpty();
    }

    private static int back(int instructions) {
        return Assembler.j(Instruction.JAL, 0, -4 * instructions);
    }

    // ---- one hart ----

    @Test
    void aLoopOfOneInstructionSpinsAndIsNamed() {
        try (Machine machine = machine(1, Interleavings.RR, (first, others) -> first.put(STAY))) {
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.SPINNING);
            assertThat(watch.found()).containsExactly(new SpinWatch.Spin(0, 0x14, 1));
            assertThat(machine.clock().instructions()).isEqualTo(FIRST_LOOK + 2);
        }
    }

    @Test
    void aLoopThatChangesMemoryAndChangesItBackSpins() {
        spins(Assembler.s(Instruction.SW, S0, S0, 0), Assembler.s(Instruction.SW, 0, S0, 0), back(2));
        spins(Assembler.s(Instruction.SB, S0, S0, 3), Assembler.i(Instruction.LW, T0, S0, 0), back(2));
    }

    @Test
    void aCountInARegisterOrInMemoryIsProgress() {
        doesNot(Assembler.i(Instruction.ADDI, T0, T0, 1), back(1));
        doesNot(Assembler.i(Instruction.LW, T0, S0, 0), Assembler.i(Instruction.ADDI, T0, T0, 1),
                Assembler.s(Instruction.SW, T0, S0, 0), Assembler.i(Instruction.ADDI, T0, 0, 0), back(4));
        doesNot(Assembler.r(Instruction.AMOADD_W, 0, S0, S0), back(1));
    }

    @Test
    void aWaitForTheTimeIsNoSpinThoughItsStateComesAgain() {
        for (int counter : new int[] {Csrs.TIME, Csrs.CYCLE, Csrs.MCYCLE, Csrs.MINSTRETH}) {
            doesNot(Assembler.csr(Instruction.CSRRS, T0, counter, 0), Assembler.i(Instruction.ADDI, T0, 0, 0), back(2));
        }
        spins(Assembler.csr(Instruction.CSRRS, T0, Csrs.MIP, 0), Assembler.i(Instruction.ADDI, T0, 0, 0), back(2));
        doesNot(Assembler.u(Instruction.LUI, T1, MTIMER + 0x8000), Assembler.i(Instruction.LW, T0, T1, -8),
                Assembler.i(Instruction.ADDI, T0, 0, 0), back(3));
    }

    @Test
    void aGuestThatATimerWillInterruptDoesNotSpinUntilThen() {
        for (boolean armed : new boolean[] {true, false}) {
            Turn.Stop stop = run(1, Interleavings.RR, (first, others) -> {
                others.put(STAY);
                first.csrw(Csrs.MTVEC, OTHERS + 8).csrw(Csrs.MIE, 1 << Trap.MACHINE_TIMER).li(T1, MTIMER)
                        .li(T0, 20_000).put(Assembler.s(Instruction.SW, T0, T1, 0));
                if (armed) {
                    first.put(Assembler.s(Instruction.SW, 0, T1, 4));
                }
                first.csrw(Csrs.MSTATUS, Csrs.MSTATUS_MIE).put(STAY);
            });
            assertThat(stop).isEqualTo(Turn.Stop.SPINNING);
            assertThat(watch.found().get(0).pc() == OTHERS + 8).as("in the handler").isEqualTo(armed);
        }
    }

    @Test
    void aPollOfADeviceSpinsOnlyIfTheDeviceIsKnownAndTheLoadChangesNothing() {
        spins(Assembler.u(Instruction.LUI, T1, DEVICE), Assembler.i(Instruction.LW, T0, T1, 0), back(2));
        doesNot(Assembler.u(Instruction.LUI, T1, DEVICE + 0x1000), Assembler.i(Instruction.LW, T0, T1, 0), back(2));
        doesNot(Assembler.u(Instruction.LUI, T1, DEVICE + 0x2000), Assembler.i(Instruction.LW, T0, T1, 0), back(2));
        doesNot(Assembler.u(Instruction.LUI, T1, DEVICE), Assembler.s(Instruction.SW, 0, T1, 0), back(2));
    }

    @Test
    void aHandlerThatReturnsToItsTrapSpins() {
        Turn.Stop stop = run(1, Interleavings.RR, (first, others) -> {
            others.put(Instruction.MRET.match());
            first.csrw(Csrs.MTVEC, OTHERS).put(Instruction.ECALL.match());
        });
        assertThat(stop).isEqualTo(Turn.Stop.SPINNING);
    }

    @Test
    void nothingIsSaidWhileAPersonOrInputMayStillChangeTheMachine() {
        disturbed = true;
        doesNot(STAY);
    }

    @Test
    void aLoopThatIsLongerThanTheLookIsNotJudged() {
        doesNot(Assembler.u(Instruction.LUI, T0, 0x5000), Assembler.i(Instruction.ADDI, T0, T0, -1),
                Assembler.b(Instruction.BNE, T0, 0, -4), back(3));
        spins(Assembler.u(Instruction.LUI, T0, 0x1000), Assembler.i(Instruction.ADDI, T0, T0, -8),
                Assembler.b(Instruction.BNE, T0, 0, -4), back(3));
    }

    /** A host tells the time, and has files: its answer may be another one after many calls. */
    @Test
    void aCallOfTheHostIsNotJudged() {
        for (boolean served : new boolean[] {true, false}) {
            try (Machine machine = machine(1, Interleavings.RR, (first, others) -> {
                others.put(Instruction.MRET.match());
                first.csrw(Csrs.MTVEC, OTHERS).put(Assembler.i(Instruction.SLLI, 0, 0, 31), Instruction.EBREAK.match(),
                        Assembler.i(Instruction.SRAI, 0, 0, 7), back(3));
            })) {
                if (served) {
                    machine.harts().get(0).serveHostCalls(hart -> true);
                }
                assertThat(machine.turn().run()).isEqualTo(served ? Turn.Stop.INSTRUCTION_LIMIT : Turn.Stop.SPINNING);
            }
        }
    }

    // ---- harts together ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aHartThatWaitsForAnotherIsNotAlone(Interleavings interleaving) {
        int[] waiting = {Assembler.i(Instruction.LW, T0, S0, 0), Assembler.b(Instruction.BEQ, T0, 0, -4), STAY};
        Turn.Stop stop = run(3, interleaving, (first, others) -> {
            first.li(T1, 5000).put(Assembler.i(Instruction.ADDI, T1, T1, -1),
                    Assembler.b(Instruction.BNE, T1, 0, -4), Assembler.s(Instruction.SW, S0, S0, 0), STAY);
            others.put(waiting);
        });
        assertThat(stop).isIn(interleaving == Interleavings.PCT ? List.of(Turn.Stop.SPINNING,
                Turn.Stop.INSTRUCTION_LIMIT) : List.of(Turn.Stop.SPINNING));
        assertThat(watch.found()).allMatch(spin -> spin.instructions() == 1, "all are past the wait");
    }

    @Test
    void aWordThatAnotherHartChangesAndChangesBackIsNoProof() {
        for (int offset : new int[] {0, 64}) {
            Turn.Stop stop = run(2, Interleavings.RR, (first, others) -> {
                first.put(Assembler.i(Instruction.LW, T0, S0, offset), Assembler.i(Instruction.ADDI, T0, 0, 0),
                        back(2));
                others.put(Assembler.s(Instruction.SW, S0, S0, 0), Assembler.s(Instruction.SW, 0, S0, 0), back(2));
            });
            assertThat(stop).isEqualTo(offset == 0 ? Turn.Stop.INSTRUCTION_LIMIT : Turn.Stop.SPINNING);
        }
    }

    @Test
    void aDeadlockOfSpinlocksIsToldWithEachHart() {
        Code code = (first, others) -> {
            for (Assembler each : List.of(first, others)) {
                each.li(T1, 1).put(Assembler.r(Instruction.AMOSWAP_W, 0, S0, T1),
                        Assembler.r(Instruction.AMOSWAP_W, T2, S0, T1), Assembler.b(Instruction.BNE, T2, 0, -4));
            }
        };
        assertThat(run(2, Interleavings.RR, code)).isEqualTo(Turn.Stop.SPINNING);
        assertThat(watch.found()).extracting(SpinWatch.Spin::hart).containsExactly(0, 1);
    }

    @Test
    void aStoreConditionalIsNotJudged() {
        doesNot(Assembler.r(Instruction.LR_W, T0, S0, 0), Assembler.r(Instruction.SC_W, 0, S0, T0),
                Assembler.i(Instruction.ADDI, T0, 0, 0), back(3));
        spins(Assembler.r(Instruction.LR_W, T0, S0, 0), back(1));
    }

    @Test
    void aHartThatWaitsForEverDoesNotKeepTheOthersFromSpinning() {
        Turn.Stop stop = run(4, Interleavings.RANDOM, (first, others) -> {
            first.put(STAY);
            others.put(Instruction.WFI.match(), back(1));
        });
        assertThat(stop).isEqualTo(Turn.Stop.SPINNING);
        assertThat(watch.found()).extracting(SpinWatch.Spin::hart).containsExactly(0);
    }

    // ---- the run ----

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void lookingChangesNothing(Interleavings interleaving) {
        Code code = (first, others) -> {
            for (Assembler each : List.of(first, others)) {
                each.put(Assembler.r(Instruction.LR_W, T0, S0, 0), Assembler.i(Instruction.ADDI, T0, T0, 1),
                        Assembler.r(Instruction.SC_W, T1, S0, T0), Assembler.b(Instruction.BNE, T1, 0, -12),
                        Assembler.r(Instruction.AMOADD_W, T0, S0, S0), back(5));
            }
        };
        try (Machine watched = machine(3, interleaving, code); Machine alone = machine(3, interleaving, code)) {
            alone.turn().limits().watchSpins(null);
            assertThat(watched.turn().run()).isEqualTo(alone.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
            assertThat(watched.digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void aRestoredMachineIsFoundToSpinAtTheSameInstruction() {
        try (Machine machine = machine(2, Interleavings.RANDOM, (first, others) -> {
            first.put(STAY);
            others.put(STAY);
        })) {
            machine.turn().limitInstructions(FIRST_LOOK / 2);
            machine.turn().run();
            Machine.Snapshot snapshot = machine.snapshot();
            machine.turn().limitInstructions(LIMIT);
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.SPINNING);
            Machine.Digest end = machine.digest();
            machine.restore(snapshot);
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.SPINNING);
            assertThat(machine.digest()).isEqualTo(end);
        }
    }
}
