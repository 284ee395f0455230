package ferrite.hardware.hart;

import static ferrite.hardware.hart.MmuFixture.RW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.Ram;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Address translation with an empty TLB, compared with the specification. */
class MmuTest {

    private static final int VA = 0xc012_3456;

    private final MmuFixture fixture = new MmuFixture();
    private final Mmu mmu = fixture.mmu;

    private static char letter(Access access) {
        return access == Access.FETCH ? 'x' : access == Access.LOAD ? 'r' : 'w';
    }

    private int[] memory() {
        int[] words = new int[MmuFixture.RAM_PAGES * Ram.PAGE_WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = fixture.word(4L * i);
        }
        return words;
    }

    @Test
    void everyCombinationOfFlagsModeSumMxrAndAccessIsAsTheSpecificationSays() {
        for (int flags = 0; flags < 0x100; flags++) {
            for (boolean mega : new boolean[] {false, true}) {
                for (int choice = 0; choice < 24; choice++) {
                    boolean sum = (choice & 1) != 0;
                    boolean mxr = (choice & 2) != 0;
                    boolean user = (choice & 4) != 0;
                    Access access = Access.values()[choice / 8];
                    long entry = mega ? MmuFixture.rootEntry(VA) : MmuFixture.leafEntry(VA);
                    if (mega) {
                        fixture.mapMegapage(VA, 0x40_0000, flags);
                    } else {
                        fixture.map(VA, 0x5000, flags);
                    }
                    int[] words = new int[0x1000];
                    words[(int) MmuFixture.rootEntry(VA) / 4] = fixture.word(MmuFixture.rootEntry(VA));
                    words[(int) entry / 4] = fixture.word(entry);
                    long expected = new Sv32Oracle(words)
                            .translate(1 << 31 | 1, sum, mxr, VA, letter(access), user ? 'u' : 's');

                    fixture.setStatus(sum, mxr);
                    mmu.fenceAll(-1);
                    String where = "flags " + Pte.flags(flags) + ", mega " + mega + ", SUM " + sum + ", MXR " + mxr
                            + ", user " + user + ", " + access;
                    int mode = user ? PrivilegeMode.U : PrivilegeMode.S;
                    assertThat(fixture.outcome(VA, access, mode)).as(where).isEqualTo(expected);
                    assertThat(fixture.word(entry)).as("entry after " + where).isEqualTo(words[(int) entry / 4]);
                    assertThat(fixture.outcome(VA, access, mode)).as("the same from the TLB: " + where)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void randomPageTablesTranslateAsTheSpecificationSays() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 300; round++) {
            Random random = seed.random(round);
            for (int word = 0; word < 40; word++) {
                fixture.set(0x1000 + 4L * random.nextInt(0x2000), randomPte(random));
            }
            int[] words = memory();
            for (int step = 0; step < 40; step++) {
                int satp = 1 << 31 | random.nextInt(512) << 22
                        | (random.nextInt(20) == 0 ? random.nextInt() & 0x3f_ffff : 1 + random.nextInt(4));
                boolean sum = random.nextBoolean();
                boolean mxr = random.nextBoolean();
                boolean user = random.nextBoolean();
                Access access = Access.values()[random.nextInt(3)];
                int va = randomVa(random, words, satp);
                fixture.hart.writeCsr(Csrs.SATP, satp);
                fixture.setStatus(sum, mxr);
                mmu.fenceAll(-1);
                long expected = new Sv32Oracle(words).translate(satp, sum, mxr, va, letter(access), user ? 'u' : 's');
                String where = seed.replay("round " + round + " step " + step + " va 0x" + Integer.toHexString(va));
                assertThat(fixture.outcome(va, access, user ? PrivilegeMode.U : PrivilegeMode.S)).as(where)
                        .isEqualTo(expected);
            }
            assertThat(memory()).as(seed.replay("round " + round)).isEqualTo(words);
        }
    }

    private static int randomPte(Random random) {
        int flags = random.nextInt(4) == 0 ? Pte.V : random.nextInt(1024) | Pte.V;
        int ppn = switch (random.nextInt(4)) {
            case 0 -> random.nextInt() & 0x3f_ffff;
            case 1 -> random.nextInt(0x1000) << 10;
            default -> random.nextInt(MmuFixture.RAM_PAGES);
        };
        return ppn << 10 | flags;
    }

    /** Returns a random address, mostly with a root entry that is not zero. */
    private static int randomVa(Random random, int[] words, int satp) {
        int root = (satp & 0x3f) << 10;
        int start = random.nextInt(1024);
        for (int i = 0; i < 1024 && random.nextInt(200) != 0; i++) {
            int vpn = start + i & 1023;
            if (words[(root + vpn) % words.length] != 0) {
                return vpn << 22 | random.nextInt() & 0x3f_ffff;
            }
        }
        return random.nextInt();
    }

    @Test
    void machineModeAndBareModeDoNotTranslate() {
        assertThat(mmu.translate(0x8000_1234, Access.STORE, PrivilegeMode.M)).isEqualTo(0x8000_1234L);
        fixture.hart.writeCsr(Csrs.SATP, 1);
        assertThat(mmu.translate(0xffff_fffc, Access.FETCH, PrivilegeMode.U)).isEqualTo(0xffff_fffcL);
    }

    @Test
    void aTranslationAbove32BitsIsAnAccessFaultAtTheVirtualAddress() {
        fixture.map(VA, 0x3_0000_1000L, RW);
        assertThat(fixture.translate(VA, Access.LOAD)).isEqualTo(0x3_0000_1456L);
        assertTrap(() -> mmu.load(VA & 0xffff_fffcL, 4, PrivilegeMode.S), Trap.LOAD_ACCESS_FAULT, VA & ~3);
        assertTrap(() -> mmu.store(VA & 0xffff_fffcL, 4, 1, PrivilegeMode.S), Trap.STORE_ACCESS_FAULT, VA & ~3);
        assertTrap(() -> mmu.read(VA & 0xffff_ffffL, new byte[3], 0, 3, PrivilegeMode.S), Trap.LOAD_ACCESS_FAULT, VA);
        assertTrap(() -> mmu.write(VA & 0xffff_ffffL, new byte[3], 0, 3, PrivilegeMode.S), Trap.STORE_ACCESS_FAULT, VA);
        fixture.map(VA, 0x3_0000_1000L, RW | Pte.X);
        mmu.fenceAll(-1);
        assertTrap(() -> mmu.fetch(VA & ~3, PrivilegeMode.S), Trap.INSTRUCTION_ACCESS_FAULT, VA & ~3);
    }

    @Test
    void aPageTableOutsideMemoryIsAnAccessFaultOfTheKindOfTheAccess() {
        fixture.set(MmuFixture.rootEntry(VA), Pte.of(0x2_0000_0000L, Pte.V));
        assertThat(fixture.outcome(VA, Access.FETCH, PrivilegeMode.S)).isEqualTo(-Trap.INSTRUCTION_ACCESS_FAULT);
        assertThat(fixture.outcome(VA, Access.LOAD, PrivilegeMode.S)).isEqualTo(-Trap.LOAD_ACCESS_FAULT);
        assertThat(fixture.outcome(VA, Access.STORE, PrivilegeMode.U)).isEqualTo(-Trap.STORE_ACCESS_FAULT);
        fixture.hart.writeCsr(Csrs.SATP, 1 << 31 | 0x3f_ffff);
        assertThat(fixture.outcome(VA, Access.LOAD, PrivilegeMode.S)).isEqualTo(-Trap.LOAD_ACCESS_FAULT);
    }

    @Test
    void anAddressOfMoreThan32BitsIsAMistakeOfOurs() {
        assertThatThrownBy(() -> mmu.load(-4L, 4, PrivilegeMode.S)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("error number");
    }

    @Test
    void loadsAndStoresGoThroughTheMapping() {
        fixture.map(VA, 0x7000, RW);
        mmu.store(VA & 0xffff_fffcL, 4, 0x1234_5678, PrivilegeMode.S);
        assertThat(fixture.word(0x7454)).isEqualTo(0x1234_5678);
        assertThat(mmu.load(VA & 0xffff_fffeL, 2, PrivilegeMode.S)).isEqualTo(0x1234);
        mmu.write(0xc012_3ffeL, new byte[] {1, 2}, 0, 2, PrivilegeMode.S);
        assertThat(fixture.word(0x7ffc)).isEqualTo(0x0201_0000);
    }

    @Test
    void theDirtyBitIsSetByTheFirstStoreEvenWhenTheTlbHoldsAReadersTranslation() {
        fixture.map(VA, 0x7000, Pte.V | Pte.R | Pte.W);
        fixture.translate(VA, Access.LOAD);
        assertThat(fixture.word(MmuFixture.leafEntry(VA)) & (Pte.A | Pte.D)).isEqualTo(Pte.A);
        fixture.translate(VA, Access.STORE);
        assertThat(fixture.word(MmuFixture.leafEntry(VA)) & (Pte.A | Pte.D)).isEqualTo(Pte.A | Pte.D);
    }

    // ---- inspection ----

    @Test
    void peekingFindsWhatATranslationWouldFindAndChangesNothing() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        for (int word = 0; word < 3000; word++) {
            fixture.set(0x1000 + 4L * random.nextInt(0x2000), randomPte(random));
        }
        for (int step = 0; step < 3000; step++) {
            int va = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(40) << 22 | random.nextInt(8) << 12;
            byte[] before = step % 100 == 0 ? fixture.everything() : null;
            byte[] tlb = fixture.tlb();
            long peeked = mmu.peekTranslate(va, PrivilegeMode.S);
            String where = seed.replay("step " + step + " va 0x" + Integer.toHexString(va));
            assertThat(fixture.tlb()).as(where).isEqualTo(tlb);
            if (before != null) {
                assertThat(fixture.everything()).as(where).isEqualTo(before);
            }
            long outcome = fixture.outcome(va, Access.LOAD, PrivilegeMode.S);
            if (outcome >= 0) {
                assertThat(peeked).as(where).isEqualTo(outcome);
            }
            if (peeked < 0) {
                assertThat(outcome).as(where).isNegative();
            }
            if (random.nextInt(50) == 0) {
                fixture.set(0x1000 + 4L * random.nextInt(0x2000), randomPte(random));
            }
        }
    }

    @Test
    void peekingDoesNotFindAMisalignedMegapage() {
        fixture.mapMegapage(VA, 0x5000, RW);
        assertThat(mmu.peekTranslate(VA, PrivilegeMode.S)).isEqualTo(-1);
    }

    @Test
    void peekingSeesTheStaleTranslationThatTheHartWouldUse() {
        fixture.map(VA, 0x7000, RW);
        fixture.translate(VA, Access.LOAD);
        fixture.map(VA, 0x8000, RW);
        assertThat(mmu.peekTranslate(VA, PrivilegeMode.S)).isEqualTo(0x7456);
        mmu.fenceAll(-1);
        assertThat(mmu.peekTranslate(VA, PrivilegeMode.S)).isEqualTo(0x8456);
        assertThat(mmu.peekTranslate(VA, PrivilegeMode.M)).isEqualTo(VA & 0xffff_ffffL);
    }

    private static void assertTrap(Runnable access, int cause, int tval) {
        assertThatThrownBy(access::run).isInstanceOfSatisfying(Trap.class, trap -> {
            assertThat(trap.cause()).isEqualTo(cause);
            assertThat(trap.tval()).isEqualTo(tval);
        });
    }
}
