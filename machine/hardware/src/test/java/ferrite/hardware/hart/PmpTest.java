package ferrite.hardware.hart;

import static ferrite.hardware.Assembler.A0;
import static ferrite.hardware.Assembler.A1;
import static ferrite.hardware.Assembler.A2;
import static ferrite.hardware.Assembler.i;
import static ferrite.hardware.Assembler.nop;
import static ferrite.hardware.Assembler.s;
import static ferrite.hardware.hart.HartFixture.CODE;
import static ferrite.hardware.hart.HartFixture.DATA;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.instruction.Instruction;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Physical memory protection, section 3.7 of the privileged specification. */
class PmpTest {

    private static final int U = PrivilegeMode.U;
    private static final int S = PrivilegeMode.S;
    private static final int M = PrivilegeMode.M;
    private static final int R = 1;
    private static final int W = 2;
    private static final int X = 4;
    private static final int TOR = 1 << 3;
    private static final int NA4 = 2 << 3;
    private static final int NAPOT = 3 << 3;
    private static final int L = 0x80;

    private final HartFixture fixture = new HartFixture();
    private final Pmp pmp = new Pmp();

    private static void entry(Pmp pmp, int number, int cfg, long addr) {
        pmp.writeAddr(number, (int) addr);
        int shift = number % 4 * 8;
        pmp.writeCfg(number / 4, pmp.readCfg(number / 4) & ~(0xff << shift) | cfg << shift);
    }

    // ---- matching ----

    /** Decides an access byte by byte, from the text of section 3.7.1: the matching entry, and its permission. */
    private static boolean oracle(int[] cfg, long[] addr, long pa, int bytes, int permission, int mode) {
        for (int n = 0; n < cfg.length; n++) {
            int matched = 0;
            for (long at = pa; at < pa + bytes; at++) {
                matched += matches(cfg, addr, n, at) ? 1 : 0;
            }
            if (matched > 0) {
                boolean ignored = mode == M && (cfg[n] & L) == 0;
                return matched == bytes && (ignored || (cfg[n] & permission) != 0);
            }
        }
        return mode == M;
    }

    private static boolean matches(int[] cfg, long[] addr, int n, long pa) {
        long word = pa >> 2;
        switch (cfg[n] >> 3 & 3) {
            case 0:
                return false;
            case 1:
                return word >= (n == 0 ? 0 : addr[n - 1]) && word < addr[n];
            case 2:
                return word == addr[n];
            default:
                long lowestZero = 1;
                while ((addr[n] & lowestZero) != 0) {
                    lowestZero <<= 1;
                }
                long ignored = 2 * lowestZero - 1;
                return (word | ignored) == (addr[n] | ignored);
        }
    }

    @Test
    void randomEntriesMatchAsTheSpecificationSays() {
        Seed seed = Seed.fresh();
        Access[] accesses = Access.values();
        int[] permissions = {X, R, W};
        for (int round = 0; round < 250; round++) {
            Random random = seed.random(round);
            Pmp subject = new Pmp();
            int[] cfg = new int[16];
            long[] addr = new long[16];
            for (int n = 0; n < 16; n++) {
                addr[n] = switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(64);
                    case 1 -> random.nextInt(8) << 9 | (1 << random.nextInt(12)) - 1;
                    case 2 -> random.nextInt(16) << 10;
                    default -> random.nextInt() & 0xffff_ffffL;
                };
                int bits = random.nextInt(3) == 0 ? 0 : random.nextInt(0x100) & (R | W | X | NAPOT | L);
                cfg[n] = (bits & (R | W)) == W ? bits & ~W : bits;
            }
            for (int n = 15; n >= 0; n--) {
                subject.writeAddr(n, (int) addr[n]);
            }
            for (int n = 0; n < 4; n++) {
                subject.writeCfg(n, cfg[4 * n] | cfg[4 * n + 1] << 8 | cfg[4 * n + 2] << 16 | cfg[4 * n + 3] << 24);
            }
            for (int step = 0; step < 60; step++) {
                long pa = random.nextInt(5) == 0 ? random.nextInt() & 0xffff_ffffL
                        : random.nextInt(0x1_0000) & ~(random.nextInt(4));
                int bytes = 1 + random.nextInt(4);
                int kind = random.nextInt(3);
                int mode = new int[] {U, S, M}[random.nextInt(3)];
                boolean expected = oracle(cfg, addr, pa, bytes, permissions[kind], mode);
                String where = seed.replay("round " + round + " step " + step);
                assertThat(subject.permits(pa, bytes, accesses[kind], mode)).as(where).isEqualTo(expected);
                long page = pa & -4096L;
                boolean wholePage = true;
                for (long at = page; at < page + 4096 && wholePage; at += 4) {
                    wholePage = oracle(cfg, addr, at, 4, permissions[kind], mode);
                }
                if (!wholePage) {
                    assertThat(subject.permitsPage(pa, accesses[kind], mode)).as("the page, " + where).isFalse();
                }
            }
        }
    }

    @Test
    void aPageThatNoEntryDividesNeedsToBeAskedForOnlyOnce() {
        assertThat(pmp.permitsPage(0x4000, Access.STORE, M)).isTrue();
        assertThat(pmp.permitsPage(0x4000, Access.STORE, S)).isFalse();
        entry(pmp, 3, R | W | NAPOT, 0xffff_ffffL);
        assertThat(pmp.permitsPage(0x4000, Access.STORE, S)).isTrue();
        assertThat(pmp.permitsPage(0x4000, Access.FETCH, S)).isFalse();
        entry(pmp, 1, R | NA4, 0x4100 >> 2);
        assertThat(pmp.permitsPage(0x4000, Access.LOAD, S)).as("both allow it").isTrue();
        assertThat(pmp.permitsPage(0x4000, Access.STORE, S)).isFalse();
        assertThat(pmp.permitsPage(0x4000, Access.STORE, M)).isTrue();
        assertThat(pmp.permitsPage(0x5000, Access.STORE, S)).isTrue();
    }

    @Test
    void anAccessThatAnEntryMatchesOnlyInPartFailsInEveryMode() {
        entry(pmp, 0, R | W | X | NA4, 0x1000);
        entry(pmp, 1, R | W | X | NAPOT, 0xffff_ffffL);
        for (int mode : new int[] {U, S, M}) {
            assertThat(pmp.permits(0x4000, 4, Access.LOAD, mode)).isTrue();
            assertThat(pmp.permits(0x4002, 4, Access.LOAD, mode)).isFalse();
            assertThat(pmp.permits(0x3ffe, 4, Access.STORE, mode)).isFalse();
            assertThat(pmp.permits(0x4004, 4, Access.LOAD, mode)).isTrue();
        }
    }

    @Test
    void allOnesIsTheWholeAddressSpaceAndNoEntryIsNothingBelowMachineMode() {
        assertThat(pmp.permits(0, 4, Access.LOAD, S)).isFalse();
        assertThat(pmp.permits(0, 4, Access.LOAD, M)).isTrue();
        entry(pmp, 0, R | NAPOT, 0xffff_ffffL);
        assertThat(pmp.permits(0, 4, Access.LOAD, U)).isTrue();
        assertThat(pmp.permits(0x3_ffff_fffcL, 4, Access.LOAD, U)).isTrue();
        assertThat(pmp.permits(0, 4, Access.STORE, U)).isFalse();
        entry(pmp, 0, R | TOR, 0);
        assertThat(pmp.permits(0, 4, Access.LOAD, U)).as("up to 0 is nothing").isFalse();
    }

    // ---- registers ----

    @Test
    void aLockedEntryStaysAsItIsAndSoDoesTheBottomOfALockedRange() {
        entry(pmp, 1, L | R | TOR, 0x2000);
        pmp.writeAddr(0, 0x1234);
        assertThat(pmp.readAddr(0)).as("the range of entry 1 begins here").isZero();
        pmp.writeAddr(1, 0x1234);
        assertThat(pmp.readAddr(1)).isEqualTo(0x2000);
        pmp.writeCfg(0, 0x1f1f_1f1f);
        assertThat(pmp.readCfg(0)).isEqualTo(0x1f1f_001f | (L | R | TOR) << 8);
        entry(pmp, 3, L | R | NAPOT, 0x3000);
        pmp.writeAddr(2, 0x1234);
        assertThat(pmp.readAddr(2)).as("a locked NAPOT entry has no bottom elsewhere").isEqualTo(0x1234);
        entry(pmp, 5, L, 0);
        pmp.writeAddr(5, 1);
        assertThat(pmp.readAddr(5)).as("locked though off").isZero();
    }

    @Test
    void reservedBitsReadZeroAndWriteWithoutReadBecomesNeither() {
        pmp.writeCfg(2, 0xffff_ffff & ~(L << 24 | L << 16 | L << 8 | L));
        assertThat(pmp.readCfg(2)).isEqualTo(0x1f1f_1f1f);
        pmp.writeCfg(2, W | (W | X) << 8);
        assertThat(pmp.readCfg(2)).isEqualTo(X << 8);
    }

    @Test
    void softwareFindsFourAndSixteenRegisters() {
        for (int n = 0; n < 16; n++) {
            fixture.write(Csrs.PMPADDR0 + n, 0x1111 * n);
        }
        fixture.write(Csrs.PMPCFG0 + 1, 0x0102_0304);
        assertThat(fixture.read(Csrs.PMPADDR0 + 9)).isEqualTo(0x9999);
        assertThat(fixture.read(Csrs.PMPCFG0 + 1)).isEqualTo(0x0100_0304);
    }

    // ---- as instructions see it ----

    private int causeOf(int word, int mode) {
        fixture.write(Csrs.MCAUSE, -1);
        fixture.set(A1, DATA).code(word).at(CODE, mode).run(1);
        return fixture.read(Csrs.MCAUSE);
    }

    @Test
    void everyPermissionInEveryModeLockedOrNot() {
        int load = i(Instruction.LW, A0, A1, 0);
        int store = s(Instruction.SW, A2, A1, 0);
        for (int mode : new int[] {U, S, M}) {
            for (int cfg : new int[] {0, R, X, R | W, R | X, R | W | X}) {
                fixture.write(Csrs.PMPADDR0, DATA >> 2 | 0x1ff);
                fixture.write(Csrs.PMPCFG0, cfg | NAPOT);
                for (int again = 0; again < 2; again++) {
                    assertThat(causeOf(load, mode))
                            .isEqualTo(mode == M || (cfg & R) != 0 ? -1 : Trap.LOAD_ACCESS_FAULT);
                    assertThat(causeOf(store, mode))
                            .isEqualTo(mode == M || (cfg & W) != 0 ? -1 : Trap.STORE_ACCESS_FAULT);
                }
                fixture.write(Csrs.MCAUSE, -1);
                new ferrite.hardware.Assembler(fixture.bus, DATA).put(nop());
                fixture.at(DATA, mode).run(1);
                assertThat(fixture.read(Csrs.MCAUSE))
                        .isEqualTo(mode == M || (cfg & X) != 0 ? -1 : Trap.INSTRUCTION_ACCESS_FAULT);
            }
        }
        fixture.write(Csrs.PMPCFG0, L | R | NAPOT);
        assertThat(causeOf(load, M)).isEqualTo(-1);
        assertThat(causeOf(store, M)).isEqualTo(Trap.STORE_ACCESS_FAULT);
        fixture.at(DATA, M).run(1);
        assertThat(fixture.read(Csrs.MCAUSE)).isEqualTo(Trap.INSTRUCTION_ACCESS_FAULT);
        assertThat(fixture.read(Csrs.MTVAL)).isEqualTo(DATA);
    }

    @Test
    void underMprvLoadsOfMachineModeAreJudgedAsThoseOfMpp() {
        fixture.write(Csrs.PMPADDR0, DATA >> 2 | 0x1ff);
        fixture.write(Csrs.PMPCFG0, NAPOT);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | U << Csrs.MPP_SHIFT);
        assertThat(causeOf(i(Instruction.LW, A0, A1, 0), M)).isEqualTo(Trap.LOAD_ACCESS_FAULT);
        fixture.write(Csrs.MSTATUS, Csrs.MPRV | M << Csrs.MPP_SHIFT);
        assertThat(causeOf(i(Instruction.LW, A0, A1, 0), M)).isEqualTo(-1);
    }

    @Test
    void aPageThatIsAllowedInPartIsJudgedAccessByAccess() {
        fixture.write(Csrs.PMPADDR0, DATA + 0x100 >> 2);
        fixture.write(Csrs.PMPADDR0 + 1, DATA + 0x200 >> 2);
        fixture.write(Csrs.PMPCFG0, R << 8 | TOR << 8);
        for (int offset : new int[] {0xfc, 0x100, 0x1fc, 0x200, 0xfe, 0x1fe, 0x100}) {
            int expected = offset >= 0x100 && offset <= 0x1fc || offset == 0x200 || offset == 0xfc ? -1
                    : Trap.STORE_ACCESS_FAULT;
            boolean inside = offset >= 0x100 && offset < 0x200;
            boolean whole = offset == 0x100 || offset == 0x1fc || offset == 0xfc || offset == 0x200;
            assertThat(causeOf(i(Instruction.LW, A0, A1, offset), S)).as("load %x", offset)
                    .isEqualTo(whole ? -1 : Trap.LOAD_ACCESS_FAULT);
            assertThat(causeOf(s(Instruction.SW, A2, A1, offset), S)).as("store %x", offset)
                    .isEqualTo(inside ? Trap.STORE_ACCESS_FAULT : expected);
        }
    }

    @Test
    void aChangeIsHeededByTheNextAccess() {
        assertThat(causeOf(s(Instruction.SW, A2, A1, 0), S)).as("and the page is in the fast path").isEqualTo(-1);
        fixture.write(Csrs.PMPADDR0, DATA >> 2 | 0x1ff);
        fixture.write(Csrs.PMPCFG0, R | NAPOT);
        assertThat(causeOf(s(Instruction.SW, A2, A1, 0), S)).isEqualTo(Trap.STORE_ACCESS_FAULT);
        fixture.write(Csrs.PMPADDR0, 0);
        assertThat(causeOf(s(Instruction.SW, A2, A1, 0), S)).isEqualTo(-1);
    }

    @Test
    void pageTablesAreWalkedWithTheRightsOfSupervisorMode() {
        BusMaster loader = new BusMaster("loader", 34);
        int[] causes = {Trap.INSTRUCTION_ACCESS_FAULT, Trap.LOAD_ACCESS_FAULT, Trap.STORE_ACCESS_FAULT};
        for (int cfg : new int[] {NAPOT, X | NAPOT, R | NAPOT, R | W | NAPOT}) {
            fixture.write(Csrs.SATP, 1 << 31 | 0xa);
            fixture.write(Csrs.PMPADDR0, 0xa000 >> 2 | 0x1ff);
            fixture.write(Csrs.PMPCFG0, cfg);
            for (Access access : Access.values()) {
                for (boolean marked : new boolean[] {true, false}) {
                    fixture.bus.store(loader, 0xa000, 4, Pte.V | Pte.R | Pte.W | Pte.X | (marked ? Pte.A | Pte.D : 0));
                    fixture.hart.mmu().fenceAll(-1);
                    int cause = -1;
                    try {
                        fixture.hart.mmu().translate(DATA, access, S);
                    } catch (Trap trap) {
                        cause = trap.cause();
                        assertThat(trap.tval()).isEqualTo(DATA);
                    }
                    boolean allowed = (cfg & R) != 0 && (marked || (cfg & W) != 0);
                    assertThat(cause).as("%x %s %s", cfg, access, marked)
                            .isEqualTo(allowed ? -1 : causes[access.ordinal()]);
                }
            }
        }
    }
}
