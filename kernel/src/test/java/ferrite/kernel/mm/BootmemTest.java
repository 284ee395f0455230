package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.BootmemCalls;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Boot-time memory: each sentence of the contract's row, and its misuse. */
@Timeout(60)
class BootmemTest {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int MIB = 1 << 20;

    /** A driver that is linked into the kernel; it runs a test's allocations at boot. */
    private record Taker(Consumer<BootmemCalls> what) implements Driver {

        @Override
        public String name() {
            return "taker";
        }

        @Override
        public void reserveMemory(BootmemCalls bootmem) {
            what.accept(bootmem);
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) { }
    }

    private static KernelFixture.Options with(Consumer<BootmemCalls> what) {
        return KernelFixture.options().driver(() -> new Taker(what));
    }

    private static List<Bootmem.Piece> pieces(KernelFixture fixture) {
        return fixture.kernel().mm().bootmem().pieces(fixture.peek(), "taker");
    }

    private static List<Long> allThereIs(KernelFixture fixture) {
        List<Long> taken = new ArrayList<>();
        for (int order = 10; order >= 0; order--) {
            for (long block = fixture.kernel().calls().__getFreePages(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN, order); block
                    != 0; block = fixture.kernel().calls().__getFreePages(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN, order)) {
                for (int i = 0; i < 1 << order; i++) {
                    taken.add(block + (long) i * PAGE);
                }
            }
        }
        return taken;
    }

    @Test
    void aDriverTakesEightMebibytesInOnePieceAndKeepsThemWhereNothingLaterCould() {
        try (KernelFixture fixture = with(bootmem -> bootmem.allocBootmemPages(8 * MIB)).ram(24L * MIB).boot()) {
            Bootmem.Piece piece = pieces(fixture).get(0);
            assertThat(piece.bytes()).isEqualTo(8 * MIB);
            assertThat(piece.va() % PAGE).isZero();
            fixture.run(() -> {
                check(fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, 11) == 0,
                        "the page allocator returned a block of that size");
                check(fixture.kernel().calls().kmalloc(8 * MIB, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN) == 0,
                        "kmalloc returned a block of that size");
                for (int at = 0; at < 8 * MIB; at += PAGE) {
                    check(fixture.memory().load32(piece.va() + at) == 0, "not zero");
                    fixture.memory().store32(piece.va() + at, at);
                }
                List<Long> taken = allThereIs(fixture);
                check(taken.stream().noneMatch(page -> page >= piece.va() && page < piece.va() + piece.bytes()),
                        "the page allocator returned a page of it");
                taken.forEach(page -> fixture.memory().fill(page, 0xee, PAGE));
                for (int at = 0; at < 8 * MIB; at += PAGE) {
                    check(fixture.memory().load32(piece.va() + at) == at, "its bytes have changed");
                    check(PageLayout.FLAGS.get(fixture.memory(), fixture.kernel().calls().virtToPage(piece.va() + at))
                            == PageLayout.RESERVED, "not reserved");
                }
            });
            fixture.reattach();
            assertThat(pieces(fixture)).as("after attaching").containsExactly(piece);
            assertThat(fixture.violations).isEmpty();
            assertThat(String.join("\n", fixture.log)).contains("taker: alloc_bootmem_pages of 8388608 bytes at 0xc");
        }
    }

    @Test
    void theLowCallsGiveMemoryForDmaAndTheOthersLeaveItAlone() {
        try (KernelFixture fixture = with(bootmem -> {
            bootmem.allocBootmem(100);
            bootmem.allocBootmemLow(100);
            bootmem.allocBootmemPages(5000);
            bootmem.allocBootmemLowPages(5000);
            bootmem.allocBootmem(20);
            bootmem.allocBootmemLow(5000);
        }).boot()) {
            List<Long> addresses = pieces(fixture)
                    .stream().map(piece -> piece.va() - AddressSpace.PAGE_OFFSET).toList();
            assertThat(addresses).hasSize(6);
            KernelCalls calls = fixture.kernel().calls();
            fixture.run(() -> assertThat(List.of(calls.bootmemPieceSize("taker", 2),
                    calls.bootmemPieceSize("taker", 6))).containsExactly(5000, 0));
            for (int i = 0; i < 6; i++) {
                boolean low = i % 2 == 1;
                assertThat(addresses.get(i) < 16 * MIB).as("piece " + i).isEqualTo(low);
                assertThat(addresses.get(i) % (i == 2 || i == 3 ? PAGE : 64)).as("alignment of piece " + i).isZero();
            }
            for (int i = 0; i < 6; i++) {
                for (int other = 0; other < i; other++) {
                    Bootmem.Piece one = pieces(fixture).get(i);
                    Bootmem.Piece two = pieces(fixture).get(other);
                    assertThat(one.va() >= two.va() + two.bytes() || two.va() >= one.va() + one.bytes()).isTrue();
                }
            }
        }
    }

    @Test
    void onAMachineWithNothingButDmaMemoryThatIsTaken() {
        try (KernelFixture fixture = with(bootmem -> bootmem.allocBootmem(MIB)).ram(8L * MIB).boot()) {
            assertThat(pieces(fixture)).hasSize(1);
        }
    }

    @Test
    void whatIsFreedBeforeTheEndReachesThePageAllocator() {
        long[] managed = new long[3];
        for (int free = 0; free < 3; free++) {
            int how = free;
            try (KernelFixture fixture = with(bootmem -> {
                long pa = bootmem.allocBootmemPages(4 * MIB) - AddressSpace.PAGE_OFFSET;
                if (how == 1) {
                    bootmem.freeBootmem(pa, 4 * MIB);
                } else if (how == 2) {
                    bootmem.freeBootmem(pa + MIB + 1, 2 * MIB);
                }
            }).boot()) {
                managed[free] = fixture.kernel().mm().zones().managed(fixture.peek(), 0)
                        + fixture.kernel().mm().zones().managed(fixture.peek(), 1);
                assertThat(pieces(fixture)).hasSize(free == 0 ? 1 : free == 1 ? 0 : 2);
                assertThat(fixture.violations).isEmpty();
                fixture.run(() -> {
                    List<Long> taken = allThereIs(fixture);
                    pieces(fixture).forEach(piece -> check(taken.stream().noneMatch(page -> page + PAGE > piece.va()
                            && page < piece.va() + piece.bytes()), "given twice"));
                });
            }
        }
        assertThat(managed[1] - managed[0]).isEqualTo(4 * MIB / PAGE);
        assertThat(managed[2] - managed[0]).as("whole pages only").isEqualTo(2 * MIB / PAGE - 1);
    }

    @Test
    void afterBootEverythingIsRefusedInASentence() {
        try (KernelFixture fixture = with(bootmem -> { }).boot()) {
            String before = fixture.accounting();
            fixture.run(() -> {
                Bootmem bootmem = fixture.kernel().mm().bootmem();
                check(bootmem.allocBootmem(10) == 0 && bootmem.allocBootmemLow(10) == 0
                        && bootmem.allocBootmemPages(10) == 0 && bootmem.allocBootmemLowPages(10) == 0, "given");
                bootmem.freeBootmem(0x10_0000, PAGE);
            });
            List<Violation> reports = fixture.takeViolations();
            assertThat(reports).hasSize(5).allMatch(report -> report.rule().equals("bootmem-too-late"));
            assertThat(reports.get(0).summary()).isEqualTo("alloc_bootmem of 10 bytes, but boot is over");
            assertThat(reports.get(0).line("instead")).contains("reserveMemory").contains("vmalloc");
            assertThat(fixture.accounting()).isEqualTo(before);
        }
    }

    @Test
    void freeingWhatWasNotGivenIsReportedAndChangesNothing() {
        try (KernelFixture fixture = with(bootmem -> {
            long pa = bootmem.allocBootmemPages(2 * PAGE) - AddressSpace.PAGE_OFFSET;
            bootmem.freeBootmem(pa, 3 * PAGE);
            bootmem.freeBootmem(0x1000, PAGE);
            bootmem.freeBootmem(pa, 0);
            bootmem.freeBootmem(pa, PAGE);
            bootmem.freeBootmem(pa, PAGE);
        }).boot()) {
            assertThat(fixture.takeViolations()).extracting(Violation::rule)
                    .containsExactly("bootmem-bad-free", "bootmem-bad-free", "bootmem-bad-free", "bootmem-bad-free");
            assertThat(pieces(fixture)).singleElement().extracting(Bootmem.Piece::bytes).isEqualTo(PAGE);
        }
    }

    @Test
    void whatIsNotThereStopsBootAsInLinux() {
        Assertions.assertThatThrownBy(() -> with(bootmem -> bootmem.allocBootmem(65 * MIB)).boot())
                .hasMessageContaining(
                        "alloc_bootmem: no 68157440 contiguous bytes are free at boot for the driver taker");
    }
}
