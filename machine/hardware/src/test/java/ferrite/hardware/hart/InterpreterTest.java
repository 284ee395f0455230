package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.RA;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.b;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static ferrite.hardware.Assembler.r;
import static ferrite.hardware.Assembler.s;
import static ferrite.hardware.Assembler.u;
import static ferrite.hardware.hart.HartFixture.CODE;
import static ferrite.hardware.hart.HartFixture.DATA;
import static ferrite.hardware.hart.HartFixture.MACHINE_VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.Seed;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** RV32I, one instruction at a time. */
class InterpreterTest {

    private static final int[] VALUES = {0, 1, -1, 2, 31, 32, 33, 0x7ff, -0x800, 0x7fff_ffff, 0x8000_0000, 0x8000_0001,
            0x1234_5678, 0xdead_beef};

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    private static long unsigned(long value) {
        return value & 0xffff_ffffL;
    }

    /** Returns the operations of chapter 2 by name, on sign-extended 64-bit numbers. */
    private static Map<String, LongBinaryOperator> operations() {
        Map<String, LongBinaryOperator> operations = new LinkedHashMap<>();
        operations.put("ADD", (x, y) -> x + y);
        operations.put("SUB", (x, y) -> x - y);
        operations.put("SLL", (x, y) -> x << (y & 31));
        operations.put("SLT", (x, y) -> x < y ? 1 : 0);
        operations.put("SLTU", (x, y) -> unsigned(x) < unsigned(y) ? 1 : 0);
        operations.put("XOR", (x, y) -> x ^ y);
        operations.put("SRL", (x, y) -> unsigned(x) >> (y & 31));
        operations.put("SRA", (x, y) -> x >> (y & 31));
        operations.put("OR", (x, y) -> x | y);
        operations.put("AND", (x, y) -> x & y);
        return operations;
    }

    @Test
    void arithmeticOnTwoRegistersIsAsTheSpecificationSays() {
        operations().forEach((name, meaning) -> {
            for (int x : VALUES) {
                for (int y : VALUES) {
                    assertThat(fixture.execute(r(Instruction.valueOf(name), A0, A1, A2), x, y))
                            .as("%s %x %x", name, x, y).isEqualTo((int) meaning.applyAsLong(x, y));
                }
            }
        });
    }

    @Test
    void arithmeticWithAnImmediateIsAsTheSpecificationSays() {
        operations().forEach((name, meaning) -> {
            if (name.equals("SUB")) {
                return;
            }
            boolean shift = name.startsWith("SL") && name.endsWith("L") || name.startsWith("SR");
            String immediateName = name.equals("SLTU") ? "SLTIU" : name + "I";
            for (int x : VALUES) {
                for (int immediate : shift ? new int[] {0, 1, 15, 31} : new int[] {0, 1, -1, 0x7ff, -0x800}) {
                    assertThat(fixture.execute(i(Instruction.valueOf(immediateName), A0, A1, immediate), x, 0))
                            .as("%s %x %x", immediateName, x, immediate)
                            .isEqualTo((int) meaning.applyAsLong(x, immediate));
                }
            }
        });
    }

    @Test
    void luiAndAuipcFillTheUpperTwentyBits() {
        assertThat(fixture.execute(u(Instruction.LUI, A0, 0xfffff000), 0, 0)).isEqualTo(0xffff_f000);
        assertThat(fixture.execute(u(Instruction.AUIPC, A0, 0xfffff000), 0, 0)).isEqualTo(CODE - 0x1000);
    }

    @Test
    void x0StaysZeroWhateverIsWrittenToIt() {
        fixture.set(A1, 5).code(i(Instruction.ADDI, ZERO, A1, 1),
                u(Instruction.LUI, ZERO, 0x1000), j(Instruction.JAL, ZERO, 4),
                i(Instruction.LW, ZERO, ZERO, CODE), Assembler.csr(Instruction.CSRRW, ZERO, Csrs.MSCRATCH, A1)).run(5);
        assertThat(hart.register(0)).isZero();
        assertThat(hart.pc).isEqualTo(CODE + 20);
    }

    @Test
    void loadsExtendAndStoresCut() {
        fixture.bus.store(new ferrite.hardware.bus.BusMaster("m", 34), DATA, 4, 0x80ff_7f81);
        assertThat(fixture.execute(i(Instruction.LB, A0, A1, 1), DATA - 1, 0)).isEqualTo(0xffff_ff81);
        assertThat(fixture.execute(i(Instruction.LBU, A0, A1, -1), DATA + 1, 0)).isEqualTo(0x81);
        assertThat(fixture.execute(i(Instruction.LB, A0, A1, 1), DATA, 0)).isEqualTo(0x7f);
        assertThat(fixture.execute(i(Instruction.LH, A0, A1, 2), DATA, 0)).isEqualTo(0xffff_80ff);
        assertThat(fixture.execute(i(Instruction.LHU, A0, A1, 2), DATA, 0)).isEqualTo(0x80ff);
        assertThat(fixture.execute(i(Instruction.LW, A0, A1, -0x800), DATA + 0x800, 0)).isEqualTo(0x80ff_7f81);
        fixture.execute(s(Instruction.SB, A2, A1, 3), DATA, 0x1234_5678);
        assertThat(fixture.word(DATA)).isEqualTo(0x78ff_7f81);
        fixture.execute(s(Instruction.SH, A2, A1, -2), DATA + 2, 0x1234_5678);
        assertThat(fixture.word(DATA)).isEqualTo(0x78ff_5678);
        fixture.execute(s(Instruction.SW, A2, A1, 0x7fc), DATA - 0x7fc, 0x1234_5678);
        assertThat(fixture.word(DATA)).isEqualTo(0x1234_5678);
    }

    @Test
    void branchesCompareSignedOrUnsigned() {
        Map<Instruction, LongBinaryOperator> taken = new LinkedHashMap<>();
        taken.put(Instruction.BEQ, (x, y) -> x == y ? 1 : 0);
        taken.put(Instruction.BNE, (x, y) -> x != y ? 1 : 0);
        taken.put(Instruction.BLT, (x, y) -> x < y ? 1 : 0);
        taken.put(Instruction.BGE, (x, y) -> x >= y ? 1 : 0);
        taken.put(Instruction.BLTU, (x, y) -> unsigned(x) < unsigned(y) ? 1 : 0);
        taken.put(Instruction.BGEU, (x, y) -> unsigned(x) >= unsigned(y) ? 1 : 0);
        taken.forEach((branch, meaning) -> {
            for (int x : VALUES) {
                for (int y : VALUES) {
                    fixture.execute(b(branch, A1, A2, -0x400), x, y);
                    assertThat(hart.pc).as("%s %x %x", branch, x, y)
                            .isEqualTo(meaning.applyAsLong(x, y) == 1 ? CODE - 0x400 : CODE + 4);
                }
            }
        });
    }

    @Test
    void jumpsLinkToTheNextInstruction() {
        fixture.code(j(Instruction.JAL, RA, 0x7fc)).run(1);
        assertThat(hart.pc).isEqualTo(CODE + 0x7fc);
        assertThat(hart.register(RA)).isEqualTo(CODE + 4);
        fixture.set(A1, DATA + 5);
        fixture.code(i(Instruction.JALR, A1, A1, -4)).run(1);
        assertThat(hart.pc).as("bit 0 is cleared, rd may be rs1").isEqualTo(DATA);
        assertThat(hart.register(A1)).isEqualTo(CODE + 4);
    }

    @Test
    void aJumpMayGoToAnyEvenAddress() {
        fixture.code(j(Instruction.JAL, RA, 6)).run(1);
        assertThat(hart.pc).isEqualTo(CODE + 6);
        fixture.set(A1, DATA + 2).code(i(Instruction.JALR, RA, A1, 1)).run(1);
        assertThat(hart.pc).isEqualTo(DATA + 2);
        fixture.code(b(Instruction.BEQ, ZERO, ZERO, -2)).run(1);
        assertThat(hart.pc).isEqualTo(CODE - 2);
    }

    private void assertTrapped(int cause, int tval, int epc) {
        assertThat(hart.pc).isEqualTo(MACHINE_VECTOR);
        assertThat(Trap.name(fixture.read(Csrs.MCAUSE))).isEqualTo(Trap.name(cause));
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(tval);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(epc);
    }

    @Test
    void faultingAccessesTrapWithTheirAddressAndChangeNothing() {
        fixture.set(A0, 77).set(A1, 0x2_0001);
        fixture.code(i(Instruction.LW, A0, A1, -1)).run(1);
        assertTrapped(Trap.LOAD_ACCESS_FAULT, 0x2_0000, CODE);
        fixture.code(i(Instruction.LW, A0, A1, 0)).run(1);
        assertTrapped(Trap.LOAD_ACCESS_FAULT, 0x2_0001, CODE);
        fixture.code(s(Instruction.SB, A0, A1, 0)).run(1);
        assertTrapped(Trap.STORE_ACCESS_FAULT, 0x2_0001, CODE);
        fixture.code(s(Instruction.SH, A0, A1, 0)).run(1);
        assertTrapped(Trap.STORE_ACCESS_FAULT, 0x2_0001, CODE);
        assertThat(hart.register(A0)).isEqualTo(77);
        fixture.at(0x2_0000, PrivilegeMode.M).run(1);
        assertTrapped(Trap.INSTRUCTION_ACCESS_FAULT, 0x2_0000, 0x2_0000);
    }

    @Test
    void anUnknownInstructionTrapsWithItsBits() {
        for (int word : new int[] {0, -1, 0x0000_0073 | 1 << 7, 0x7b20_0073,
                0x0200_0033 | 7 << 12 | 0x2000_0000, 0x1234_8002}) {
            fixture.code(word).run(1);
            assertTrapped(Trap.ILLEGAL_INSTRUCTION, (word & 3) == 3 ? word : word & 0xffff, CODE);
        }
    }

    @Test
    void callsAndBreakpointsTrapByMode() {
        int[] causes = {Trap.ECALL_FROM_U, Trap.ECALL_FROM_S, 0, Trap.ECALL_FROM_M};
        for (int mode : new int[] {PrivilegeMode.U, PrivilegeMode.S, PrivilegeMode.M}) {
            fixture.code(Instruction.ECALL.match()).at(CODE, mode).run(1);
            assertTrapped(causes[mode], 0, CODE);
            fixture.code(Instruction.EBREAK.match()).at(CODE, mode).run(1);
            assertTrapped(Trap.BREAKPOINT, CODE, CODE);
        }
    }

    @Test
    void fencesDoNothingThatCanBeSeen() {
        fixture.code(Instruction.FENCE.match(), 0x0ff0_000f, Instruction.FENCE_I.match(), nop()).run(4);
        assertThat(hart.pc).isEqualTo(CODE + 16);
    }

    @Test
    void aBudgetIsSpentExactly() {
        fixture.code(j(Instruction.JAL, ZERO, 0));
        for (int budget : new int[] {1, 2, 1000}) {
            long before = fixture.clock.now();
            fixture.clock.grant(budget);
            assertThat(hart.run()).isEqualTo(Hart.Stop.BUDGET_SPENT);
            assertThat(fixture.clock.now() - before).isEqualTo(budget);
        }
        assertThat(hart.run()).as("without a budget nothing happens").isEqualTo(Hart.Stop.BUDGET_SPENT);
        assertThat(fixture.clock.now()).isEqualTo(1003);
    }

    /**
     * Builds a program of instructions with random operands, near-instructions and data, in RAM that it destroys as it
     * runs.
     */
    private static HartFixture randomProgram(Random random) {
        HartFixture fixture = new HartFixture();
        Assembler out = new Assembler(fixture.bus, 0);
        Instruction[] rows = Instruction.values();
        while (out.here() < 0x1_0000) {
            Instruction row = rows[random.nextInt(rows.length)];
            int word = row.match() | random.nextInt() & ~row.mask();
            boolean jumps = row == Instruction.JAL || row == Instruction.JALR;
            out.put(random.nextInt(50) == 0 ? random.nextInt() : jumps ? nop() : row == Instruction.WFI ? nop() : word);
        }
        for (int register = 1; register < 32; register++) {
            fixture.set(register, random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(0x1_0000) & ~3);
        }
        return fixture;
    }

    @Test
    void randomMemoryExecutesWithoutAJavaExceptionAndARestoredHartGoesOnIdentically() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 150; round++) {
            Random random = seed.random(round);
            HartFixture fixture = randomProgram(random);
            try {
                fixture.run(200);
                StateWriter out = new StateWriter();
                fixture.clock.save(out);
                fixture.hart.save(out);
                ferrite.hardware.bus.Ram.Image image = fixture.bus.takeImage();
                fixture.run(300);
                byte[] first = fixture.state();
                fixture.bus.restoreImage(image);
                StateReader in = new StateReader(out.toBytes());
                fixture.clock.restore(in);
                fixture.hart.restore(in);
                fixture.run(300);
                assertThat(fixture.state()).as(seed.replay("round " + round)).isEqualTo(first);
            } catch (RuntimeException broken) {
                throw new AssertionError(seed.replay("round " + round), broken);
            }
        }
    }
}
