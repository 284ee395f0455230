package ferrite.hardware.hart;

import static ferrite.hardware.hart.MmuFixture.RW;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.Ram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Translations may be stale until {@code sfence.vma}, and never after one. The fast path has no visible effect. */
class TlbTest {

    private static final int VA = 0xc012_3000;
    private static final int NEIGHBOUR = 0xc012_4000;

    private final MmuFixture fixture = new MmuFixture();
    private final Mmu mmu = fixture.mmu;

    private long load(int va) {
        return fixture.translate(va, Access.LOAD);
    }

    /** Maps VA, uses it, and maps it elsewhere, so that the TLB entry is stale. */
    private void makeStale(int flags) {
        fixture.map(VA, 0x7000, flags);
        load(VA);
        fixture.map(VA, 0x8000, flags);
    }

    @Test
    void aStaleTranslationIsServedUntilAFenceOfEverything() {
        makeStale(RW);
        assertThat(load(VA)).isEqualTo(0x7000);
        mmu.fenceAll(-1);
        assertThat(load(VA)).isEqualTo(0x8000);
    }

    @Test
    void aFenceOfAnAddressConcernsThatPageOnly() {
        makeStale(RW);
        mmu.fence(NEIGHBOUR, -1);
        assertThat(load(VA)).isEqualTo(0x7000);
        mmu.fence(VA + 0xffc, -1);
        assertThat(load(VA)).isEqualTo(0x8000);
    }

    @Test
    void aFenceOfAnAddressSpaceConcernsThatAddressSpaceOnly() {
        fixture.setAsid(5);
        makeStale(RW);
        mmu.fenceAll(6);
        assertThat(load(VA)).isEqualTo(0x7000);
        mmu.fenceAll(5);
        assertThat(load(VA)).isEqualTo(0x8000);
        fixture.map(VA, 0x9000, RW);
        mmu.fence(VA, 6);
        mmu.fence(NEIGHBOUR, 5);
        assertThat(load(VA)).isEqualTo(0x8000);
        mmu.fence(VA, 5);
        assertThat(load(VA)).isEqualTo(0x9000);
    }

    @Test
    void aTranslationOfOneAddressSpaceIsNotUsedInAnother() {
        fixture.setAsid(5);
        makeStale(RW);
        fixture.setAsid(6);
        assertThat(load(VA)).isEqualTo(0x8000);
    }

    @Test
    void aGlobalTranslationServesEveryAddressSpaceAndOutlivesAFenceOfOne() {
        fixture.setAsid(5);
        makeStale(RW | Pte.G);
        fixture.setAsid(6);
        assertThat(load(VA)).isEqualTo(0x7000);
        mmu.fenceAll(5);
        mmu.fence(VA, 5);
        mmu.fenceAll(6);
        assertThat(load(VA)).isEqualTo(0x7000);
        mmu.fence(VA, -1);
        assertThat(load(VA)).isEqualTo(0x8000);
        fixture.map(VA, 0x9000, RW | Pte.G);
        mmu.fenceAll(-1);
        assertThat(load(VA)).isEqualTo(0x9000);
    }

    @Test
    void aFenceOfOneAddressDropsAllOfItsMegapage() {
        fixture.mapMegapage(VA, 0x40_0000, RW);
        for (int offset = 0; offset < 0x40_0000; offset += 0x1_1000) {
            load(0xc000_0000 + offset);
        }
        fixture.mapMegapage(VA, 0x80_0000, RW);
        assertThat(load(0xc000_0000)).isEqualTo(0x40_0000);
        mmu.fence(0xc03f_f000, -1);
        for (int offset = 0; offset < 0x40_0000; offset += 0x1_1000) {
            assertThat(load(0xc000_0000 + offset)).isEqualTo(0x80_0000 + offset);
        }
    }

    @Test
    void theFirstPageOfTheAddressSpaceIsCachedAndFencedLikeAnyOther() {
        fixture.map(0, 0x7000, RW);
        load(0);
        fixture.map(0, 0x8000, RW);
        assertThat(load(0)).isEqualTo(0x7000);
        mmu.fence(0, -1);
        assertThat(load(0)).isEqualTo(0x8000);
    }

    @Test
    void anInvalidEntryIsNeverCached() {
        fixture.map(VA, 0x7000, 0);
        assertThat(fixture.outcome(VA, Access.LOAD, PrivilegeMode.S)).isEqualTo(-Trap.LOAD_PAGE_FAULT);
        fixture.map(VA, 0x7000, RW);
        assertThat(load(VA)).isEqualTo(0x7000);
    }

    @Test
    void aSavedTlbStaysStaleAfterARestore() {
        makeStale(RW);
        byte[] saved = fixture.tlb();
        mmu.fenceAll(-1);
        mmu.tlb.restore(new ferrite.hardware.state.StateReader(saved));
        assertThat(load(VA)).isEqualTo(0x7000);
    }

    // ---- at random: never staler than the last fence for the address ----

    /** A translation that may legally be served. */
    private record Leaf(long pa, boolean megapage, boolean global) { }

    @Test
    void noRandomTranslationIsOlderThanTheLastFenceThatConcernsIt() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 60; round++) {
            new StalenessCheck(seed, round).run();
        }
    }

    private static final class StalenessCheck {
        private static final int ASIDS = 3;
        private static final int[] PAGES = {0xc012_3000, 0xc012_4000, 0xc013_4000, 0x0012_3000,
                0x0080_0000, 0x0000_0000};

        private final MmuFixture fixture = new MmuFixture();
        private final Seed seed;
        private final int round;
        private final Random random;
        /** The legal translations by address and address space. */
        private final Map<Integer, List<Set<Leaf>>> lawful = new HashMap<>();
        private final Map<Integer, Leaf> current = new HashMap<>();
        private int asid;

        StalenessCheck(Seed seed, int round) {
            this.seed = seed;
            this.round = round;
            this.random = seed.random(round);
            for (int va : PAGES) {
                List<Set<Leaf>> sets = new ArrayList<>();
                for (int i = 0; i < ASIDS; i++) {
                    sets.add(new HashSet<>());
                }
                lawful.put(va, sets);
            }
        }

        void run() {
            for (int step = 0; step < 400; step++) {
                int va = PAGES[random.nextInt(PAGES.length)];
                switch (random.nextInt(8)) {
                    case 0, 1 -> remap(va);
                    case 2 -> fence(va);
                    case 3 -> {
                        asid = random.nextInt(ASIDS);
                        fixture.setAsid(asid);
                    }
                    default -> check(va, step);
                }
            }
        }

        /**
         * Maps an address anew. Each address has its own root entry, or its own leaf in a table that it shares with its
         * neighbours.
         */
        private void remap(int va) {
            int choice = random.nextInt(6);
            int flags = RW | (random.nextInt(4) == 0 ? Pte.G : 0);
            long page = (long) (1 + random.nextInt(200)) << 22;
            if (choice == 0) {
                fixture.mapMegapage(va, page, flags);
            } else if (choice == 1) {
                fixture.map(va, page, 0);
            } else {
                fixture.map(va, page, flags);
            }
            for (int each : PAGES) {
                Leaf leaf = walk(each);
                current.put(each, leaf);
                if (leaf != null) {
                    lawful.get(each).forEach(set -> set.add(leaf));
                }
            }
        }

        private Leaf walk(int va) {
            int root = fixture.word(MmuFixture.rootEntry(va));
            if ((root & Pte.V) == 0) {
                return null;
            }
            if ((root & Pte.R) != 0) {
                return new Leaf(Pte.pa(root) + (va & 0x3f_f000), true, (root & Pte.G) != 0);
            }
            int leaf = fixture.word(MmuFixture.leafEntry(va));
            return (leaf & Pte.V) == 0 ? null : new Leaf(Pte.pa(leaf), false, (leaf & Pte.G) != 0);
        }

        private void fence(int va) {
            int only = random.nextBoolean() ? -1 : random.nextInt(ASIDS);
            boolean everywhere = random.nextBoolean();
            if (everywhere) {
                fixture.mmu.fenceAll(only);
            } else {
                fixture.mmu.fence(va | random.nextInt(4096), only);
            }
            for (int each : PAGES) {
                boolean samePage = everywhere || each == va;
                boolean sameMegapage = everywhere || each >>> 22 == va >>> 22;
                for (int space = 0; space < ASIDS; space++) {
                    if (only >= 0 && only != space) {
                        continue;
                    }
                    Set<Leaf> set = lawful.get(each).get(space);
                    set.removeIf(leaf -> (only < 0 || !leaf.global) && (samePage || sameMegapage && leaf.megapage));
                    if (current.get(each) != null) {
                        set.add(current.get(each));
                    }
                }
            }
        }

        private void check(int va, int step) {
            String where = seed.replay("round " + round + " step " + step + " va 0x" + Integer.toHexString(va));
            long outcome = fixture.outcome(va, random.nextBoolean() ? Access.LOAD : Access.STORE, PrivilegeMode.S);
            if (outcome < 0) {
                assertThat(current.get(va)).as(where).isNull();
            } else {
                assertThat(lawful.get(va).get(asid)).extracting(Leaf::pa).as(where).contains(outcome);
            }
        }
    }

    // ---- law 5 ----

    /** A hart that uses its fast path as the interpreter does. */
    private static final class Hurried {
        private final MmuFixture fixture;
        private final AccessWatch monitor = (master, va, pa, bytes, access) -> { };

        Hurried(MmuFixture fixture) {
            this.fixture = fixture;
        }

        String load(int va, int mode) {
            FastPath path = fixture.mmu.fastPath(mode);
            long address = va & 0xffff_ffffL;
            int slot = FastPath.slot(address);
            if (FastPath.matches(path.loadTag[slot], address, 3)) {
                return "loaded " + path.loadPage[slot][Ram.wordIndex(address)];
            }
            try {
                return "loaded " + fixture.mmu.load(address, 4, mode);
            } catch (Trap trap) {
                return "trap " + trap.cause();
            }
        }

        String store(int va, int value, int mode) {
            FastPath path = fixture.mmu.fastPath(mode);
            long address = va & 0xffff_ffffL;
            int slot = FastPath.slot(address);
            if (FastPath.matches(path.storeTag[slot], address, 3)) {
                path.storePage[slot][Ram.wordIndex(address)] = value;
                return "stored";
            }
            try {
                fixture.mmu.store(address, 4, value, mode);
                return "stored";
            } catch (Trap trap) {
                return "trap " + trap.cause();
            }
        }

        void dropFastPaths(Random random) {
            if (random.nextInt(3) == 0) {
                fixture.bus.takeImage();
                return;
            }
            long pa = random.nextInt(MmuFixture.RAM_PAGES) * (long) Ram.PAGE_BYTES;
            fixture.bus.watch(pa, Ram.PAGE_BYTES, monitor);
            if (random.nextBoolean()) {
                fixture.bus.unwatch(pa, Ram.PAGE_BYTES, monitor);
            }
        }

        String doSomething(Random random) {
            int va = (random.nextBoolean() ? 0x0040_0000 : 0xc000_0000) + random.nextInt(6) * 0x1000
                    + random.nextInt(4) * 4;
            int mode = random.nextInt(10) == 0 ? PrivilegeMode.U : PrivilegeMode.S;
            int flags = RW & ~(random.nextInt(3) == 0 ? Pte.D | Pte.A : 0) | (random.nextInt(4) == 0 ? Pte.U : 0)
                    | (random.nextInt(4) == 0 ? Pte.G : 0) | (random.nextInt(4) == 0 ? Pte.X : 0);
            flags = random.nextInt(6) == 0 ? flags & ~(random.nextBoolean() ? Pte.W : Pte.R | Pte.W) | Pte.X : flags;
            long pa = (8 + random.nextInt(MmuFixture.RAM_PAGES)) * 0x1000L;
            switch (random.nextInt(30)) {
                case 0, 1, 2 -> fixture.map(va, pa, flags);
                case 3 -> fixture.mapMegapage(va, 0, flags);
                case 4 -> fixture.mmu.fenceAll(random.nextInt(4) - 1);
                case 5 -> fixture.mmu.fence(va, random.nextInt(4) - 1);
                case 6 -> fixture.setAsid(random.nextInt(3));
                case 7 -> fixture.setStatus(random.nextBoolean(), random.nextBoolean());
                case 8 -> {
                    if (random.nextInt(4) == 0) {
                        fixture.hart.writeCsr(Csrs.SATP, 0);
                    }
                }
                default -> {
                    return random.nextInt(3) == 0 ? store(va, random.nextInt(), mode) : load(va, mode);
                }
            }
            return "";
        }
    }

    @Test
    void droppingTheFastPathsAtRandomMomentsChangesNothing() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 40; round++) {
            Hurried undisturbed = new Hurried(new MmuFixture());
            Hurried disturbed = new Hurried(new MmuFixture());
            Random one = seed.random(round);
            Random other = seed.random(round);
            Random drops = seed.random(-1 - round);
            for (int step = 0; step < 1000; step++) {
                String where = seed.replay("round " + round + " step " + step);
                String expected = undisturbed.doSomething(one);
                if (drops.nextInt(5) == 0) {
                    disturbed.dropFastPaths(drops);
                }
                assertThat(disturbed.doSomething(other)).as(where).isEqualTo(expected);
                if (step % 100 == 99) {
                    assertThat(disturbed.fixture.everything()).as(where).isEqualTo(undisturbed.fixture.everything());
                }
            }
        }
    }

    /** Returns the number of accesses to two pages, one of them global, that miss the fast path. */
    private long misses(int mode) {
        long before = mmu.misses();
        Hurried hurried = new Hurried(fixture);
        hurried.load(VA, mode);
        hurried.store(VA, 1, mode);
        hurried.load(NEIGHBOUR, mode);
        hurried.store(NEIGHBOUR, 1, mode);
        return mmu.misses() - before;
    }

    @Test
    void globalPagesStayInTheFastPathInAnotherAddressSpace() {
        fixture.map(VA, 0x7000, RW | Pte.G);
        fixture.map(NEIGHBOUR, 0x8000, RW);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(4);
        fixture.setAsid(1);
        assertThat(misses(PrivilegeMode.S)).as("of the local page alone").isEqualTo(2);
        mmu.fenceAll(1);
        assertThat(misses(PrivilegeMode.S)).as("of the local page alone").isEqualTo(2);
        assertThat(misses(PrivilegeMode.S)).isZero();
        mmu.fenceAll(-1);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(4);
    }

    @Test
    void sumConcernsTheFastPathsToUserPagesAlone() {
        fixture.map(VA, 0x7000, RW | Pte.G);
        fixture.map(NEIGHBOUR, 0x8000, RW | Pte.U | Pte.G);
        fixture.setStatus(true, false);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(4);
        assertThat(misses(PrivilegeMode.S)).isZero();
        fixture.setStatus(false, false);
        assertThat(misses(PrivilegeMode.S)).as("of the user page").isEqualTo(2);
        fixture.setStatus(true, false);
        assertThat(misses(PrivilegeMode.S)).as("of the user page").isEqualTo(2);
        fixture.setStatus(true, true);
        assertThat(misses(PrivilegeMode.S)).as("after a change of MXR").isEqualTo(4);
    }

    @Test
    void aFenceOfAnAddressLeavesTheFastPathsToOtherPages() {
        fixture.map(VA, 0x7000, RW);
        fixture.map(NEIGHBOUR, 0x8000, RW);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(4);
        mmu.fence(VA, -1);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(2);
        fixture.mapMegapage(VA, 0, RW);
        mmu.fence(VA, -1);
        mmu.fence(NEIGHBOUR, -1);
        assertThat(misses(PrivilegeMode.S)).isEqualTo(4);
        mmu.fence(NEIGHBOUR, -1);
        assertThat(misses(PrivilegeMode.S)).as("of two pages in a megapage").isEqualTo(4);
    }

    @Test
    void machineModeKeepsItsFastPathWhateverIsTranslated() {
        new Hurried(fixture).load(0x7000, PrivilegeMode.M);
        long before = mmu.misses();
        fixture.setAsid(1);
        mmu.fenceAll(-1);
        fixture.setStatus(true, true);
        new Hurried(fixture).load(0x7000, PrivilegeMode.M);
        assertThat(mmu.misses()).isEqualTo(before);
    }

    /** More pages than are dropped one by one. */
    @Test
    void manyPagesAreDroppedTogether() {
        for (int page = 0; page < 1024; page++) {
            fixture.set(MmuFixture.rootEntry(page << 12), Pte.of(MmuFixture.TABLE, Pte.V));
            fixture.set(MmuFixture.rootEntry(1 << 22), Pte.of(MmuFixture.TABLE, Pte.V));
            fixture.set(MmuFixture.leafEntry(page << 12), Pte.of(0x8000, RW));
        }
        Hurried hurried = new Hurried(fixture);
        for (int page = 0; page < 2048; page++) {
            hurried.load(page << 12, PrivilegeMode.S);
        }
        FastPath path = mmu.fastPath(PrivilegeMode.S);
        assertThat(path.loadTag[2047]).isEqualTo(2047 << 12);
        fixture.setAsid(1);
        for (int page = 0; page < 2048; page++) {
            assertThat(FastPath.matches(path.loadTag[page], page << 12, 0)).as("page %d", page).isFalse();
        }
    }

    @Test
    void theFastPathHoldsOnlyWhatTheTlbWouldTranslate() {
        Seed seed = Seed.fresh();
        Hurried subject = new Hurried(new MmuFixture());
        Random random = seed.random(0);
        for (int step = 0; step < 5000; step++) {
            subject.doSomething(random);
            for (int mode : new int[] {PrivilegeMode.U, PrivilegeMode.S}) {
                FastPath path = subject.fixture.mmu.fastPath(mode);
                for (int page = 0; page < 6; page++) {
                    for (int va : new int[] {0x0040_0000 + page * 0x1000, 0xc000_0000 + page * 0x1000}) {
                        int slot = FastPath.slot(va & 0xffff_ffffL);
                        if (FastPath.matches(path.loadTag[slot], va & 0xffff_ffffL, 3)) {
                            long pa = subject.fixture.outcome(va, Access.LOAD, mode);
                            assertThat(pa).as(seed.replay("step " + step)).isNotNegative();
                            assertThat(subject.fixture.bus.fastPage(pa)).as(seed.replay("step " + step))
                                    .isSameAs(path.loadPage[slot]);
                        }
                        if (FastPath.matches(path.storeTag[slot], va & 0xffff_ffffL, 3)) {
                            long pa = subject.fixture.outcome(va, Access.STORE, mode);
                            assertThat(pa).as(seed.replay("step " + step)).isNotNegative();
                            assertThat(subject.fixture.bus.fastPage(pa)).as(seed.replay("step " + step))
                                    .isSameAs(path.storePage[slot]);
                        }
                    }
                }
            }
        }
    }
}
