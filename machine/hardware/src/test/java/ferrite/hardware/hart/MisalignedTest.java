package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.Assembler.s;
import static ferrite.hardware.hart.HartFixture.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.instruction.Instruction;
import org.junit.jupiter.api.Test;

/** Misaligned loads and stores: the hardware performs them in RAM, and refuses them elsewhere. */
class MisalignedTest {

    private static final BusMaster LOADER = new BusMaster("loader", 34);
    private static final int UNTOUCHED = 77;

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;

    private int byteAt(int pa) {
        return fixture.bus.peek(pa, 1);
    }

    @Test
    void everyMisalignmentOfEveryWidthReadsAndWritesItsBytes() {
        for (int at : new int[] {DATA + 0x800, DATA + 0xffd}) {
            for (int offset = 0; offset < 4; offset++) {
                int va = at + offset;
                for (int n = -4; n < 8; n++) {
                    fixture.bus.store(LOADER, va + n, 1, 0x80 + 0x11 * n);
                }
                assertThat(fixture.execute(i(Instruction.LW, A0, A1, 0), va, 0)).isEqualTo(0xb3a2_9180);
                assertThat(fixture.execute(i(Instruction.LH, A0, A1, 1), va, 0)).isEqualTo(0xffff_a291);
                assertThat(fixture.execute(i(Instruction.LHU, A0, A1, 1), va, 0)).isEqualTo(0xa291);
                fixture.execute(s(Instruction.SH, A2, A1, 1), va, 0xffff_1234);
                assertThat(fixture.execute(i(Instruction.LW, A0, A1, 0), va, 0)).isEqualTo(0xb312_3480);
                fixture.execute(s(Instruction.SW, A2, A1, 0), va, 0x5678_9abc);
                assertThat(fixture.execute(i(Instruction.LW, A0, A1, 0), va, 0)).isEqualTo(0x5678_9abc);
                assertThat(byteAt(va - 1)).isEqualTo(0x6f);
                assertThat(byteAt(va + 4)).isEqualTo(0xc4);
            }
        }
        assertThat(fixture.read(Csrs.MCAUSE)).isZero();
    }

    @Test
    void theSecondByteOfMemoryIsNotMistakenForAnEmptyFastPath() {
        fixture.bus.store(LOADER, 0, 4, 0x4433_2211);
        assertThat(fixture.execute(i(Instruction.LH, A0, A1, 1), 0, 0)).isEqualTo(0x3322);
        assertThat(fixture.execute(i(Instruction.LW, A0, A1, 1), 0, 0)).isEqualTo(0x44_3322);
        fixture.execute(s(Instruction.SH, A2, A1, 1), 0, 0x6655);
        assertThat(fixture.word(0)).isEqualTo(0x4466_5511);
    }

    /** Maps pages at 0x40_1000 and 0x40_2000, with these flags, that are not neighbours in memory. */
    private void mapTwoPages(int firstFlags, int secondFlags) {
        fixture.bus.store(LOADER, 0xa004, 4, Pte.of(0xb000, Pte.V));
        fixture.bus.store(LOADER, 0xb004, 4, Pte.of(0x2000, firstFlags));
        fixture.bus.store(LOADER, 0xb008, 4, Pte.of(0x5000, secondFlags));
        fixture.write(Csrs.SATP, 1 << 31 | 0xa);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | PrivilegeMode.S << Csrs.MPP_SHIFT);
        hart.mmu().fenceAll(-1);
    }

    @Test
    void anAccessAcrossPagesGoesToBoth() {
        mapTwoPages(Pte.V | Pte.R | Pte.W, Pte.V | Pte.R | Pte.W);
        fixture.execute(s(Instruction.SW, A2, A1, 0), 0x40_1ffd, 0x4433_2211);
        assertThat(byteAt(0x2ffd)).isEqualTo(0x11);
        assertThat(byteAt(0x2fff)).isEqualTo(0x33);
        assertThat(byteAt(0x5000)).isEqualTo(0x44);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | PrivilegeMode.S << Csrs.MPP_SHIFT);
        assertThat(fixture.execute(i(Instruction.LW, A0, A1, 0), 0x40_1ffd, 0)).isEqualTo(0x4433_2211);
        assertThat(fixture.word(0xb004) & (Pte.A | Pte.D)).isEqualTo(Pte.A | Pte.D);
        assertThat(fixture.word(0xb008) & (Pte.A | Pte.D)).isEqualTo(Pte.A | Pte.D);
    }

    @Test
    void theFaultingHalfIsReportedAndNothingIsWritten() {
        fixture.set(A0, UNTOUCHED);
        mapTwoPages(Pte.V | Pte.R | Pte.W, Pte.V | Pte.R | Pte.X);
        fixture.execute(s(Instruction.SW, A2, A1, 0), 0x40_1ffe, -1);
        assertFault(Trap.STORE_PAGE_FAULT, 0x40_2000);
        assertThat(fixture.word(0x2ffc)).isZero();
        mapTwoPages(Pte.V | Pte.R, Pte.V | Pte.R | Pte.W);
        fixture.execute(s(Instruction.SW, A2, A1, 0), 0x40_1ffe, -1);
        assertFault(Trap.STORE_PAGE_FAULT, 0x40_1ffe);
        assertThat(fixture.word(0x5000)).isZero();
        mapTwoPages(Pte.V | Pte.R | Pte.W, 0);
        fixture.execute(i(Instruction.LW, A0, A1, 0), 0x40_1fff, 0);
        assertFault(Trap.LOAD_PAGE_FAULT, 0x40_2000);
        mapTwoPages(0, Pte.V | Pte.R | Pte.W);
        fixture.execute(i(Instruction.LH, A0, A1, 0), 0x40_1fff, 0);
        assertFault(Trap.LOAD_PAGE_FAULT, 0x40_1fff);
        assertThat(hart.register(A0)).isEqualTo(UNTOUCHED);
    }

    private void assertFault(int cause, int tval) {
        assertThat(Trap.name(fixture.read(Csrs.MCAUSE))).isEqualTo(Trap.name(cause));
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(tval);
    }

    @Test
    void outsideRamAMisalignedAccessIsAnAccessFaultThatNoDeviceSees() {
        fixture.bus.attach("device", 0x8000_0000L, 0x1000, new BusDevice() {
            @Override
            public int load(long offset, int width) {
                throw new AssertionError("a misaligned access reached a device");
            }

            @Override
            public void store(long offset, int width, int value) {
                throw new AssertionError("a misaligned access reached a device");
            }

            @Override
            public int peek(long offset, int width) {
                return 0;
            }
        });
        fixture.execute(i(Instruction.LH, A0, A1, 0), 0x8000_0001, 0);
        assertFault(Trap.LOAD_ACCESS_FAULT, 0x8000_0001);
        fixture.execute(s(Instruction.SW, A2, A1, 0), 0x8000_0002, 1);
        assertFault(Trap.STORE_ACCESS_FAULT, 0x8000_0002);
        fixture.execute(s(Instruction.SW, A2, A1, 0), 0xfffe, -1);
        assertFault(Trap.STORE_ACCESS_FAULT, 0x1_0000);
        assertThat(fixture.word(0xfffc)).as("the half that lies in RAM").isZero();
        fixture.execute(i(Instruction.LW, A0, A1, 0), -2, 0);
        assertFault(Trap.LOAD_ACCESS_FAULT, -2);
    }
}
