package ferrite.hardware.hart;

import static ferrite.hardware.hart.MmuFixture.RW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A use of a translation that is no longer in the page table is detected, and the access is still performed. */
class TranslationWatchTest {

    private static final int VA = 0xf812_3000;
    private static final long ADDRESS = VA & 0xffff_ffffL;

    private final MmuFixture fixture = new MmuFixture();
    private final List<String> noticed = new ArrayList<>();
    private final TranslationWatch watch = new TranslationWatch(fixture.bus, List.of(fixture.hart),
            (hart, va, access) -> noticed.add(hart + " " + Long.toHexString(va) + " " + access));

    TranslationWatchTest() {
        fixture.map(VA, 0x5000, RW);
        fixture.mmu.store(ADDRESS, 4, 77, PrivilegeMode.S);
        fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S);
    }

    @Test
    void aStaleEntryIsReportedByLoadsAndStoresAndServesThem() {
        watch.begin(ADDRESS, 0x1000);
        fixture.set(MmuFixture.leafEntry(VA), 0);
        assertThat(fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S)).isEqualTo(77);
        fixture.mmu.store(ADDRESS + 4, 4, 1, PrivilegeMode.S);
        fixture.mmu.amo(ADDRESS + 8, 1, Integer::sum, PrivilegeMode.S);
        assertThat(noticed).containsExactly("0 f8123000 LOAD", "0 f8123004 STORE", "0 f8123008 STORE");
        assertThat(fixture.word(0x5004)).isEqualTo(1);
    }

    @Test
    void anEntryThatLeadsElsewhereNowIsStaleToo() {
        watch.begin(ADDRESS, 0x1000);
        fixture.set(MmuFixture.leafEntry(VA), Pte.of(0x6000, RW));
        fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S);
        assertThat(noticed).hasSize(1);
    }

    @Test
    void whatIsStillMappedIsNotReportedNorWhatNobodyWatches() {
        watch.begin(ADDRESS, 0x1000);
        fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S);
        fixture.mmu.store(ADDRESS, 4, 1, PrivilegeMode.S);
        watch.end(ADDRESS, 0x1000);
        fixture.set(MmuFixture.leafEntry(VA), 0);
        fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S);
        assertThat(noticed).isEmpty();
    }

    @Test
    void watchingLeavesNoTraceInTheMachine() {
        byte[] before = fixture.everything();
        watch.begin(ADDRESS, 0x1000);
        fixture.mmu.load(ADDRESS, 4, PrivilegeMode.S);
        watch.end(ADDRESS, 0x1000);
        assertThat(fixture.everything()).isEqualTo(before);
    }
}
