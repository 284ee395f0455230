package ferrite.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.MemoryEvent.Kind;
import ferrite.kernel.core.MemoryEvent.Source;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryEventsTest {

    private static void work(KernelFixture fixture) {
        fixture.run(() -> {
            long block = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, 3);
            long object = fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
            long area = fixture.kernel().calls().vmalloc(5000);
            fixture.kernel().calls().vfree(area);
            fixture.kernel().calls().kfree(object);
            fixture.kernel().calls().freePages(block, 3);
            fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 11);
        });
    }

    private static MemoryEvent one(List<MemoryEvent> events, Source source, Kind kind, int order) {
        List<MemoryEvent> found = events.stream().filter(event -> event.source() == source && event.kind() == kind
                && event.order() == order && event.site().startsWith("MemoryEventsTest.java:")
                && (source != Source.SLAB || "kmalloc-128".equals(event.cache()))).toList();
        assertThat(found).as(source + " " + kind + " of order " + order + " in " + events).hasSize(1);
        return found.get(0);
    }

    @Test
    void eachAllocatorTellsItsAllocationsFreesAndFailures() {
        try (KernelFixture fixture = KernelFixture.small()) {
            List<MemoryEvent> events = new ArrayList<>();
            fixture.events.memory().add(events::add);
            work(fixture);

            MemoryEvent block = one(events, Source.PAGE, Kind.ALLOC, 3);
            assertThat(block.bytes()).isEqualTo(8 * 4096);
            assertThat(block.gfp()).isEqualTo(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            assertThat(block.zone()).isEqualTo(Zones.DMA);
            assertThat(block.isZoneFallback()).isFalse();
            assertThat(block.va()).isEqualTo(fixture.kernel().base().space().virt(block.pa()));
            assertThat(one(events, Source.PAGE, Kind.FREE, 3).va()).isEqualTo(block.va());
            MemoryEvent object = one(events, Source.SLAB, Kind.ALLOC, 0);
            assertThat(object.bytes()).isEqualTo(100);
            assertThat(one(events, Source.SLAB, Kind.FREE, 0).va()).isEqualTo(object.va());
            MemoryEvent area = one(events, Source.VMALLOC, Kind.ALLOC, 0);
            assertThat(area.bytes()).isEqualTo(8192);
            MemoryEvent freed = one(events, Source.VMALLOC, Kind.FREE, 0);
            assertThat(freed.va()).isEqualTo(area.va());
            assertThat(freed.bytes()).isEqualTo(8192);
            assertThat(one(events, Source.PAGE, Kind.FAIL, 11).va()).isZero();
        }
    }

    @Test
    void aCacheWithChecksTellsEachFreeOnceAndNoDoubleFree() {
        try (KernelFixture fixture = KernelFixture.options().bootArguments("slub_debug=FZPU").boot()) {
            List<MemoryEvent> frees = new ArrayList<>();
            fixture.events.memory().add(event -> {
                if (event.kind() == Kind.FREE && "kmalloc-128".equals(event.cache())) {
                    frees.add(event);
                }
            });
            fixture.run(() -> {
                long object = fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
                fixture.kernel().calls().kfree(object);
                fixture.kernel().calls().kfree(object);
            });
            assertThat(fixture.takeViolations()).as("the double free is reported").hasSize(1);
            assertThat(frees).hasSize(1);
        }
    }

    @Test
    void listeningChangesNoRun() {
        List<Machine.Digest> digests = new ArrayList<>();
        for (boolean listens : new boolean[] {false, true}) {
            try (KernelFixture fixture = KernelFixture.small()) {
                List<Object> heard = new ArrayList<>();
                if (listens) {
                    fixture.events.memory().add(heard::add);
                    fixture.events.tasks().add(heard::add);
                    fixture.events.interrupts().add(heard::add);
                }
                work(fixture);
                assertThat(heard.isEmpty()).isEqualTo(!listens);
                digests.add(fixture.machine.digest());
            }
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
    }
}
