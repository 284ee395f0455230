package ferrite.hardware.hart;

import static ferrite.hardware.hart.MmuFixture.RW;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.Access;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Free memory is detected when software accesses it, at any address, and the access is still performed. */
class FrameWatchTest {

    private static final long VA = 0xc012_3000L;
    private static final long ALIAS = 0xf812_4000L;
    private static final long PA = 0x5000;

    private final MmuFixture fixture = new MmuFixture();
    private final Set<Long> free = new HashSet<>();
    private final List<String> noticed = new ArrayList<>();
    private final FrameWatch watch = new FrameWatch(fixture.bus, List.of(fixture.hart), new FrameWatch.Frames() {
        @Override
        public boolean isFree(long pa) {
            return free.contains(pa & -4096);
        }

        @Override
        public long usualVa(long pa) {
            return pa == PA ? VA : -1;
        }

        @Override
        public void touched(long va, long pa, int bytes, Access access) {
            noticed.add(Long.toHexString(va) + " " + Long.toHexString(pa) + " " + bytes + " " + access);
        }
    });

    FrameWatchTest() {
        fixture.map((int) VA, PA, RW);
        fixture.set(MmuFixture.rootEntry((int) ALIAS), fixture.word(MmuFixture.rootEntry((int) VA)));
        fixture.set(MmuFixture.leafEntry((int) ALIAS), Pte.of(PA, RW));
    }

    private void free() {
        free.add(PA);
        watch.freed(PA, 1);
    }

    private boolean isFast(long va) {
        return FastPath.matches(fixture.mmu.fastPath(PrivilegeMode.S).loadTag[FastPath.slot(va)], va, 0)
                || FastPath.matches(fixture.mmu.fastPath(PrivilegeMode.S).storeTag[FastPath.slot(va)], va, 0);
    }

    @Test
    void loadsStoresAtomicOperationsAndBlocksOfBytesAreNoticedAndDone() {
        fixture.mmu.store(VA, 4, 77, PrivilegeMode.S);
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        assertThat(isFast(VA)).isTrue();
        free();
        assertThat(isFast(VA)).isFalse();
        assertThat(fixture.mmu.load(VA, 4, PrivilegeMode.S)).isEqualTo(77);
        fixture.mmu.store(VA + 8, 1, 5, PrivilegeMode.S);
        fixture.mmu.amo(VA + 12, 1, Integer::sum, PrivilegeMode.S);
        fixture.mmu.read(VA + 16, new byte[100], 0, 100, PrivilegeMode.S);
        fixture.mmu.write(VA + 16, new byte[100], 0, 100, PrivilegeMode.S);
        assertThat(noticed).containsExactly("c0123000 5000 4 LOAD", "c0123008 5008 1 STORE",
                "c012300c 500c 4 STORE", "c0123010 5010 100 LOAD", "c0123010 5010 100 STORE");
        assertThat(isFast(VA)).as("a fast path to free memory").isFalse();
        assertThat(fixture.word(PA + 8)).isEqualTo(5);
    }

    @Test
    void anotherAddressOfTheMemoryIsForgottenTooWhenItBecomesFree() {
        fixture.mmu.load(ALIAS, 4, PrivilegeMode.S);
        assertThat(isFast(ALIAS)).isTrue();
        free();
        fixture.mmu.load(ALIAS, 4, PrivilegeMode.S);
        assertThat(noticed).containsExactly("f8124000 5000 4 LOAD");
    }

    @Test
    void aLargeBlockIsForgottenAtOnce() {
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        free.add(PA);
        watch.freed(0, 128);
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        assertThat(noticed).hasSize(1);
    }

    @Test
    void whatSomebodyHasIsNotNoticedAndIsFast() {
        free();
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        free.clear();
        noticed.clear();
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        fixture.mmu.store(VA, 4, 1, PrivilegeMode.S);
        assertThat(noticed).isEmpty();
        assertThat(isFast(VA)).isTrue();
    }

    @Test
    void firmwareMayTouchWhatItLikes() {
        free();
        fixture.mmu.load(PA, 4, PrivilegeMode.M);
        assertThat(noticed).isEmpty();
    }

    @Test
    void watchingLeavesNoTraceInTheMachine() {
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        byte[] before = fixture.everything();
        free();
        fixture.mmu.load(VA, 4, PrivilegeMode.S);
        assertThat(fixture.everything()).isEqualTo(before);
    }
}
