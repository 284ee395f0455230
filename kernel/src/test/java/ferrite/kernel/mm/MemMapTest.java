package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemMapTest {

    @Test
    void everyPageOfABlockFindsItsHead() {
        try (KernelFixture fixture = KernelFixture.small()) {
            MemMap memMap = fixture.kernel().mm().memMap();
            fixture.run(() -> {
                for (int order = 0; order < Zones.MAX_ORDER; order++) {
                    long head = fixture.kernel().mm().pages().allocPages(Gfp.GFP_KERNEL, order);
                    for (int i = 0; i < 1 << order; i++) {
                        check(memMap.head(fixture.peek(), head + (long) i * PageLayout.SIZE) == head,
                                "page " + i + " of a block of order " + order);
                    }
                    fixture.kernel().mm().pages().freePages(head, order);
                    check(memMap.head(fixture.peek(), head) != 0, "a free page's head");
                }
            });
            assertThat(memMap.head(fixture.peek(), memMap.pfnToPage(0))).isEqualTo(memMap.pfnToPage(0));
        }
    }

    @Test
    void onlyLowMemoryHasAnAddress() {
        try (KernelFixture fixture = KernelFixture.options().ram(1000L << 20).boot()) {
            MemMap memMap = fixture.kernel().mm().memMap();
            long last = (896L << 20 >> 12) - 1;
            assertThat(memMap.pageAddress(memMap.pfnToPage(last))).isEqualTo(0xf7ff_f000L);
            assertThat(memMap.pageAddress(memMap.pfnToPage(last + 1))).isZero();
            assertThat(memMap.virtToPage(0xf7ff_ffffL)).isEqualTo(memMap.pfnToPage(last));
            assertThat(memMap.virtToPage(0xf800_0000L)).isZero();
            assertThat(memMap.virtToPage(0xbfff_ffffL)).isZero();
            assertThat(memMap.virtToPage(0)).isZero();
            assertThat(memMap.isValid(1000L * 256 - 1)).isTrue();
            assertThat(memMap.isValid(1000L * 256)).isFalse();
        }
    }

    @Test
    void virtToPhysTakesTheLinearMapOnly() {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThat(fixture.kernel().calls().virtToPhys(0xc012_3456L)).isEqualTo(0x12_3456L);
            fixture.run(() -> check(bugOf(() -> fixture.kernel().calls().virtToPhys(fixture.timerRegisters()))
                    .contains("virt_to_phys of 0xf8"), "said something else"));
        }
    }
}
