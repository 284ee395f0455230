package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.r;
import static ferrite.hardware.Assembler.s;
import static ferrite.hardware.hart.HartFixture.CODE;
import static ferrite.hardware.hart.HartFixture.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;

/** The instructions of A, chapter 8. */
class AtomicsTest {

    private static final BusMaster ENGINE = new BusMaster("engine", 32);
    private static final int LR = r(Instruction.LR_W, A0, A1, ZERO);
    private static final int SC = r(Instruction.SC_W, A0, A1, A2);

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;
    private final Hart other = new Hart(4, fixture.clock, fixture.bus, CODE);

    private void put(int pa, int value) {
        fixture.bus.store(new BusMaster("loader", 34), pa, 4, value);
    }

    private void assertTrapped(int cause, int tval) {
        assertThat(Trap.name(fixture.read(Csrs.MCAUSE))).isEqualTo(Trap.name(cause));
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(tval);
        assertThat(fixture.read(Csrs.MEPC)).isEqualTo(CODE);
    }

    @Test
    void anAmoReplacesTheWordAndReturnsWhatItWas() {
        Map<Instruction, IntBinaryOperator> meanings = new LinkedHashMap<>();
        meanings.put(Instruction.AMOSWAP_W, (x, y) -> y);
        meanings.put(Instruction.AMOADD_W, (x, y) -> x + y);
        meanings.put(Instruction.AMOXOR_W, (x, y) -> x ^ y);
        meanings.put(Instruction.AMOAND_W, (x, y) -> x & y);
        meanings.put(Instruction.AMOOR_W, (x, y) -> x | y);
        meanings.put(Instruction.AMOMIN_W, (x, y) -> x < y ? x : y);
        meanings.put(Instruction.AMOMAX_W, (x, y) -> x > y ? x : y);
        meanings.put(Instruction.AMOMINU_W, (x, y) -> (int) Math.min(x & 0xffff_ffffL, y & 0xffff_ffffL));
        meanings.put(Instruction.AMOMAXU_W, (x, y) -> (int) Math.max(x & 0xffff_ffffL, y & 0xffff_ffffL));
        int[] values = {0, 1, -1, 0x7fff_ffff, 0x8000_0000, 0x1234_5678};
        meanings.forEach((instruction, meaning) -> {
            for (int x : values) {
                for (int y : values) {
                    for (int aqrl = 0; aqrl < 4; aqrl++) {
                        put(DATA, x);
                        assertThat(fixture.execute(r(instruction, A0, A1, A2) | aqrl << 25, DATA, y)).isEqualTo(x);
                        assertThat(fixture.word(DATA)).as("%s %x %x", instruction, x, y)
                                .isEqualTo(meaning.applyAsInt(x, y));
                    }
                }
            }
        });
        put(DATA, 5);
        fixture.set(A1, DATA).code(r(Instruction.AMOADD_W, A1, A1, A1)).run(1);
        assertThat(fixture.word(DATA)).as("rd may be rs1 and rs2").isEqualTo(DATA + 5);
        assertThat(hart.register(A1)).isEqualTo(5);
    }

    // ---- LR and SC ----

    private boolean storesConditionally(int va) {
        fixture.set(A1, va).set(A2, 77).code(SC).run(1);
        return hart.register(A0) == 0;
    }

    private void reserve(int va) {
        fixture.set(A1, va).code(LR).run(1);
    }

    @Test
    void aStoreConditionalSucceedsOnceAfterALoadReserved() {
        put(DATA, 42);
        assertThat(storesConditionally(DATA)).as("there was no reservation").isFalse();
        assertThat(fixture.word(DATA)).isEqualTo(42);
        reserve(DATA);
        assertThat(hart.register(A0)).isEqualTo(42);
        assertThat(storesConditionally(DATA)).isTrue();
        assertThat(fixture.word(DATA)).isEqualTo(77);
        put(DATA, 42);
        assertThat(storesConditionally(DATA)).isFalse();
        assertThat(hart.register(A0)).as("the failure code (section 8.2)").isEqualTo(1);
        assertThat(fixture.word(DATA)).isEqualTo(42);
    }

    @Test
    void aStoreConditionalToAnotherWordFailsAndGivesUpTheReservation() {
        reserve(DATA);
        assertThat(storesConditionally(DATA + 4)).isFalse();
        assertThat(storesConditionally(DATA)).isFalse();
        reserve(DATA);
        reserve(DATA + 8);
        assertThat(storesConditionally(DATA)).as("only the newest counts").isFalse();
    }

    @Test
    void everyOtherMastersStoreToTheWordBreaksTheReservationEvenIfItChangesNothing() {
        put(DATA, 42);
        Map<String, Runnable> stores = new LinkedHashMap<>();
        stores.put("a hart's word", () -> other.mmu().store(DATA, 4, 42, PrivilegeMode.M));
        stores.put("a hart's byte", () -> other.mmu().store(DATA + 3, 1, 0, PrivilegeMode.M));
        stores.put("a hart's halfword across the end", () -> other.mmu().store(DATA - 1, 2, 42 << 8, PrivilegeMode.M));
        stores.put("a hart's AMO", () -> other.mmu().amo(DATA, 0, Integer::sum, PrivilegeMode.M));
        stores.put("a device's word", () -> fixture.bus.store(ENGINE, DATA, 4, 42));
        stores.put("a device's block", () -> fixture.bus.write(ENGINE, DATA - 6, new byte[7], 0, 7));
        stores.forEach((name, store) -> {
            reserve(DATA);
            other.beginTurn();
            store.run();
            assertThat(storesConditionally(DATA)).as(name).isFalse();
        });
    }

    @Test
    void aStoreThatMissesTheWordLeavesTheReservation() {
        Map<String, Runnable> stores = new LinkedHashMap<>();
        stores.put("before", () -> other.mmu().store(DATA - 4, 4, 1, PrivilegeMode.M));
        stores.put("after", () -> other.mmu().store(DATA + 4, 1, 1, PrivilegeMode.M));
        stores.put("a block before", () -> fixture.bus.write(ENGINE, DATA - 8, new byte[8], 0, 8));
        stores.put("the hart's own", () -> hart.mmu().store(DATA, 4, 1, PrivilegeMode.M));
        stores.put("a load", () -> other.mmu().load(DATA, 4, PrivilegeMode.M));
        stores.forEach((name, store) -> {
            reserve(DATA);
            other.beginTurn();
            store.run();
            assertThat(storesConditionally(DATA)).as(name).isTrue();
        });
    }

    /** The other hart has the page in its fast path already. */
    @Test
    void aStoreByTheFastPathBreaksTheReservationToo() {
        for (int mode : new int[] {PrivilegeMode.M, PrivilegeMode.S}) {
            HartFixture.allowEverything(other);
            other.mode = mode;
            other.x[A1] = DATA;
            storeByOther();
            reserve(DATA);
            storeByOther();
            assertThat(storesConditionally(DATA)).as("mode %d", mode).isFalse();
            reserve(DATA);
            assertThat(storesConditionally(DATA)).isTrue();
            reserve(DATA);
            other.beginTurn();
            other.mmu().store(DATA + 8, 4, 1, mode);
            assertThat(other.mmu().fastPath(mode).storeTag[FastPath.slot(DATA)])
                    .as("no fast path while the other word is reserved").isNotEqualTo(DATA);
            assertThat(storesConditionally(DATA)).isTrue();
            other.mmu().store(DATA + 8, 4, 1, mode);
            assertThat(other.mmu().fastPath(mode).storeTag[FastPath.slot(DATA)])
                    .as("and afterwards again").isEqualTo(DATA);
        }
    }

    private void storeByOther() {
        fixture.code(s(Instruction.SW, ZERO, A1, 0));
        other.beginTurn();
        other.pc = CODE;
        fixture.clock.grant(1);
        other.run();
        other.endTurn();
    }

    @Test
    void aReservationIsPartOfTheHartsState() {
        reserve(DATA);
        StateWriter held = new StateWriter();
        hart.save(held);
        storesConditionally(DATA);
        StateWriter none = new StateWriter();
        hart.save(none);
        hart.restore(new StateReader(held.toBytes()));
        assertThat(storesConditionally(DATA)).isTrue();
        reserve(DATA);
        hart.restore(new StateReader(none.toBytes()));
        assertThat(storesConditionally(DATA)).isFalse();
    }

    @Test
    void aResetHartHoldsNothing() {
        reserve(DATA);
        hart.reset();
        assertThat(storesConditionally(DATA)).isFalse();
    }

    // ---- faults ----

    @Test
    void misalignedAtomicsTrapByTheirKind() {
        fixture.execute(LR, DATA + 2, 0);
        assertTrapped(Trap.LOAD_MISALIGNED, DATA + 2);
        fixture.execute(SC, DATA + 1, 0);
        assertTrapped(Trap.STORE_MISALIGNED, DATA + 1);
        fixture.execute(r(Instruction.AMOADD_W, A0, A1, A2), DATA + 3, 0);
        assertTrapped(Trap.STORE_MISALIGNED, DATA + 3);
    }

    @Test
    void atomicsOutsideMemoryAreAccessFaultsOfTheirKindAndNeverReachADevice() {
        fixture.bus.attach("device", 0x8000_0000L, 0x1000, new BusDevice() {
            @Override
            public int load(long offset, int width) {
                throw new AssertionError("an atomic instruction read a device");
            }

            @Override
            public void store(long offset, int width, int value) {
                throw new AssertionError("an atomic instruction wrote to a device");
            }

            @Override
            public int peek(long offset, int width) {
                return 0;
            }
        });
        for (int va : new int[] {0x2_0000, 0x8000_0000}) {
            fixture.execute(LR, va, 0);
            assertTrapped(Trap.LOAD_ACCESS_FAULT, va);
            fixture.execute(r(Instruction.AMOSWAP_W, A0, A1, A2), va, 0);
            assertTrapped(Trap.STORE_ACCESS_FAULT, va);
        }
    }

    @Test
    void anAmoNeedsBothPermissionsAndFaultsAsAStore() {
        fixture.bus.store(ENGINE, 0xa000, 4, Pte.of(0, Pte.V | Pte.R | Pte.A));
        fixture.write(Csrs.SATP, 1 << 31 | 0xa);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | PrivilegeMode.S << Csrs.MPP_SHIFT);
        fixture.execute(r(Instruction.AMOADD_W, A0, A1, A2), DATA, 1);
        assertTrapped(Trap.STORE_PAGE_FAULT, DATA);
        fixture.write(Csrs.SATP, 0);
        fixture.write(Csrs.PMPADDR0, DATA >> 2);
        for (int permission = 0; permission < 8; permission++) {
            fixture.write(Csrs.MSTATUS, Csrs.MPRV | PrivilegeMode.S << Csrs.MPP_SHIFT);
            fixture.write(Csrs.PMPCFG0, permission | 2 << 3);
            fixture.write(Csrs.MCAUSE, -1);
            fixture.execute(r(Instruction.AMOADD_W, A0, A1, A2), DATA, 1);
            assertThat(fixture.read(Csrs.MCAUSE)).as("PMP %d", permission)
                    .isEqualTo((permission & 3) == 3 ? -1 : Trap.STORE_ACCESS_FAULT);
        }
    }
}
