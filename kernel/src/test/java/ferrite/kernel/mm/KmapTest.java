package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** High memory: kmap and kmap_atomic, each sentence of the contract's row, and their misuse. */
@Timeout(60)
class KmapTest {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int KILLED = 139;
    private static final long LOW_END = 48L << 20;

    private final KernelFixture fixture = KernelFixture.options().ram(64L << 20).harts(2).lowEnd(LOW_END)
            .bootArguments("zone_normal=" + LOW_END).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Kmap kmap() {
        return fixture.kernel().mm().kmap();
    }

    private long highPage() {
        long page = fixture.kernel().calls().allocPage(Gfp.GFP_HIGHUSER);
        check(page != 0 && fixture.kernel().mm().zones().zoneOf(fixture.memory(),
                fixture.kernel().calls().pageToPfn(page)) == Zones.HIGHMEM, "not of high memory");
        return page;
    }

    private long[] highPages(int count) {
        long[] pages = new long[count];
        for (int i = 0; i < count; i++) {
            pages[i] = highPage();
        }
        return pages;
    }

    private int wordOf(long page) {
        return fixture.machine.bus().peek(fixture.kernel().calls().pageToPfn(page) << 12, 4);
    }

    @Test
    void aPageHasAnAddressFromKmapToKunmap() {
        long[] page = new long[1];
        fixture.run(() -> {
            page[0] = highPage();
            check(fixture.kernel().calls().pageAddress(page[0]) == 0, "it has one before");
            long va = kmap().kmap(page[0]);
            check(fixture.kernel().calls().pageAddress(page[0]) == va, "page_address gives another");
            fixture.memory().store32(va, 1234);
            check(kmap().kmap(page[0]) == va, "a second kmap gives another");
            kmap().kunmap(page[0]);
            check(fixture.memory().load32(va) == 1234, "gone with the first of two kunmaps");
            kmap().kunmap(page[0]);
            check(fixture.kernel().calls().pageAddress(page[0]) == 0, "it has one after");
        });
        assertThat(wordOf(page[0])).isEqualTo(1234);
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aPageOfLowMemoryKeepsTheAddressThatItHas() {
        fixture.run(() -> {
            long page = fixture.kernel().calls().allocPage(Gfp.GFP_KERNEL);
            check(kmap().kmap(page) == fixture.kernel().calls().pageAddress(page), "kmap");
            kmap().kunmap(page);
            long va = kmap().kmapAtomic(page);
            check(va == fixture.kernel().calls().pageAddress(page) && fixture.kernel().base().context().isAtomic(),
                    "kmap_atomic");
            kmap().kunmapAtomic(va);
            check(!fixture.kernel().base().context().isAtomic(), "still atomic");
            fixture.kernel().calls().__freePage(page);
        });
    }

    @Test
    void anAccessAfterKunmapFaultsAndSaysWhichPageItWas() {
        long[] page = new long[1];
        long[] va = new long[1];
        fixture.run(() -> {
            page[0] = highPage();
            va[0] = kmap().kmap(page[0]);
            fixture.memory().store32(va[0], 5);
            kmap().kunmap(page[0]);
        });
        assertThat(fixture.exitCodeOf(() -> fixture.memory().load32(va[0] + 8))).isEqualTo(KILLED);
        String pfn = Long.toHexString(fixture.kernel().calls().pageToPfn(page[0]));
        Violation report = fixture.takeViolations().get(0);
        assertThat(report.rule()).isEqualTo("highmem-unmapped");
        assertThat(report.summary()).contains("high memory page pfn 0x" + pfn + " is not mapped");
        assertThat(report.facts().value("allocated_at")).startsWith("KmapTest.java:");
        assertThat(String.join("\n", fixture.log))
                .contains("high memory page pfn 0x" + pfn + " is not mapped: kunmap or kunmap_atomic has unmapped it");
    }

    @Test
    void anAddressMadeFromThePhysicalOneIsSaidToBeHighMemory() {
        assertThat(fixture.exitCodeOf(() -> fixture.memory().load32(AddressSpace.PAGE_OFFSET + LOW_END + 0x5000)))
                .isEqualTo(KILLED);
        assertThat(fixture.takeViolations().get(0).rule()).isEqualTo("highmem-unmapped");
        assertThat(String.join("\n", fixture.log))
                .contains("high memory page pfn 0x3005 is not mapped: the linear map ends before it");
        assertThat(fixture.exitCodeOf(() -> fixture.memory().load32(AddressSpace.PAGE_OFFSET + (65L << 20))))
                .isEqualTo(KILLED);
        assertThat(fixture.takeViolations()).extracting(Violation::rule).as("where there is no memory at all")
                .containsExactly("kernel-oops");
    }

    @Test
    void anotherHartThatGoesOnUsingTheAddressIsReported() {
        long[] page = new long[8];
        long[] va = new long[8];
        boolean[] done = new boolean[3];
        int[] stale = {page.length - 1};
        fixture.run(List.of(Job.on(1, () -> {          // ended first: the end of the other flushes the TLB
            await(done, 0);
            for (long each : va) {
                fixture.memory().load32(each);
            }
            check(fixture.violations.isEmpty(), "all are mapped");
            done[1] = true;
            await(done, 2);
            while (fixture.machine.peek(1).translate(va[stale[0]]) < 0) {
                // by now the hart's TLB has another entry in this place
                stale[0]--;
            }
            fixture.memory().load32(va[stale[0]]);
        }), Job.on(0, () -> {
            for (int i = 0; i < page.length; i++) {
                page[i] = highPage();
                va[i] = kmap().kmap(page[i]);
            }
            done[0] = true;
            await(done, 1);
            for (long each : page) {
                kmap().kunmap(each);
            }
            done[2] = true;
        })));
        expectStale(page[stale[0]]);
        fixture.reattach();                            // the watch is built again from RAM
        fixture.run(List.of(Job.on(1, () -> {
            AddressSpace space = fixture.kernel().base().space();
            int satp = RootLayout.SATP.get(fixture.peek(), fixture.kernel().base().root());
            long tables = space.virt(PageTables.root(satp));
            PageTables.mapPage(fixture.memory(), space, tables, va[stale[0]],
                    fixture.kernel().calls().pageToPfn(page[stale[0]]) << AddressSpace.PAGE_SHIFT);
            fixture.memory().load32(va[stale[0]]);
            check(fixture.violations.isEmpty(), "it is mapped");
            long entry = PageTables.entry(fixture.peek(), space, tables, va[stale[0]]);
            fixture.memory().store32(entry, fixture.memory().load32(entry) & ~Pte.V);
            fixture.memory().load32(va[stale[0]]);
        })));
        expectStale(page[stale[0]]);
    }

    private void await(boolean[] done, int which) {
        while (!done[which]) {
            fixture.kernel().calls().cpuRelax();
        }
    }

    private void expectStale(long page) {
        Violation report = fixture.takeViolations().get(0);
        assertThat(report.rule()).isEqualTo("stale-translation");
        assertThat(report.when().hart()).isEqualTo(1);
        assertThat(report.facts().value("pfn")).isEqualTo(Long.toString(fixture.kernel().calls().pageToPfn(page)));
    }

    @Test
    void whoWantsASlotWaitsUntilOneIsFree() {
        fixture.run(() -> {
            long[] pages = highPages(1025);
            long[] addresses = new long[1025];
            for (int i = 0; i < 1024; i++) {
                addresses[i] = kmap().kmap(pages[i]);
            }
            long task = fixture.kernel().tasks().tasks().create("waiter",
                    fixture.text("waiter", (ferrite.kernel.sched.TaskEntry) unused -> {
                        addresses[1024] = kmap().kmap(pages[1024]);
                        return 0;
                    }), 0, 3);
            for (int i = 0; i < 200; i++) {
                fixture.kernel().tasks().scheduler().schedule();
            }
            check(addresses[1024] == 0, "there were more than 1024 slots");
            kmap().kunmap(pages[77]);
            check(fixture.kernel().tasks().tasks().waitFor(task) == 0, "the waiter failed");
            check(addresses[1024] == addresses[77], "another slot");
            fixture.memory().store32(addresses[1024], 9);
            check(wordOf(pages[1024]) == 9 && wordOf(pages[77]) != 9, "the old translation was used");
        });
        assertThat(fixture.violations).isEmpty();
    }

    /** A flush reads the counts without their lock; found by the soak. */
    @Test
    void theCountOfAPageThatIsMappedIsNeverThatOfAnUnmappedOne() {
        KernelFixture.Options options = KernelFixture.options().ram(64L << 20).harts(4).lowEnd(LOW_END)
                .bootArguments("zone_normal=" + LOW_END).interleaving(Interleavings.RANDOM, 1);
        try (KernelFixture harts = options.boot()) {
            long[] page = new long[4];
            Set<Integer> counts = new TreeSet<>();
            harts.runLooking(harts.onEveryHart(hart -> {
                page[hart] = harts.kernel().calls().allocPage(Gfp.GFP_HIGHUSER);
                for (int i = 0; i < 1500; i++) {
                    harts.kernel().mm().kmap().kmap(page[hart]);
                    harts.kernel().mm().kmap().kunmap(page[hart]);
                }
            }), () -> {
                for (long each : page) {
                    long va = each == 0 ? 0 : PageLayout.VIRTUAL.get(harts.peek(), each);
                    if (va != 0) {
                        long state = harts.kernel().base().rootAddress(RootLayout.KMAP);
                        counts.add(KmapLayout.COUNTS.get(harts.peek(), state, KmapSlots.slot(va)));
                    }
                }
            });
            assertThat(counts).contains(2).doesNotContain(1);
            assertThat(harts.violations).isEmpty();
        }
    }

    @Test
    void aSlotThatIsGivenOutAgainShowsEveryHartItsNewPage() {
        long[] page = new long[8];
        long[] va = new long[8];
        fixture.run(List.of(Job.on(0, () -> {
            for (int i = 0; i < page.length; i++) {
                page[i] = highPage();
                va[i] = kmap().kmap(page[i]);
                fixture.memory().store32(va[i], i);
            }
        })));
        fixture.run(List.of(Job.on(1, () -> {
            for (int i = 0; i < va.length; i++) {
                check(fixture.memory().load32(va[i]) == i, "page " + i);
            }
        })));
        fixture.run(List.of(Job.on(0, () -> {
            for (long each : page) {
                kmap().kunmap(each);
            }
            long other = highPage();
            for (int i = 0; i < 1024 - 8; i++) {                                        // all other slots, once
                kmap().kmap(other);
                kmap().kunmap(other);
            }
            for (int i = 0; i < va.length; i++) {
                long next = highPage();
                check(kmap().kmap(next) == va[i], "another slot");
                fixture.memory().store32(va[i], 100 + i);
            }
        })));
        fixture.run(List.of(Job.on(1, () -> {
            for (int i = 0; i < va.length; i++) {
                check(fixture.memory().load32(va[i]) == 100 + i, "the page that was there before");
            }
        })));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void oneHartsAtomicMappingsAreNotInAnothersWay() {
        long[] words = new long[1];
        fixture.run(() -> words[0] = fixture.zeroed(8));
        fixture.run(fixture.onEveryHart(hart -> {
            for (int round = 1; round <= 5; round++) {
                List<Long> mapped = new ArrayList<>();
                for (long page : highPages(3 + hart)) {
                    mapped.add(kmap().kmapAtomic(page));
                    fixture.memory().store32(mapped.get(mapped.size() - 1), hart << 8 | mapped.size());
                }
                fixture.memory().store32(words[0] + 4L * hart, 2 * round - 1);
                while (fixture.memory().load32(words[0] + 4L * (1 - hart)) < 2 * round - 1) {
                    fixture.cpu().relax();
                }
                int first = round % 2;
                while (hart != first && fixture.memory().load32(words[0] + 4L * first) < 2 * round) {
                    // the harts take turns in unmapping first
                    fixture.cpu().relax();
                }
                for (int i = mapped.size() - 1; i >= 0; i--) {
                    check(fixture.memory().load32(mapped.get(i)) == (hart << 8 | i + 1), "another hart took the slot");
                    kmap().kunmapAtomic(mapped.get(i));
                }
                fixture.memory().store32(words[0] + 4L * hart, 2 * round);
                while (fixture.memory().load32(words[0] + 4L * (1 - hart)) < 2 * round) {
                    fixture.cpu().relax();
                }
            }
        }));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void slotsThatGoRoundNeverShowTheWrongPage() {
        fixture.run(fixture.onEveryHart(hart -> {
            long[] pages = highPages(8);
            for (int i = 0; i < 700; i++) {
                long page = pages[i % 8];
                long va = kmap().kmap(page);
                fixture.memory().store32(va, hart << 16 | i);
                check(wordOf(page) == (hart << 16 | i), "round " + i + " on hart " + hart);
                kmap().kunmap(page);
            }
        }));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void atomicMappingsNestPerHartAndEndInTheOppositeOrder() {
        fixture.run(fixture.onEveryHart(hart -> {
            long[] pages = highPages(Kmap.KM_MAX_IDX);
            List<Long> addresses = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < pages.length; i++) {
                    addresses.add(kmap().kmapAtomic(pages[i]));
                    fixture.memory().store32(addresses.get(i), hart << 8 | i);
                }
                check(addresses.stream().distinct().count() == pages.length, "two share a slot");
                check(KernelFixture.bugOf(() -> kmap().kmapAtomic(pages[0]))
                        .contains("more than 16 deep"), "a seventeenth");
                for (int i = pages.length - 1; i >= 0; i--) {
                    check(wordOf(pages[i]) == (hart << 8 | i), "page " + i);
                    kmap().kunmapAtomic(addresses.get(i) + 5);
                }
                addresses.clear();
                check(!fixture.kernel().base().context().isAtomic(), "still atomic");
            }
        }));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void anInterruptHandlerNestsItsOwnMappingOverTheTasks() {
        long[] pages = new long[2];
        int[] came = new int[1];
        fixture.run(() -> {
            pages[0] = highPage();
            pages[1] = highPage();
        });
        fixture.runUnderInterrupts(500, () -> {
            long va = kmap().kmapAtomic(pages[1]);
            fixture.memory().store32(va, ++came[0]);
            kmap().kunmapAtomic(va);
        }, List.of(Job.on(0, () -> {
            for (int i = 0; i < 300; i++) {
                long va = kmap().kmapAtomic(pages[0]);
                fixture.memory().store32(va, i);
                check(fixture.memory().load32(va) == i, "the handler took the slot");
                kmap().kunmapAtomic(va);
            }
        })));
        assertThat(came[0]).isGreaterThan(3);
        assertThat(wordOf(pages[1])).isEqualTo(came[0]);
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aFaultAfterKunmapAtomicNamesThePage() {
        long[] va = new long[1];
        fixture.run(() -> {
            va[0] = kmap().kmapAtomic(highPage());
            fixture.memory().load32(va[0]);
            kmap().kunmapAtomic(va[0]);
        });
        assertThat(fixture.exitCodeOf(() -> fixture.memory().store32(va[0], 1))).isEqualTo(KILLED);
        assertThat(fixture.takeViolations().get(0).rule()).isEqualTo("highmem-unmapped");
    }

    private List<Violation> reports(Body body) {
        fixture.run(body);
        return fixture.takeViolations();
    }

    @Test
    void anAtomicMappingHeldAcrossASleepIsReportedWithWhereItWasMade() {
        Violation report = reports(() -> {
            long va = kmap().kmapAtomic(highPage());
            fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(10, Gfp.GFP_KERNEL));
            kmap().kunmapAtomic(va);
        }).get(0);
        assertThat(report.rule()).isEqualTo("sleep-in-atomic");
        assertThat(report.line("context")).contains("kmap_atomic at KmapTest.java:");
        assertThat(reports(() -> {
            long va = kmap().kmapAtomic(highPage());
            fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(10, Gfp.GFP_ATOMIC));
            kmap().kunmapAtomic(va);
            fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(10, Gfp.GFP_KERNEL));
        })).isEmpty();
        assertThat(reports(() -> {
            long page = highPage();
            kmap().kmap(page);
            fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(10, Gfp.GFP_KERNEL));
            fixture.kernel().tasks().scheduler().schedule();
            kmap().kunmap(page);
        })).as("a kmap mapping may be held across a sleep").isEmpty();
    }

    @Test
    void kmapUnderASpinlockIsReported() {
        assertThat(reports(() -> {
            long lock = fixture.zeroed(4);
            long page = highPage();
            fixture.kernel().base().driverLocks().lock(lock);
            kmap().kmap(page);
            kmap().kunmap(page);
            fixture.kernel().base().driverLocks().unlock(lock);
        })).extracting(Violation::rule).containsExactly("sleep-in-atomic");
    }

    @Test
    void unmappingWhatIsNotMappedOrInTheWrongOrderIsReportedAndChangesNothing() {
        assertThat(reports(() -> {
            long[] pages = highPages(2);
            kmap().kunmap(pages[0]);
            long one = kmap().kmapAtomic(pages[0]);
            long two = kmap().kmapAtomic(pages[1]);
            kmap().kunmapAtomic(one);
            fixture.memory().store32(two, 3);
            kmap().kunmapAtomic(two);
            kmap().kunmapAtomic(one);
            kmap().kunmapAtomic(one);
            check(!fixture.kernel().base().context().isAtomic(), "still atomic");
        })).extracting(Violation::rule).containsExactly("kmap-bad-unmap", "kmap-bad-unmap", "kmap-bad-unmap");
    }

    @Test
    void kmallocAndCachesRefuseHighMemory() {
        assertThat(reports(() -> {
            check(fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0,
                    "kmalloc returned an object");
            check(fixture.kernel().calls().kmalloc(100_000, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0,
                    "kmalloc returned a block");
            long cache = fixture.kernel().calls().kmemCacheCreate("c", 40, 0, 0, 0);
            check(fixture.kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0,
                    "the cache returned an object");
            long object = fixture.kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            fixture.kernel().calls().kmemCacheFree(cache, object);
            check(fixture.kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0,
                    "the cache returned an object of its slab");
        })).extracting(Violation::rule).containsOnly("highmem-object").hasSize(4);
    }

    @Test
    void manyMapAtOnceUnderRandomInterleaving() {
        try (KernelFixture eight = KernelFixture.options().ram(64L << 20).harts(8)
                .interleaving(Interleavings.RANDOM, 3).lowEnd(LOW_END)
                .bootArguments("zone_normal=" + LOW_END).boot()) {
            long[] shared = new long[1];
            eight.run(() -> shared[0] = eight.kernel().calls().allocPage(Gfp.GFP_HIGHUSER));
            eight.run(eight.onEveryHart(hart -> {
                for (int i = 0; i < 40; i++) {
                    long va = eight.kernel().mm().kmap().kmap(shared[0]);
                    eight.memory().store32(va + 4L * hart, i);
                    check(eight.memory().load32(va + 4L * hart) == i, "another hart's page");
                    eight.kernel().mm().kmap().kunmap(shared[0]);
                }
            }));
            assertThat(eight.violations).isEmpty();
            eight.run(() -> check(eight.kernel().calls().pageAddress(shared[0]) == 0, "a mapping was left"));
        }
    }

    // ---- pages that are freed while they are mapped ----

    @Test
    void aPageThatIsFreedWhileKmapShowsItIsReported() {
        long[] page = new long[2];
        fixture.run(() -> {
            page[0] = highPage();
            kmap().kmap(page[0]);
            fixture.kernel().calls().__freePage(page[0]);
        });
        String pfn = Long.toHexString(fixture.kernel().calls().pageToPfn(page[0]));
        Violation report = fixture.takeViolations().get(0);
        assertThat(report.rule()).isEqualTo("page-freed-mapped");
        assertThat(report.summary())
                .startsWith("free of the high memory page pfn 0x" + pfn + ", which is mapped at 0xff");
        assertThat(report.line("mapped")).matches("by kmap at KmapTest.java:\\d+");
        assertThat(report.line("where")).contains("KmapTest.java:");
        assertThat(report.facts().value("allocated_at")).startsWith("KmapTest.java:");
        assertThat(report.line("instead")).startsWith("unmap it first");
        fixture.run(() -> {
            kmap().kunmap(page[0]);
            page[1] = fixture.kernel().calls().allocPages(Gfp.GFP_HIGHUSER, 2);
            long last = page[1] + 3 * 32;
            kmap().kmap(last);
            kmap().kunmap(last);
            fixture.kernel().calls().__freePages(page[1], 2);
        });
        assertThat(fixture.violations).as("unmapped first").isEmpty();
        fixture.run(() -> {
            page[1] = fixture.kernel().calls().allocPages(Gfp.GFP_HIGHUSER, 2);
            kmap().kmap(page[1] + 3 * 32);
            fixture.kernel().calls().__freePages(page[1], 2);
            kmap().kunmap(page[1] + 3 * 32);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsExactly("page-freed-mapped");
    }

    @Test
    void aReferenceThatIsGivenUpWhileAnotherIsHeldFreesNothing() {
        fixture.run(() -> {
            long page = highPage();
            kmap().kmap(page);
            fixture.kernel().calls().getPage(page);
            fixture.kernel().calls().__freePage(page);
            kmap().kunmap(page);
            fixture.kernel().calls().putPage(page);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aPageThatIsFreedWhileKmapAtomicShowsItIsReportedWhicheverHartFreesIt() {
        long[] page = new long[1];
        int[] step = {0};
        fixture.run(List.of(Job.on(0, () -> {
            page[0] = highPage();
            long va = kmap().kmapAtomic(page[0]);
            step[0] = 1;
            while (step[0] == 1) {
                fixture.cpu().relax();
            }
            kmap().kunmapAtomic(va);
        }), Job.on(1, () -> {
            while (step[0] == 0) {
                fixture.cpu().relax();
            }
            fixture.kernel().calls().__freePage(page[0]);
            step[0] = 2;
        })));
        Violation report = fixture.takeViolations().get(0);
        assertThat(report.rule()).isEqualTo("page-freed-mapped");
        assertThat(report.line("mapped"))
                .matches("by kmap_atomic on hart 0, which is atomic since kmap_atomic at KmapTest.java:\\d+");
        fixture.run(() -> {
            long again = highPage();
            long va = kmap().kmapAtomic(again);
            kmap().kunmapAtomic(va);
            fixture.kernel().calls().__freePage(again);
        });
        assertThat(fixture.violations).as("unmapped first").isEmpty();
    }
}
