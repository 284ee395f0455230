package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.RA;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.hart.HartFixture.CODE;
import static ferrite.hardware.hart.HartFixture.MACHINE_VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.instruction.Instruction;
import org.junit.jupiter.api.Test;

/** Effects of C besides the encodings: lengths, links, alignment, and instructions that lie across two pages. */
class CompressedExecutionTest {

    private static final BusMaster LOADER = new BusMaster("loader", 34);
    private static final int C_NOP = 0x0001;
    private static final int C_ADDI_A0_1 = 0x0505;
    private static final int C_JAL_PLUS_8 = 0x2021;
    private static final int C_JALR_A1 = 0x9582;
    private static final int C_EBREAK = 0x9002;

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    private void parcels(int pa, int... parcels) {
        for (int n = 0; n < parcels.length; n++) {
            fixture.bus.store(LOADER, pa + 2L * n, 2, parcels[n]);
        }
    }

    private void word(int pa, int word) {
        parcels(pa, word, word >>> 16);
    }

    @Test
    void instructionsOfBothLengthsFollowEachOther() {
        parcels(CODE, C_ADDI_A0_1, C_NOP, C_ADDI_A0_1);
        word(CODE + 6, i(Instruction.ADDI, A0, A0, 100));
        parcels(CODE + 10, C_ADDI_A0_1);
        fixture.at(CODE, PrivilegeMode.M).run(5);
        assertThat(hart.register(A0)).isEqualTo(103);
        assertThat(hart.pc).isEqualTo(CODE + 12);
    }

    @Test
    void aCompressedCallLinksToWhatFollowsItsTwoBytes() {
        parcels(CODE, C_JAL_PLUS_8);
        fixture.at(CODE, PrivilegeMode.M).run(1);
        assertThat(hart.pc).isEqualTo(CODE + 8);
        assertThat(hart.register(RA)).isEqualTo(CODE + 2);
        parcels(CODE, C_NOP, C_JALR_A1);
        fixture.set(A1, 0x2003).at(CODE, PrivilegeMode.M).run(2);
        assertThat(hart.pc).isEqualTo(0x2002);
        assertThat(hart.register(RA)).isEqualTo(CODE + 4);
    }

    @Test
    void anIllegalParcelTrapsWithItsSixteenBits() {
        parcels(CODE, C_NOP, 0x8002, 0xffff);
        fixture.at(CODE, PrivilegeMode.M).run(2);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.ILLEGAL_INSTRUCTION);
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(0x8002);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(CODE + 2);
    }

    @Test
    void aCompressedBreakpointIsABreakpoint() {
        parcels(CODE, C_NOP, C_EBREAK);
        fixture.at(CODE, PrivilegeMode.M).run(2);
        assertThat(hart.pc).isEqualTo(MACHINE_VECTOR);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.BREAKPOINT);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(CODE + 2);
    }

    @Test
    void trapsReturnToAnyEvenAddress() {
        fixture.write(Csrs.MEPC, CODE + 0x103);
        fixture.write(Csrs.MSTATUS, Csrs.MPP);
        fixture.code(Instruction.MRET.match()).run(1);
        assertThat(hart.pc).isEqualTo(CODE + 0x102);
    }

    // ---- across pages ----

    /** Maps two pages of code at 0x40_1000 and 0x40_2000 that are not neighbours in memory. */
    private void mapTwoPages(int secondFlags) {
        int code = Pte.V | Pte.R | Pte.X | Pte.A;
        fixture.bus.store(LOADER, 0xa004, 4, Pte.of(0xb000, Pte.V));
        fixture.bus.store(LOADER, 0xb004, 4, Pte.of(0x2000, code));
        fixture.bus.store(LOADER, 0xb008, 4, Pte.of(0x5000, secondFlags));
        fixture.write(Csrs.SATP, 1 << 31 | 0xa);
    }

    @Test
    void anInstructionMayLieAcrossTwoPages() {
        mapTwoPages(Pte.V | Pte.R | Pte.X);
        int addi = i(Instruction.ADDI, A0, A0, 100);
        parcels(0x2ffc, C_ADDI_A0_1, addi);
        parcels(0x5000, addi >>> 16, C_ADDI_A0_1);
        for (int round = 1; round <= 3; round++) {
            fixture.at(0x40_1ffc, PrivilegeMode.S).run(3);
            assertThat(hart.register(A0)).isEqualTo(102 * round);
            assertThat(hart.pc).isEqualTo(0x40_2004);
        }
        int addi2 = i(Instruction.ADDI, A0, A0, 1000);
        parcels(0x5000, addi2 >>> 16);
        fixture.set(A0, 0).at(0x40_1ffc, PrivilegeMode.S).run(3);
        assertThat(hart.register(A0)).as("its second half was changed").isEqualTo(1002);
    }

    @Test
    void theHalfThatFaultsIsTheOneThatIsReported() {
        mapTwoPages(Pte.V | Pte.R | Pte.A);
        int addi = i(Instruction.ADDI, A0, A0, 100);
        parcels(0x2ffc, C_ADDI_A0_1, addi);
        fixture.at(0x40_1ffc, PrivilegeMode.S).run(2);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.INSTRUCTION_PAGE_FAULT);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(0x40_1ffe);
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(0x40_2000);
        parcels(0x2ffe, C_NOP);
        fixture.write(Csrs.MCAUSE, 0);
        fixture.at(0x40_1ffc, PrivilegeMode.S).run(2);
        assertThat(fixture.read(Csrs.MCAUSE)).as("sixteen bits do not reach for the next page").isZero();
        assertThat(hart.pc).isEqualTo(0x40_2000);
    }

    @Test
    void codeRunsOnFromPageToPage() {
        new Assembler(fixture.bus, 0x2ffc).put(i(Instruction.ADDI, A0, ZERO, 1), i(Instruction.ADDI, A0, A0, 2));
        fixture.at(0x2ffc, PrivilegeMode.M).run(2);
        assertThat(hart.register(A0)).isEqualTo(3);
    }
}
