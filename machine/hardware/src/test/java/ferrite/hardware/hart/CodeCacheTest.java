package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.T0;
import static ferrite.hardware.Assembler.ZERO;
import static ferrite.hardware.Assembler.b;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.Assembler.j;
import static ferrite.hardware.Assembler.nop;
import static ferrite.hardware.Assembler.s;
import static ferrite.hardware.hart.HartFixture.CODE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Assembler;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Decoded instructions always agree with memory, for stores of every bus master, and the cache has no visible effect.
 */
class CodeCacheTest {

    private static final BusMaster ENGINE = new BusMaster("engine", 32);
    private static final int ADD_1 = i(Instruction.ADDI, A0, A0, 1);
    private static final int ADD_100 = i(Instruction.ADDI, A0, A0, 100);

    private final HartFixture fixture = new HartFixture();
    private final Hart hart = fixture.hart;
    private final Hart other = new Hart(4, fixture.clock, fixture.bus, CODE);

    private int resultOfRunning() {
        fixture.set(A0, 0).at(CODE, PrivilegeMode.M).run(2);
        return hart.register(A0);
    }

    @Test
    void aStoreByAnybodyIsSeenByTheNextFetch() {
        byte[] words = new byte[4];
        for (int n = 0; n < 4; n++) {
            words[n] = (byte) (ADD_100 >>> 8 * n);
        }
        Map<String, Runnable> stores = new LinkedHashMap<>();
        stores.put("the hart itself", () -> hart.mmu().store(CODE, 4, ADD_100, PrivilegeMode.M));
        stores.put("its upper half only", () -> hart.mmu().store(CODE + 2, 2, ADD_100 >>> 16, PrivilegeMode.M));
        stores.put("a byte of it", () -> hart.mmu().store(CODE + 3, 1, ADD_100 >>> 24, PrivilegeMode.M));
        stores.put("misaligned", () -> hart.mmu().store(CODE + 1, 4, nop() << 24 | ADD_100 >>> 8, PrivilegeMode.M));
        stores.put("another hart", () -> other.mmu().store(CODE, 4, ADD_100, PrivilegeMode.M));
        stores.put("another hart's AMO",
                () -> other.mmu().amo(CODE, ADD_100, (old, operand) -> operand, PrivilegeMode.M));
        stores.put("a device's word", () -> fixture.bus.store(ENGINE, CODE, 4, ADD_100));
        stores.put("a device's block", () -> fixture.bus.write(ENGINE, CODE, words, 0, 4));
        stores.put("a device's page",
                () -> fixture.bus.write(ENGINE, CODE, Arrays.copyOf(words, Ram.PAGE_BYTES), 0, Ram.PAGE_BYTES));
        stores.put("a kernel's block", () -> other.mmu().write(CODE, words, 0, 4, PrivilegeMode.M));
        stores.forEach((name, store) -> {
            new Assembler(fixture.bus, CODE).put(ADD_1, nop());
            assertThat(resultOfRunning()).isEqualTo(1);
            store.run();
            int expected = name.equals("a byte of it") ? ADD_1 & 0xff_ffff | ADD_100 & 0xff00_0000 : ADD_100;
            assertThat(resultOfRunning()).as(name).isEqualTo(expected >> 20);
        });
    }

    /** Every bus master has the page in its fast path before it becomes code. */
    @Test
    void aFastPathFromBeforeThePageWasCodeIsNoWayAroundIt() {
        other.mmu().store(CODE + 0x800, 4, 1, PrivilegeMode.M);
        FastPath path = other.mmu().fastPath(PrivilegeMode.M);
        assertThat(path.storeTag[FastPath.slot(CODE)]).isEqualTo(CODE);
        fixture.code(ADD_1, nop());
        other.mmu().store(CODE + 0x800, 4, 1, PrivilegeMode.M);
        resultOfRunning();
        assertThat(path.storeTag[FastPath.slot(CODE)]).isNotEqualTo(CODE);
        assertThat(path.storeToCode(CODE, 4, ADD_100)).as("the page was not entered again yet").isFalse();
        other.mmu().store(CODE + 0x800, 4, 1, PrivilegeMode.M);
        assertThat(path.storeToCode(CODE, 4, ADD_100)).isTrue();
        assertThat(resultOfRunning()).isEqualTo(100);
        assertThat(path.storeToCode(CODE + 1, 4, 0)).as("misaligned").isFalse();
    }

    @Test
    void codeThatChangesItselfRunsAsChangedInTheSameLoop() {
        fixture.set(A1, ADD_100).set(T0, CODE).code(s(Instruction.SW, A1, T0, 8),
                nop(), ADD_1, i(Instruction.ADDI, A1, A1, 0),
                i(Instruction.ADDI, A2, A2, -1), b(Instruction.BNE, A2, ZERO, -20), j(Instruction.JAL, ZERO, 0));
        fixture.set(A0, 0).set(A2, 3).at(CODE, PrivilegeMode.M).run(40);
        assertThat(hart.register(A0)).isEqualTo(300);
    }

    @Test
    void aStoreToDataBesideCodeEmptiesOnlyWhatItOverlaps() {
        fixture.code(ADD_1, ADD_1, ADD_1, j(Instruction.JAL, ZERO, 0)).run(4);
        CodePage page = fixture.bus.code().at(CODE);
        assertThat(page.slots[0]).isNotEqualTo(CodePage.EMPTY);
        hart.mmu().store(CODE + 4, 4, ADD_100, PrivilegeMode.M);
        assertThat(page.slots[0]).isNotEqualTo(CodePage.EMPTY);
        assertThat(page.slots[2]).isEqualTo(CodePage.EMPTY);
        assertThat(page.slots[4]).isNotEqualTo(CodePage.EMPTY);
        hart.mmu().store(CODE + 0x800, 4, 1, PrivilegeMode.M);
        assertThat(page.slots[4]).isNotEqualTo(CodePage.EMPTY);
    }

    @Test
    void aRestoredImageIsFetchedAnew() {
        fixture.code(ADD_1, nop());
        Ram.Image image = fixture.bus.takeImage();
        new Assembler(fixture.bus, CODE).put(ADD_100);
        assertThat(resultOfRunning()).isEqualTo(100);
        fixture.bus.restoreImage(image);
        assertThat(resultOfRunning()).isEqualTo(1);
    }

    @Test
    void somebodyWhoWatchesSeesEveryFetch() {
        fixture.code(ADD_1, nop());
        resultOfRunning();
        List<Long> fetches = new ArrayList<>();
        fixture.bus.watch(CODE, 4, (master, va, pa, bytes, access) -> fetches.add(pa));
        assertThat(resultOfRunning()).isEqualTo(1);
        assertThat(fetches).containsExactly(CODE + 0L, CODE + 2L, CODE + 4L, CODE + 6L);
    }

    @Test
    void codeRunsFromADeviceToo() {
        int[] rom = {ADD_1, ADD_100, j(Instruction.JAL, ZERO, -4)};
        fixture.bus.attach("rom", 0x8000_0000L, 0x1000, new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return rom[(int) offset / 4] >>> (offset & 2) * 8 & 0xffff;
            }

            @Override
            public void store(long offset, int width, int value) {
                throw new AssertionError();
            }

            @Override
            public int peek(long offset, int width) {
                return load(offset, width);
            }
        });
        fixture.set(A0, 0).at(0x8000_0000, PrivilegeMode.M).run(6);
        assertThat(hart.register(A0)).isEqualTo(301);
    }

    @Test
    void whatIsKeptIsBounded() {
        PhysicalBus bus = new PhysicalBus(new Ram(0, 3000L * Ram.PAGE_BYTES));
        CodePage first = bus.code().makeAt(0);
        for (long pa = 0; pa < 3000L * Ram.PAGE_BYTES; pa += Ram.PAGE_BYTES) {
            bus.code().makeAt(pa);
        }
        assertThat(first.isLive()).isFalse();
        assertThat(bus.code().at(0)).isNull();
        assertThat(bus.code().at(2999L * Ram.PAGE_BYTES)).isNotNull();
    }

    // ---- at random ----

    /**
     * Builds a program of loops over instructions with random operands, with user and supervisor code, in RAM that it
     * destroys as it runs.
     */
    private static HartFixture randomProgram(Random random) {
        HartFixture fixture = new HartFixture();
        Assembler out = new Assembler(fixture.bus, 0);
        Instruction[] rows = Instruction.values();
        while (out.here() < 0x1_0000) {
            Instruction row = rows[random.nextInt(rows.length)];
            int word = row.match() | random.nextInt() & ~row.mask();
            boolean rare = row == Instruction.WFI || row == Instruction.JAL || row == Instruction.JALR;
            boolean csr = row.operands().name().startsWith("CSR");
            if (random.nextInt(12) == 0) {
                word = j(Instruction.JAL, 1, random.nextInt(0x200) - 0x100 & ~1);
            } else if (random.nextInt(5) == 0) {
                word = random.nextInt() & 0xfffc_fffc | 0x1_0001 << random.nextInt(2);
            } else if (rare || csr && random.nextInt(4) != 0) {
                word = nop();
            }
            out.put(word);
        }
        for (int register = 1; register < 32; register++) {
            fixture.set(register, random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(0x1_0000));
        }
        fixture.write(Csrs.MTVEC, 0x8000);
        fixture.bus.store(ENGINE, 0xa000, 4, Pte.V | Pte.R | Pte.W | Pte.X | (random.nextBoolean() ? Pte.U : 0));
        fixture.write(Csrs.SATP, random.nextBoolean() ? 1 << 31 | 0xa : 0);
        fixture.write(Csrs.MSTATUS, random.nextInt() & (Csrs.SUM | Csrs.MXR | Csrs.MPRV | Csrs.MPP));
        fixture.hart.mode = random.nextInt(3) == 0 ? PrivilegeMode.U
                : random.nextBoolean() ? PrivilegeMode.S : PrivilegeMode.M;
        fixture.hart.beginTurn();
        return fixture;
    }

    private static void runTo(HartFixture fixture, long tick) {
        while (fixture.clock.now() < tick) {
            if (fixture.run((int) (tick - fixture.clock.now())) == Hart.Stop.WAITING) {
                fixture.hart.setWaiting(false);
            }
        }
    }

    @Test
    void droppingTheCacheAndStoppingAnywhereChangeNothing() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 25; round++) {
            HartFixture whole = randomProgram(seed.random(round));
            HartFixture stepped = randomProgram(seed.random(round));
            HartFixture dropping = randomProgram(seed.random(round));
            Random random = seed.random(1_000_000 + round);
            for (int until = 150; until <= 450; until += 150) {
                runTo(whole, until);
                while (stepped.clock.now() < until) {
                    stepped.bus.code().dropAll();
                    stepped.hart.mmu().dropFastPaths();
                    runTo(stepped, stepped.clock.now() + 1);
                }
                while (dropping.clock.now() < until) {
                    runTo(dropping, Math.min(until, dropping.clock.now() + 1 + random.nextInt(40)));
                    if (random.nextBoolean()) {
                        dropping.bus.code().dropAll();
                    }
                }
                String where = seed.replay("round " + round + " tick " + until);
                assertThat(whole.clock.now()).as(where).isEqualTo(until);
                assertThat(whole.hart.pc).as(where).isEqualTo(stepped.hart.pc).isEqualTo(dropping.hart.pc);
                assertThat(whole.state()).as(where).isEqualTo(stepped.state()).isEqualTo(dropping.state());
            }
        }
    }
}
