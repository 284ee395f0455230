package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.PageOwner.Owner;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lies outside the tested package, because the search for the caller skips that package's frames. */
@Timeout(60)
class PageOwnerTest {

    private static long pfn(KernelFixture fixture, long va) {
        return fixture.kernel().calls().virtToPhys(va) >>> 12;
    }

    @Test
    void aBlocksOwnerIsTheCallerItsTaskAndHart() {
        try (KernelFixture fixture = KernelFixture.options().harts(4).boot()) {
            long[] seen = new long[4];
            fixture.run(List.of(Job.of("allocating", 1 << 2, () -> {
                seen[0] = fixture.cpu().time();
                seen[1] = new Throwable().getStackTrace()[0].getLineNumber() + 1;
                seen[2] = fixture.kernel().calls().__getFreePages(Gfp.GFP_ATOMIC | Gfp.GFP_DMA, 3);
                seen[3] = fixture.cpu().time();
            })));
            Owner owner = fixture.kernel().mm().owners().of(fixture.peek(), pfn(fixture, seen[2]));
            assertThat(owner.site()).isEqualTo("PageOwnerTest.java:" + seen[1]);
            assertThat(owner.task()).isEqualTo("allocating");
            assertThat(owner.pid()).isPositive();
            assertThat(owner.hart()).isEqualTo(2);
            assertThat(owner.gfp()).isEqualTo(Gfp.GFP_ATOMIC | Gfp.GFP_DMA);
            assertThat(owner.ticks()).isBetween(seen[0], seen[3]);
        }
    }

    @Test
    void aSlabsOwnerIsWhoNeededItFirst() {
        try (KernelFixture fixture = KernelFixture.small()) {
            long[] object = new long[1];
            int[] line = new int[1];
            fixture.run(() -> {
                line[0] = new Throwable().getStackTrace()[0].getLineNumber() + 1;
                object[0] = fixture.kernel().calls().kmalloc(700, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
                check(object[0] != 0, "no memory");
            });
            long page = fixture.kernel().mm().memMap().virtToPage(object[0]);
            long head = fixture.kernel().mm().memMap().head(fixture.peek(), page);
            assertThat(fixture.kernel().mm().owners().of(fixture.peek(), fixture.kernel().mm().memMap().pageToPfn(head))
                    .site()).isEqualTo("PageOwnerTest.java:" + line[0]);
        }
    }

    @Test
    void aFreedBlockKeepsItsLastOwnerAndAnotherReplacesIt() {
        try (KernelFixture fixture = KernelFixture.small()) {
            long[] va = new long[1];
            fixture.run(List.of(Job.on(0, () -> {
                va[0] = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0);
                fixture.kernel().calls().freePages(va[0], 0);
            })));
            assertThat(fixture.kernel().mm().owners().of(fixture.peek(), pfn(fixture, va[0])).task())
                    .isEqualTo("hart-0");
            fixture.run(List.of(Job.of("second", 1,
                    () -> check(fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0) == va[0], "another page"))));
            assertThat(fixture.kernel().mm().owners().of(fixture.peek(), pfn(fixture, va[0])).task())
                    .isEqualTo("second");
        }
    }

    @Test
    void whatNobodyAllocatedHasNoOwner() {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThat(fixture.kernel().mm().owners().of(fixture.peek(), 0x400)).isNull();
        }
    }

    @Test
    void theCommandLineTurnsItOffAndThenItCostsNoMemory() {
        try (KernelFixture on = KernelFixture.small();
                KernelFixture off = KernelFixture.options().bootArguments("owners=off").boot()) {
            long[] va = new long[1];
            off.run(() -> va[0] = off.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0));
            assertThat(off.kernel().mm().owners().of(off.peek(), pfn(off, va[0]))).isNull();
            long saved = off.kernel().mm().zones().managed(off.peek(), 1)
                    - on.kernel().mm().zones().managed(on.peek(), 1);
            assertThat(saved).as("pages of page_ext, 64 bytes a frame").isEqualTo(64 << 20 >> 12 + 12 - 6);
        }
    }
}
