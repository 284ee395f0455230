package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Assembler;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The triggers of the debug specification, for software and for a debugger. */
class TriggersTest {

    private static final int MCONTROL = 2 << 28;
    private static final int MCONTROL6 = 6 << 28;
    private static final int DISABLED = 15 << 28;
    private static final int DMODE = 1 << 27;
    private static final int DEBUG_MODE = 1 << 12;
    private static final int NAPOT = 1 << 7;
    private static final int M = 1 << 6;
    private static final int S = 1 << 4;
    private static final int U = 1 << 3;
    private static final int EXECUTE = 1 << 2;
    private static final int STORE = 1 << 1;
    private static final int LOAD = 1;
    private static final int MTE = 1 << 3;
    private static final int MPTE = 1 << 7;
    private static final int BY_ASID = 2;
    private static final int OF_DEBUGGER = Triggers.OF_SOFTWARE;
    private static final int NOP = Assembler.nop();

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    TriggersTest() {
        fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
    }

    private void set(int trigger, int control, int address) {
        fixture.write(Csrs.TSELECT, trigger);
        fixture.write(Csrs.TDATA2, address);
        fixture.write(Csrs.TDATA1, control);
    }

    private void assertBreakpointException(int pc, int address) {
        assertThat(hart.pc()).isEqualTo(HartFixture.MACHINE_VECTOR);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.BREAKPOINT);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(pc);
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(address);
    }

    // ---- the registers ----

    @Test
    void softwareFindsFourTriggersAndThatOfTheDebugger() {
        int found = 0;
        List<Integer> controls = new ArrayList<>();
        for (;; found++) {
            fixture.write(Csrs.TSELECT, found);
            if (fixture.read(Csrs.TSELECT) != found) {
                break;
            }
            controls.add(fixture.read(Csrs.TDATA1));
            fixture.write(Csrs.TDATA1, MCONTROL | M | LOAD);
            fixture.write(Csrs.TDATA2, 0x1234);
            boolean ofDebugger = found == OF_DEBUGGER;
            assertThat(fixture.read(Csrs.TDATA1)).isEqualTo(ofDebugger ? MCONTROL6 | DMODE : MCONTROL | M | LOAD);
            assertThat(fixture.read(Csrs.TDATA2)).isEqualTo(ofDebugger ? 0 : 0x1234);
        }
        assertThat(controls).containsExactly(DISABLED, DISABLED, DISABLED, DISABLED, MCONTROL6 | DMODE);
        assertThat(fixture.read(Csrs.TINFO)).isEqualTo(1 << 24 | 1 << 15 | 1 << 6 | 1 << 2);
    }

    @Test
    void aTriggerHoldsOnlyWhatItCanDo() {
        set(0, -1, 0);
        assertThat(fixture.read(Csrs.TDATA1)).as("no such type").isEqualTo(DISABLED);
        set(0, MCONTROL6 | 0xfff_ffff, 0);
        assertThat(fixture.read(Csrs.TDATA1)).as("no dmode, no match 15")
                .isEqualTo(MCONTROL6 | M | S | U | EXECUTE | STORE | LOAD);
        set(0, MCONTROL6 | NAPOT, 0);
        assertThat(fixture.read(Csrs.TDATA1)).isEqualTo(MCONTROL6 | NAPOT);
        set(0, MCONTROL | NAPOT, 0);
        assertThat(fixture.read(Csrs.TDATA1)).as("maskmax is 0").isEqualTo(MCONTROL);
        fixture.write(Csrs.TCONTROL, -1);
        assertThat(fixture.read(Csrs.TCONTROL)).isEqualTo(MTE | MPTE);
        fixture.write(Csrs.TDATA3, -1);
        assertThat(fixture.read(Csrs.TDATA3)).as("select 3 does not exist").isEqualTo(0x1ff << 2);
        fixture.write(Csrs.TDATA3, 5 << 2 | BY_ASID);
        assertThat(fixture.read(Csrs.TDATA3)).isEqualTo(5 << 2 | BY_ASID);
        set(0, 0, 0);
        assertThat(fixture.read(Csrs.TDATA1)).isEqualTo(DISABLED);
    }

    /** The steps of the specification that find the largest range (mcontrol6, field match). */
    @Test
    void softwareFindsTheLargestRange() {
        set(0, MCONTROL6 | NAPOT, 0);
        fixture.write(Csrs.TDATA2, -1);
        assertThat(fixture.read(Csrs.TDATA2)).isEqualTo(-1 & ~(1 << 30));
        fixture.write(Csrs.TDATA2, 0x3fff_ffff);
        assertThat(fixture.read(Csrs.TDATA2)).as("half of all addresses").isEqualTo(0x3fff_ffff);
        fixture.write(Csrs.TDATA1, MCONTROL6);
        fixture.write(Csrs.TDATA2, -1);
        assertThat(fixture.read(Csrs.TDATA2)).as("one address").isEqualTo(-1);
        fixture.write(Csrs.TDATA1, MCONTROL6 | NAPOT);
        assertThat(fixture.read(Csrs.TDATA2)).isEqualTo(-1 & ~(1 << 30));
    }

    @ParameterizedTest
    @ValueSource(ints = {Csrs.TSELECT, Csrs.TDATA1, Csrs.TDATA2, Csrs.TDATA3, Csrs.TINFO, Csrs.TCONTROL})
    void theRegistersAreForMachineModeAlone(int csr) {
        assertThatThrownBy(() -> hart.csrs().read(csr, PrivilegeMode.S)).isInstanceOf(Trap.class);
    }

    // ---- exceptions ----

    @ParameterizedTest
    @ValueSource(ints = {MCONTROL, MCONTROL6})
    void aTriggerOnAnInstructionTrapsBeforeIt(int type) {
        fixture.code(NOP, Assembler.i(Instruction.ADDI, Assembler.A0, 0, 1), NOP);
        set(2, type | M | EXECUTE, HartFixture.CODE + 4);
        fixture.run(2);
        assertBreakpointException(HartFixture.CODE + 4, HartFixture.CODE + 4);
        assertThat(hart.register(Assembler.A0)).isZero();
        set(2, 0, 0);
        fixture.at(HartFixture.CODE, PrivilegeMode.M).run(2);
        assertThat(hart.register(Assembler.A0)).as("cleared").isEqualTo(1);
    }

    @Test
    void aTriggerThatIsSetByTheCodeItselfWorksAtOnce() {
        new Assembler(fixture.bus, HartFixture.CODE).csrw(Csrs.TDATA2, HartFixture.DATA)
                .csrw(Csrs.TDATA1, MCONTROL6 | M | STORE);
        fixture.at(HartFixture.CODE, PrivilegeMode.M).set(Assembler.A1, HartFixture.DATA).run(6);
        int store = hart.pc();
        new Assembler(fixture.bus, store).put(Assembler.s(Instruction.SW, 0, Assembler.A1, 0));
        fixture.run(1);
        assertBreakpointException(store, HartFixture.DATA);
    }

    @Test
    void aTriggerWatchesEveryByteOfAnAccessAndNoOther() {
        int load = Assembler.i(Instruction.LW, Assembler.A0, Assembler.A1, 0);
        int store = Assembler.s(Instruction.SW, Assembler.A2, Assembler.A1, 0);
        set(0, MCONTROL6 | M | STORE, HartFixture.DATA + 6);
        for (int at = 0; at < 12; at++) {
            fixture.execute(load, HartFixture.DATA + at, 0);
            assertThat(hart.pc()).as("a load").isEqualTo(HartFixture.CODE + 4);
            fixture.execute(store, HartFixture.DATA + at, at + 1);
            if (at >= 3 && at <= 6) {
                assertBreakpointException(HartFixture.CODE, HartFixture.DATA + at);
                assertThat(hart.load(HartFixture.DATA + at, 1)).as("nothing is stored").isNotEqualTo(at + 1);
            } else {
                assertThat(hart.pc()).as("byte " + at).isEqualTo(HartFixture.CODE + 4);
            }
            fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {LOAD, STORE})
    void anAtomicOperationLoadsAndStores(int access) {
        set(0, MCONTROL6 | M | access, HartFixture.DATA);
        int amoadd = Assembler.r(Instruction.AMOADD_W, Assembler.A0, Assembler.A1, Assembler.A2);
        fixture.execute(amoadd, HartFixture.DATA, 1);
        assertBreakpointException(HartFixture.CODE, HartFixture.DATA);
        assertThat(fixture.word(HartFixture.DATA)).isZero();
    }

    @Test
    void aTriggerFiresOnlyInItsModes() {
        for (int mode : new int[] {PrivilegeMode.U, PrivilegeMode.S, PrivilegeMode.M}) {
            for (int bit : new int[] {U, S, M}) {
                set(0, MCONTROL | bit | EXECUTE, HartFixture.CODE + 4);
                fixture.code(NOP, NOP).at(HartFixture.CODE, mode);
                fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
                fixture.run(2);
                boolean fires = bit == (mode == PrivilegeMode.M ? M : mode == PrivilegeMode.S ? S : U);
                assertThat(hart.pc()).as(mode + " " + bit)
                        .isEqualTo(fires ? HartFixture.MACHINE_VECTOR : HartFixture.CODE + 8);
            }
        }
    }

    @Test
    void aTriggerDoesNotFireInTheHandlerOfItsOwnException() {
        fixture.code(NOP, NOP);
        set(0, MCONTROL | M | S | EXECUTE, HartFixture.CODE + 4);
        fixture.write(Csrs.MSTATUS, 0);
        fixture.run(2);
        assertThat(hart.pc()).as("M-mode without interrupts").isEqualTo(HartFixture.CODE + 8);
        fixture.write(Csrs.MEDELEG, 1 << Trap.BREAKPOINT);
        fixture.at(HartFixture.CODE, PrivilegeMode.S).run(2);
        assertThat(hart.pc()).as("S-mode without interrupts").isEqualTo(HartFixture.CODE + 8);
        fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_SIE);
        fixture.at(HartFixture.CODE, PrivilegeMode.S).run(2);
        assertThat(hart.pc()).as("S-mode with interrupts").isEqualTo(HartFixture.SUPERVISOR_VECTOR);
        assertThat(fixture.read(Csrs.SCAUSE)).isEqualTo(Trap.BREAKPOINT);
    }

    @Test
    void aRangeWatchesEachOfItsBytesAndNoOther() {
        int load = Assembler.i(Instruction.LW, Assembler.A0, Assembler.A1, 0);
        set(0, MCONTROL6 | NAPOT | M | LOAD, HartFixture.DATA + 0x20 | 0xf);
        for (int at = 0; at < 0x50; at++) {
            fixture.execute(load, HartFixture.DATA + at, 0);
            assertThat(hart.pc()).as("byte " + at).isEqualTo(at + 3 >= 0x20 && at < 0x40 ? HartFixture.MACHINE_VECTOR
                    : HartFixture.CODE + 4);
            fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
            fixture.execute(Assembler.s(Instruction.SW, Assembler.A2, Assembler.A1, 0), HartFixture.DATA + at, 1);
            assertThat(hart.pc()).as("a store").isEqualTo(HartFixture.CODE + 4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {PrivilegeMode.U, PrivilegeMode.S, PrivilegeMode.M})
    void aRangeOfCodeTrapsAtItsFirstInstructionInEachMode(int mode) {
        int bit = mode == PrivilegeMode.M ? M : mode == PrivilegeMode.S ? S : U;
        fixture.code(NOP, NOP, NOP, NOP, NOP);
        set(1, MCONTROL6 | NAPOT | bit | EXECUTE, HartFixture.CODE + 8 | 3);
        for (int start = 0; start < 16; start += 4) {
            fixture.at(HartFixture.CODE + start, mode);
            fixture.write(Csrs.MSTATUS, Csrs.MSTATUS_MIE);
            fixture.run(start >= 8 && start < 16 ? 1 : 8 - start == 8 ? 3 : 2);
            assertBreakpointException(HartFixture.CODE + Math.max(8, start), HartFixture.CODE + Math.max(8, start));
        }
        fixture.at(HartFixture.CODE + 16, mode).run(1);
        assertThat(hart.pc()).as("after the range").isEqualTo(HartFixture.CODE + 20);
    }

    @Test
    void aRangeOfPagesKeepsAllOfThemOutOfTheFastPathAndNoOther() {
        int load = Assembler.i(Instruction.LW, Assembler.A0, Assembler.A1, 0);
        int first = 0x4000;
        set(0, MCONTROL6 | NAPOT | U | LOAD, first | 0xfff);
        FastPath path = hart.mmu().fastPath(PrivilegeMode.M);
        for (int va = first - 0x1000; va <= first + 0x2000; va += 0x1000) {
            fixture.execute(load, va, 0);
            boolean fast = FastPath.matches(path.loadTag[FastPath.slot(va)], va, 3);
            assertThat(fast).as("page " + va).isEqualTo(va < first || va >= first + 0x2000);
        }
        set(0, 0, 0);
        fixture.execute(load, first, 0);
        assertThat(path.loadTag[FastPath.slot(first)]).as("no trigger").isEqualTo(FastPath.tag(first, 3));
    }

    @Test
    void aTriggerOfAnAddressSpaceFiresInNoOther() {
        fixture.code(NOP, NOP);
        set(0, MCONTROL6 | M | EXECUTE, HartFixture.CODE + 4);
        fixture.write(Csrs.TDATA3, 7 << 2 | BY_ASID);
        fixture.write(Csrs.SATP, 6 << 22);
        fixture.run(2);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 8);
        fixture.write(Csrs.SATP, 7 << 22);
        fixture.at(HartFixture.CODE, PrivilegeMode.M).run(2);
        assertBreakpointException(HartFixture.CODE + 4, HartFixture.CODE + 4);
    }

    /** The second of the specification's solutions for handlers in M-mode. */
    @Test
    void tcontrolLetsATriggerFireInMachineModeAndEndsThatInItsHandler() {
        fixture.code(NOP, NOP, NOP);
        set(0, MCONTROL6 | M | EXECUTE, HartFixture.CODE + 4);
        fixture.write(Csrs.MSTATUS, Csrs.MPP);
        fixture.write(Csrs.TCONTROL, MPTE);
        fixture.run(2);
        assertThat(hart.pc()).as("mte is 0").isEqualTo(HartFixture.CODE + 8);

        fixture.write(Csrs.TCONTROL, MTE);
        fixture.at(HartFixture.CODE, PrivilegeMode.M).run(2);
        assertBreakpointException(HartFixture.CODE + 4, HartFixture.CODE + 4);
        assertThat(fixture.read(Csrs.TCONTROL)).as("in the handler").isEqualTo(MPTE);
        new Assembler(fixture.bus, HartFixture.MACHINE_VECTOR).put(Instruction.MRET.match());
        fixture.write(Csrs.MEPC, HartFixture.CODE + 8);
        fixture.run(1);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 8);
        assertThat(fixture.read(Csrs.TCONTROL)).as("after MRET").isEqualTo(MTE | MPTE);
    }

    @Test
    void aTrapIntoSupervisorModeLeavesTcontrolAlone() {
        fixture.code(Instruction.ECALL.match());
        fixture.write(Csrs.TCONTROL, MTE);
        fixture.write(Csrs.MEDELEG, 1 << Trap.ECALL_FROM_U);
        fixture.at(HartFixture.CODE, PrivilegeMode.U).run(1);
        assertThat(hart.pc()).isEqualTo(HartFixture.SUPERVISOR_VECTOR);
        assertThat(fixture.read(Csrs.TCONTROL)).isEqualTo(MTE);
    }

    @Test
    void anUnmatchedPageKeepsItsFastPath() {
        set(0, MCONTROL | M | LOAD, HartFixture.DATA);
        fixture.execute(Assembler.i(Instruction.LW, Assembler.A0, Assembler.A1, 0), HartFixture.DATA + 0x1000, 0);
        fixture.execute(Assembler.i(Instruction.LW, Assembler.A0, Assembler.A1, 0), HartFixture.DATA + 8, 0);
        FastPath path = hart.mmu().fastPath(PrivilegeMode.M);
        assertThat(path.loadTag[FastPath.slot(HartFixture.DATA + 0x1000)])
                .isEqualTo(FastPath.tag(HartFixture.DATA + 0x1000, 3));
        assertThat(path.loadTag[FastPath.slot(HartFixture.DATA)]).isNotEqualTo(FastPath.tag(HartFixture.DATA, 3));
    }

    // ---- for a debugger ----

    /** The stops that a debugger is told. */
    private final List<String> stops = new ArrayList<>();

    private void attachDebugger() {
        DebugPoints points = new DebugPoints();
        points.addTo(fixture.bus, List.of(hart));
        points.onReached(new DebugPoints.Listener() {
            @Override
            public void breakpoint(Hart at) {
                stops.add("breakpoint " + at.pc());
                fixture.clock.budget = 0;
            }

            @Override
            public void watchpoint(Hart at, DebugPoints.Watchpoint point, long va, boolean store) {
                stops.add((store ? "store " : "load ") + va + " " + point);
                fixture.clock.budget = 0;
            }

            @Override
            public void ebreak(Hart at) { }

            @Override
            public void trap(Hart at, int cause) { }
        });
    }

    private void setByDebugger(int trigger, int control, int address) {
        hart.debugWriteCsr(Csrs.TSELECT, trigger);
        hart.debugWriteCsr(Csrs.TDATA2, address);
        hart.debugWriteCsr(Csrs.TDATA1, control);
        assertThat(fixture.read(Csrs.TDATA1)).isEqualTo(control);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, OF_DEBUGGER})
    void aTriggerOfTheDebuggersStopsAtItAgainUntilItIsCleared(int trigger) {
        attachDebugger();
        fixture.code(NOP, NOP, NOP);
        setByDebugger(trigger, MCONTROL | DMODE | DEBUG_MODE | M | EXECUTE, HartFixture.CODE + 4);
        set(trigger, 0, 0);
        fixture.write(Csrs.MSTATUS, 0);                // for the debugger, handlers are no exception
        fixture.run(2);
        hart.passPoints();
        fixture.clock.grant(1);
        hart.run();
        String stop = "breakpoint " + (HartFixture.CODE + 4);
        assertThat(stops).containsExactly(stop, stop);
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 4);
        hart.debugWriteCsr(Csrs.TDATA1, 0);
        fixture.clock.grant(1);
        hart.run();
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE + 8);
        assertThat(fixture.read(Csrs.TDATA1) & DMODE).isEqualTo(trigger == OF_DEBUGGER ? DMODE : 0);
    }

    @Test
    void aStoreToATriggerOfTheDebuggersStopsBeforeIt() {
        attachDebugger();
        fixture.code(Assembler.s(Instruction.SW, Assembler.A2, Assembler.A1, 0)).set(Assembler.A1, HartFixture.DATA)
                .set(Assembler.A2, 1);
        setByDebugger(1, MCONTROL6 | DMODE | DEBUG_MODE | M | STORE, HartFixture.DATA + 1);
        fixture.clock.grant(1);
        hart.run();
        assertThat(stops).containsExactly("store " + (HartFixture.DATA + 1) + " null");
        assertThat(hart.pc()).isEqualTo(HartFixture.CODE);
        assertThat(fixture.word(HartFixture.DATA)).isZero();
    }

    // ---- state ----

    @Test
    void aSavedHartHasItsTriggersAgain() {
        fixture.code(NOP, NOP);
        set(3, MCONTROL6 | NAPOT | M | EXECUTE, HartFixture.CODE + 4 | 1);
        fixture.write(Csrs.TDATA3, BY_ASID);
        fixture.write(Csrs.TCONTROL, MPTE);
        StateWriter saved = new StateWriter();
        hart.save(saved);
        set(3, 0, 0);
        fixture.write(Csrs.TDATA3, 0);
        fixture.write(Csrs.TCONTROL, 0);
        hart.restore(new StateReader(saved.toBytes()));
        fixture.run(2);
        assertBreakpointException(HartFixture.CODE + 4, HartFixture.CODE + 4);
        assertThat(fixture.read(Csrs.TSELECT)).isEqualTo(3);
        assertThat(fixture.read(Csrs.TDATA3)).isEqualTo(BY_ASID);
        fixture.write(Csrs.TSELECT, 3);
        assertThat(hart.triggers().get(3)).isEqualTo("mcontrol6 execute at 0x00001004 to 0x00001007 in M, ASID 0, "
                + "breakpoint exception");
    }

    @Test
    void savedTriggersThatNoSoftwareCouldWriteAreRefused() {
        set(0, MCONTROL6 | NAPOT | M | LOAD, 0x1234);
        fixture.write(Csrs.TDATA3, 5 << 2 | BY_ASID);
        StateWriter saved = new StateWriter();
        hart.csrs().triggers.save(saved);
        // select, control, and then the length and the words of tdata1, tdata2, tdata3
        int[][] wrong = {{0, 5}, {1, 1}, {3, MCONTROL6 | 2 * NAPOT}, {9, -1}, {15, 3}};
        for (int[] each : wrong) {
            byte[] bytes = saved.toBytes();
            for (int i = 0; i < 4; i++) {
                bytes[4 * each[0] + i] = (byte) (each[1] >>> 8 * i);
            }
            assertThatThrownBy(() -> hart.csrs().triggers.restore(new StateReader(bytes))).as("word " + each[0])
                    .isInstanceOf(StateException.class);
        }
        hart.csrs().triggers.restore(new StateReader(saved.toBytes()));
        assertThat(fixture.read(Csrs.TDATA2)).isEqualTo(0x1234);
    }
}
