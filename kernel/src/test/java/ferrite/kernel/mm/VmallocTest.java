package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.TestDevice;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** vmalloc and ioremap: each sentence of the contract's row, and the reports of their misuse. */
@Timeout(60)
class VmallocTest {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int KILLED = 139;

    private KernelFixture fixture = KernelFixture.options().harts(2).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private void boot(KernelFixture.Options options) {
        fixture.close();
        fixture = options.boot();
    }

    private Vmalloc vmalloc() {
        return fixture.kernel().mm().vmalloc();
    }

    private int zoneOf(long va) {
        long page = vmalloc().vmallocToPage(va);
        check(page != 0, "no page at the address of the area");
        return fixture.kernel().mm().zones().zoneOf(fixture.memory(), fixture.kernel().calls().pageToPfn(page));
    }

    private void writeAndReadBack(long va, int pages) {
        for (int i = 0; i < pages; i++) {
            fixture.memory().store32(va + (long) i * PAGE, i + 1);
            fixture.memory().store32(va + (long) i * PAGE + PAGE - 4, ~i);
        }
        for (int i = 0; i < pages; i++) {
            check(fixture.memory().load32(va + (long) i * PAGE) == i + 1
                    && fixture.memory().load32(va + (long) i * PAGE + PAGE - 4) == ~i, "page " + i);
        }
    }

    @Test
    void itNeedsNoPagesThatFollowEachOther() {
        boot(KernelFixture.options().ram(8L << 20));
        fixture.run(() -> {
            List<Long> taken = new ArrayList<>();
            for (long page = fixture.kernel().calls().__getFreePage(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN); page != 0;
                    page = fixture.kernel().calls().__getFreePage(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN)) {
                taken.add(page);
            }
            taken.sort(null);
            taken.stream().filter(page -> (page / PAGE & 1) == 0).forEach(fixture.kernel().calls()::freePage);
            check(fixture.kernel().calls().__getFreePages(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN, 7) == 0,
                    "128 pages that follow each other are left");
            long va = vmalloc().vmalloc(128 * PAGE);
            check(va != 0, "no area");
            writeAndReadBack(va, 128);
            vmalloc().vfree(va);
            taken.stream().filter(page -> (page / PAGE & 1) != 0).forEach(fixture.kernel().calls()::freePage);
        });
    }

    @Test
    void itTakesHighMemoryFirstAndVmalloc32Never() {
        boot(KernelFixture.options().ram(64L << 20).lowEnd(48L << 20).bootArguments("zone_normal=" + (48 << 20)));
        fixture.run(() -> {
            long high = vmalloc().vmalloc(20 * PAGE);
            long low = vmalloc().vmalloc32(20 * PAGE);
            for (int i = 0; i < 20; i++) {
                check(zoneOf(high + (long) i * PAGE) == Zones.HIGHMEM, "page " + i + " is not of high memory");
                check(zoneOf(low + (long) i * PAGE) != Zones.HIGHMEM, "page " + i + " is of high memory");
            }
            writeAndReadBack(high, 20);
            vmalloc().vfree(high);
            vmalloc().vfree(low);
        });
    }

    @Test
    void vzallocGivesZerosWhereOthersHaveLeftSomething() {
        fixture.run(() -> {
            Set<Long> before = new HashSet<>();
            long dirty = vmalloc().vmalloc(32 * PAGE);
            for (int i = 0; i < 32; i++) {
                fixture.memory().fill(dirty + (long) i * PAGE, 0xff, PAGE);
                before.add(vmalloc().vmallocToPage(dirty + (long) i * PAGE));
            }
            vmalloc().vfree(dirty);
            long va = vmalloc().vzalloc(32 * PAGE);
            boolean again = false;
            for (int i = 0; i < 32; i++) {
                again |= before.contains(vmalloc().vmallocToPage(va + (long) i * PAGE));
                byte[] bytes = new byte[PAGE];
                fixture.memory().read(va + (long) i * PAGE, bytes, 0, PAGE);
                check(java.util.Arrays.equals(bytes, new byte[PAGE]), "page " + i + " is not zero");
            }
            check(again, "no page of those that were written was used again: this showed nothing");
            vmalloc().vfree(va);
        });
    }

    @Test
    void everythingIsGivenBack() {
        fixture.run(() -> vmalloc().vfree(vmalloc().vmalloc(8 * PAGE)));
        String before = fixture.accounting();
        String info = fixture.proc("vmallocinfo");
        fixture.run(() -> {
            for (int i = 1; i < 40; i++) {
                vmalloc().vfree(vmalloc().vmalloc((long) i * 1000));
            }
            vmalloc().vfree(0);
            fixture.kernel().calls().iounmap(0);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(fixture.proc("vmallocinfo")).isEqualTo(info);
        long stacks = fixture.kernel().mm().stacks().pages(fixture.peek());
        assertThat(fixture.proc("meminfo")).containsPattern("VmallocUsed: +" + stacks * PAGE / 1024 + " kB");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void whatCannotBeHadIsRefusedAndLeavesNothingBehind() {
        fixture.run(() -> vmalloc().vfree(vmalloc().vmalloc(PAGE)));
        String before = fixture.accounting();
        fixture.run(() -> {
            check(vmalloc().vmalloc(0) == 0, "of nothing");
            check(vmalloc().vmalloc(-1) == 0, "of a negative size");
            check(vmalloc().vmalloc(65L << 20) == 0, "of more than there is");
            check(vmalloc().vmalloc(63L << 20) == 0, "of more than is free");
            check(vmalloc().getVmArea(113L << 20) == 0, "of more addresses than there are");
            check(fixture.kernel().calls().ioremap(0x10_0000, PAGE) == 0, "ioremap of memory");
        });
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(String.join("\n", fixture.log)).contains("vmalloc error: size 68157440, exceeds total pages")
                .containsPattern("vmalloc error: size 66060288, failed to allocate pages, \\d+ of 16128 allocated");
    }

    @Test
    void everyHartSeesTheAreaThatOneHasMade() {
        long[] va = new long[1];
        fixture.run(List.of(Job.on(0, () -> {
            va[0] = vmalloc().vmalloc(4 * PAGE);
            writeAndReadBack(va[0], 4);
        })));
        fixture.run(List.of(Job.on(1, () -> {
            check(fixture.memory().load32(va[0] + 2 * PAGE) == 3, "another hart sees something else");
            vmalloc().vfree(va[0]);
        })));
    }

    @Test
    void theLastByteIsInsideAndTheNextIsInTheGuardPage() {
        long[] va = new long[1];
        fixture.run(() -> {
            va[0] = vmalloc().vmalloc(3 * PAGE);
            vmalloc().vmalloc(PAGE);
            fixture.memory().store8(va[0] + 3 * PAGE - 1, 1);
        });
        assertThat(fixture.violations).isEmpty();
        assertThat(fixture.exitCodeOf(() -> fixture.memory().store8(va[0] + 3 * PAGE, 1))).isEqualTo(KILLED);
        Violation report = fixture.takeViolations().get(0);
        assertThat(report.rule()).isEqualTo("area-overrun");
        assertThat(report.summary()).contains("0 bytes past the end");
        assertThat(report.facts().value("made_at")).startsWith("VmallocTest.java:");
        assertThat(String.join("\n", fixture.log)).contains("it is in the guard page of the area");
    }

    @Test
    void whoUsesAnAreaAfterVfreeFaultsOnEveryHartAndIsToldItsHistory() {
        long[] va = new long[1];
        fixture.run(() -> va[0] = vmalloc().vmalloc(2 * PAGE));
        // now each hart has the translation
        fixture.run(fixture.onEveryHart(hart -> fixture.memory().load32(va[0] + 4)));
        fixture.run(List.of(Job.on(0, () -> vmalloc().vfree(va[0]))));
        for (int hart = 0; hart < 2; hart++) {
            fixture.run(List.of(new Job("victim", 1 << hart, () -> fixture.memory().load32(va[0] + 4), true)));
            Violation report = fixture.takeViolations().get(0);
            assertThat(report.rule()).isEqualTo("area-use-after-free");
            assertThat(report.when().hart()).isEqualTo(hart);
            assertThat(report.facts().value("freed_at")).startsWith("VmallocTest.java:");
            assertThat(report.facts().value("made_at")).startsWith("VmallocTest.java:");
            assertThat(report.facts().value("site")).startsWith("VmallocTest.java:");
        }
        assertThat(fixture.log).filteredOn(line -> line.contains("Oops")).hasSize(2)
                .allMatch(line -> line.contains("it was in an area of vmalloc, freed at VmallocTest.java"));
    }

    @Test
    void whoUsesATranslationThatIsBeingTakenAwayIsReported() {
        long[] va = new long[1];
        long[] ready = new long[1];
        int[] value = new int[1];
        fixture.run(() -> {
            ready[0] = fixture.zeroed(8);
            va[0] = vmalloc().vmalloc(PAGE);
            fixture.memory().store32(va[0], 7);
        });
        fixture.run(List.of(
                Job.on(0, () -> {
                    while (fixture.memory().load32(ready[0]) == 0) {
                        fixture.cpu().relax();
                    }
                    vmalloc().vfree(va[0]);
                }),
                Job.on(1, () -> {
                    int irqs = fixture.cpu().irqSave();
                    for (int i = 0; i < 100; i++) {
                        fixture.memory().load32(va[0]);
                    }
                    check(fixture.violations.isEmpty(), "reported before anything was wrong");
                    fixture.memory().store32(ready[0], 1);
                    for (int i = 0; i < 100_000 && fixture.violations.isEmpty(); i++) {
                        value[0] = fixture.memory().load32(va[0]);
                    }
                    fixture.cpu().irqRestore(irqs);
                })));
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports.get(0).rule()).isEqualTo("stale-translation");
        assertThat(reports.get(0).when().hart()).isEqualTo(1);
        assertThat(reports.get(0).facts().value("freed_at")).startsWith("VmallocTest.java:");
        assertThat(value[0]).as("the access goes on as it would have").isEqualTo(7);
    }

    @Test
    void usingTheAreaUntilJustBeforeVfreeIsNotReported() {
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 30; i++) {
                long va = vmalloc().vmalloc(2 * PAGE);
                writeAndReadBack(va, 2);
                vmalloc().vfree(va);
            }
        }));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void vfreeInAnInterruptHandlerIsPutOffAndDoneALittleLater() {
        freeInAHandler();                              // the worker that frees it gets its stack
        String before = fixture.accounting();
        freeInAHandler();
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(fixture.violations).isEmpty();
    }

    private void freeInAHandler() {
        long[] va = new long[1];
        fixture.runUnderInterrupts(1000, () -> {
            if (va[0] != 0) {
                long mine = va[0];
                va[0] = 0;
                vmalloc().vfree(mine);
            }
        }, List.of(Job.on(0, () -> {
            va[0] = vmalloc().vmalloc(3 * PAGE);
            for (int i = 0; va[0] != 0 && i < 100_000; i++) {
                fixture.cpu().relax();
            }
            check(va[0] == 0, "the handler did not come");
        })));
        fixture.run(() -> { });
    }

    @Test
    void callsThatMaySleepAreReportedUnderASpinlock() {
        fixture.run(() -> {
            long lock = fixture.zeroed(4);
            long va = vmalloc().vmalloc(PAGE);
            fixture.kernel().base().driverLocks().lock(lock);
            vmalloc().vfree(va);
            fixture.kernel().base().driverLocks().unlock(lock);
        });
        assertThat(fixture.takeViolations()).singleElement().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("sleep-in-atomic");
            assertThat(report.summary()).contains("vfree");
        });
        fixture.run(() -> { });
        assertThat(fixture.proc("vmallocinfo")).doesNotContain("VmallocTest");
    }

    private List<String> rulesOf(Body body) {
        fixture.run(body);
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    @Test
    void eachWrongFreeIsNamed() {
        fixture.run(() -> {
            long va = vmalloc().vmalloc(4 * PAGE);
            long registers = fixture.kernel().calls().ioremap(0xf005_1000L, PAGE);
            long object = fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL);
            long pages = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0);
            vmalloc().vfree(object);
            vmalloc().vfree(pages);
            vmalloc().vfree(va + PAGE);
            vmalloc().vfree(va + 1);
            vmalloc().vfree(registers);
            fixture.kernel().calls().iounmap(va);
            fixture.kernel().calls().kfree(va);
            fixture.kernel().calls().freePages(va, 2);
            vmalloc().vfree(va);
            vmalloc().vfree(va);
            fixture.kernel().calls().iounmap(registers);
            fixture.kernel().calls().iounmap(registers);
            fixture.kernel().calls().kfree(object);
            fixture.kernel().calls().freePages(pages, 0);
        });
        assertThat(fixture.takeViolations().stream().map(Violation::rule))
                .containsExactly("area-bad-free", "area-bad-free", "area-bad-free", "area-bad-free", "area-bad-free",
                        "area-bad-free", "invalid-free", "page-bad-free", "area-double-free", "area-double-free");
        assertThat(rulesOf(() -> {
            fixture.kernel().calls().iounmap(fixture.kernel().calls().ioremap(0xf005_1234L, 8));
            vmalloc().vfree(vmalloc().vmalloc(1));
        })).isEmpty();
    }

    @Test
    void addressesOfAnAreaAreNoAddressesOfTheLinearMap() {
        fixture.run(() -> {
            long va = vmalloc().vmalloc(PAGE);
            String bug = KernelFixture.bugOf(() -> fixture.kernel().calls().virtToPhys(va));
            check(bug.contains("vmalloc_to_page"), bug);
            check(fixture.kernel().calls().virtToPage(va) == 0, "virt_to_page knows it");
            long page = vmalloc().vmallocToPage(va + 5);
            fixture.memory().store32(va + 8, 0x1234);
            check(fixture.memory().load32(fixture.kernel().calls().pageAddress(page) + 8) == 0x1234,
                    "vmalloc_to_page gives another page");
            check(vmalloc().vmallocToPage(va + PAGE) == 0
                    && vmalloc().vmallocToPage(fixture.kernel().calls().pageAddress(page)) == 0, "where there is none");
            check(vmalloc().vmallocToPage(fixture.timerRegisters()) == 0, "registers have no struct page");
            check(Vmalloc.isVmallocAddr(va) && !Vmalloc.isVmallocAddr(fixture.kernel().calls().pageAddress(page)),
                    "is_vmalloc_addr");
            vmalloc().vfree(va);
        });
    }

    @Test
    void ioremapShowsRegistersWhereTheyAreInTheirPage() {
        fixture.run(() -> {
            long whole = fixture.kernel().calls().ioremap(0xf005_1000L, PAGE);
            long part = fixture.kernel().calls().ioremap(0xf005_1000L + TestDevice.COUNT, 4);
            check((part & PAGE - 1) == TestDevice.COUNT, "another place");
            check(fixture.memory().load32(whole + TestDevice.COUNT) == fixture.memory().load32(part),
                    "another register");
            fixture.kernel().calls().iounmap(whole);
            fixture.kernel().calls().iounmap(part);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void ioremapPageRangeLetsAddressesLeadToFrames() {
        long[] area = new long[1];
        fixture.run(() -> {
            long block = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 1);
            long pa = fixture.kernel().calls().virtToPhys(block);
            area[0] = vmalloc().getVmArea(4 * PAGE);
            check(vmalloc().ioremapPageRange(area[0] + PAGE, area[0] + 3 * PAGE, pa, true) == 0, "refused");
            fixture.memory().store32(block + PAGE, 99);
            check(fixture.memory().load32(area[0] + 2 * PAGE) == 99, "they lead elsewhere");
            check(vmalloc().ioremapPageRange(area[0], area[0] + 2 * PAGE, pa, true) == -Errno.EBUSY, "mapped twice");
            check(vmalloc().ioremapPageRange(area[0] + 3 * PAGE, area[0] + 5 * PAGE, pa, true) == -Errno.EINVAL,
                    "into the guard page");
            check(vmalloc().ioremapPageRange(area[0] + 1, area[0] + 1 + PAGE, pa, true) == -Errno.EINVAL,
                    "not at a page");
            check(vmalloc().ioremapPageRange(block, block + PAGE, pa, true) == -Errno.EINVAL, "into the linear map");
            check(vmalloc().ioremapPageRange(area[0] + 3 * PAGE, area[0] + 4 * PAGE, pa, false) == 0, "read-only");
            check(fixture.memory().load32(area[0] + 3 * PAGE) == fixture.memory().load32(block), "reading it");
        });
        assertThat(fixture.exitCodeOf(() -> fixture.memory().store32(area[0] + 3 * PAGE, 1)))
                .as("a store to a read-only mapping").isEqualTo(KILLED);
        fixture.violations.clear();
        String before = fixture.accounting();
        fixture.run(() -> vmalloc().vfree(area[0]));
        assertThat(fixture.accounting().replaceAll(" .*", "")).as("the frames are still their owner's")
                .isEqualTo(before.replaceAll(" .*", ""));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void addressesAreFoundAsAPlainModelFindsThemAndInLogarithmicTime() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        TreeMap<Long, Long> model = new TreeMap<>();
        long[] cost = new long[2];
        List<Long> mine = new ArrayList<>();
        List<VmallocView.Area> areas = new ArrayList<>();
        fixture.run(() -> {
            fixture.proc("vmallocinfo").lines().forEach(line ->
                    model.put(Long.decode(line.substring(0, 10)), Long.decode(line.substring(11, 21))));
            for (int step = 0; step < 1500; step++) {
                boolean grow = step < 100 || random.nextInt(100) < (step < 1000 ? 75 : 35);
                if (grow || mine.isEmpty()) {
                    long bytes = (1L + random.nextInt(8)) * PAGE;
                    long ticks = fixture.cpu().time();
                    long va = vmalloc().getVmArea(bytes);
                    cost[step < 100 ? 0 : 1] = Math.max(cost[step < 100 ? 0 : 1], fixture.cpu().time() - ticks);
                    check(va == lowest(model, bytes + PAGE),
                            seed.replay("step " + step + ": 0x" + Long.toHexString(va)));
                    model.put(va, va + bytes + PAGE);
                    mine.add(va);
                } else {
                    long va = mine.remove(random.nextInt(mine.size()));
                    vmalloc().vfree(va);
                    model.remove(va);
                }
            }
            areas.addAll(vmalloc().view().areas(fixture.peek()));
        });
        assertThat(areas).hasSize(model.size());
        assertThat(areas.stream().map(VmallocView.Area::start)).containsExactlyElementsOf(model.keySet());
        assertThat(mine.size()).isGreaterThan(200);
        assertThat(cost[1]).as("ticks for one among hundreds, with %d for one among dozens", cost[0])
                .isLessThan(2 * cost[0]);
    }

    private static long lowest(TreeMap<Long, Long> model, long bytes) {
        long at = AddressSpace.VMALLOC_START + PAGE;
        for (var area : model.entrySet()) {
            if (area.getKey() - at >= bytes) {
                return at;
            }
            at = area.getValue();
        }
        return AddressSpace.VMALLOC_END - at >= bytes ? at : 0;
    }

    @Test
    void vmallocinfoIsLinuxs() {
        fixture.run(() -> vmalloc().vmalloc(5 * PAGE));
        String text = fixture.proc("vmallocinfo");
        assertThat(text.lines()).allMatch(line -> line.matches(
                "0x[0-9a-f]{8}-0x[0-9a-f]{8} [ 0-9]{7,} \\S+( pages=\\d+)?( phys=0x[0-9a-f]{8})? (vmalloc|ioremap)"));
        assertThat(text).containsPattern("(?m)^0x\\S+   24576 VmallocTest.java:\\d+ pages=5 vmalloc$")
                .containsPattern("(?m)^0x\\S+ +\\d+ plic_init phys=0xf4000000 ioremap$")
                .containsPattern("(?m)^0xf8001000-0xf8004000 +12288 dup_task_struct pages=2 vmalloc$");
        assertThat(text.lines().map(line -> line.substring(0, 10))).isSorted();
        assertThat(fixture.kernel().files().proc().file("vmallocinfo").report(fixture.peek()).children())
                .hasSize((int) text.lines().count());
    }

    @Test
    void aKernelThatAttachesFindsAreasAndTheirHistory() {
        long[] va = new long[2];
        fixture.run(() -> {
            va[0] = vmalloc().vmalloc(2 * PAGE);
            va[1] = vmalloc().vmalloc(PAGE);
            fixture.memory().store32(va[0], 42);
            vmalloc().vfree(va[1]);
        });
        String before = fixture.proc("vmallocinfo");
        fixture.reattach();
        assertThat(fixture.proc("vmallocinfo")).isEqualTo(before);
        fixture.run(() -> {
            check(fixture.memory().load32(va[0]) == 42, "another word");
            vmalloc().vfree(va[0]);
        });
        fixture.exitCodeOf(() -> fixture.memory().load32(va[1]));
        assertThat(fixture.takeViolations().get(0).rule()).isEqualTo("area-use-after-free");
    }

    @Test
    void mapsAndUnmapsOnEightHartsUnderRandomInterleavingGetEachOtherNeitherPagesNorAddresses() {
        boot(KernelFixture.options().harts(8).interleaving(ferrite.hardware.turn.Interleavings.RANDOM, 7));
        fixture.run(() -> { });
        String before = fixture.proc("vmallocinfo");
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < 12; i++) {
                int pages = 1 + (hart + i) % 4;
                long va = vmalloc().vmalloc((long) pages * PAGE);
                for (int page = 0; page < pages; page++) {
                    fixture.memory().store32(va + (long) page * PAGE, hart << 16 | i << 8 | page);
                }
                fixture.cpu().relax();
                for (int page = 0; page < pages; page++) {
                    check(fixture.memory().load32(va + (long) page * PAGE) == (hart << 16 | i << 8 | page),
                            "another hart has the page");
                }
                vmalloc().vfree(va);
            }
        }));
        assertThat(fixture.proc("vmallocinfo")).isEqualTo(before);
        assertThat(fixture.violations).isEmpty();
    }
}
