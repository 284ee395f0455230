package ferrite.kernel.vm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.vm.AddressSpaces.Placement;
import ferrite.kernel.vm.AddressSpaces.Wish;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Address spaces, copies to and from programs, and what drivers do with the memory of programs. */
@Timeout(60)
class UserSpaceTest {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int RW = VmFlags.VM_READ | VmFlags.VM_WRITE;
    private static final int SHARED = RW | VmFlags.VM_SHARED;

    private final KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private final List<String> calls = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls k() {
        return fixture.kernel().calls();
    }

    private UserSpace space() {
        return fixture.kernel().userSpace();
    }

    /** Runs code in a task with an empty address space, which ends with it. */
    private Body inSpace(Body body) {
        return () -> {
            space().spaces().use(space().spaces().create());
            body.run();
        };
    }

    private void run(Body body) {
        fixture.run(inSpace(body));
    }

    private long mm() {
        return TaskLayout.MM.get(fixture.memory(), fixture.cpu().tp());
    }

    private long map(int pages, int flags) {
        return space().spaces().map(mm(), new Wish(0, (long) pages * PAGE, flags, Placement.HINT), area -> 0);
    }

    private void put(long user, int value) {
        check(k().putUser(value, user) == 0, "put_user");
    }

    private int get(long user) {
        long word = fixture.zeroed(4);
        check(k().getUser(word, user) == 0, "get_user");
        return fixture.memory().load32(word);
    }

    // ---- copies ----

    @Test
    void copiesBringPagesInAndReturnTheBytesThatAreLeft() {
        run(() -> {
            long user = map(3, RW);
            long buffer = fixture.zeroed(2 * PAGE);
            check(k().copyFromUser(buffer, user + 100, 2 * PAGE) == 0, "zeros");
            fixture.memory().store32(buffer + PAGE, 77);
            check(k().copyToUser(user + PAGE, buffer, 2 * PAGE) == 0, "stored");
            check(get(user + 2 * PAGE) == 77, "read back");
            check(k().copyToUser(user + 2 * PAGE, buffer, 2 * PAGE) == PAGE, "a page is left");
            check(k().copyFromUser(buffer, user - PAGE, PAGE) == PAGE, "nothing is there");
            check(k().copyToUser(AddressSpace.PAGE_OFFSET, buffer, 4) == 4, "the kernel's memory");
            check(k().copyToUser(AddressSpace.PAGE_OFFSET - 2, buffer, 4) == 4, "across the end");
            check(k().copyToUser(0, buffer, 4) == 4 && k().copyToUser(-4, buffer, 4) == 4, "null, and negative");
            check(k().__copyToUser(user, buffer + PAGE, 4) == 0 && get(user) == 77, "__copy_to_user");
            check(k().__copyFromUser(buffer, user + 3 * PAGE - 4, 8) == 4, "__copy_from_user");
            check(k().clearUser(user + 3 * PAGE - 8, 16) == 8, "cleared");
            check(k().strncpyFromUser(buffer, user + 3 * PAGE - 4, 16) == 0, "an empty string");
            put(user + 3 * PAGE - 4, 0x41414141);
            check(k().strncpyFromUser(buffer, user + 3 * PAGE - 4, 16) == -Errno.EFAULT, "a string without an end");
            check(k().strncpyFromUser(buffer, user + 3 * PAGE - 4, 3) == 3, "three bytes of it");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aDriverThatAccessesThemDirectlyIsToldOfTheCopies() {
        long[] user = new long[1];
        assertThat(fixture.exitCodeOf(() -> {
            space().spaces().use(space().spaces().create());
            user[0] = map(1, RW);
            put(user[0], 1);
            fixture.memory().load32(user[0]);
        })).isEqualTo(139);
        assertThat(String.join("", fixture.log)).contains("load page fault at virtual address 0x40000000: "
                + "the memory of a program, which only copy_to_user, copy_from_user and their kin may access");
        assertThat(fixture.exitCodeOf(() -> fixture.memory().load32(user[0]))).isEqualTo(139);
        assertThat(fixture.log.get(fixture.log.size() - 2)).as("without a program")
                .doesNotContain("memory of a program");
    }

    @Test
    void aCopyInAnAtomicSectionIsReported() {
        run(() -> {
            long user = map(1, RW);
            long lock = fixture.zeroed(4);
            k().spinLock(lock);
            k().copyToUser(user, lock, 4);
            k().spinUnlock(lock);
        });
        assertThat(fixture.takeViolations()).extracting(each -> each.rule()).contains("sleep-in-atomic");
    }

    @Test
    void readOnlyMemoryIsNotWritten() {
        run(() -> {
            long user = map(1, VmFlags.VM_READ);
            long buffer = fixture.zeroed(4);
            check(k().copyToUser(user, buffer, 4) == 4, "read-only");
            check(space().spaces().protect(mm(), user, PAGE, RW) == 0, "mprotect");
            check(k().copyToUser(user, buffer, 4) == 0, "writable");
            check(space().spaces().protect(mm(), user, PAGE, 0) == 0, "mprotect");
            check(k().copyFromUser(buffer, user, 4) == 4, "no access");
            check(space().faults().handle(mm(), user, Access.FETCH) == FaultOutcome.NOT_ALLOWED, "no code");
        });
    }

    // ---- copy on write ----

    @Test
    void aCopyHasItsPagesUntilOneOfBothStores() {
        run(() -> {
            long own = map(4, RW);
            long shared = map(1, SHARED);
            put(own, 1);
            put(shared, 1);
            long parent = mm();
            long child = space().spaces().copy(parent);
            int rss = MmLayout.RSS.get(fixture.memory(), child);
            check(rss == 2, "pages of the child: " + rss);
            space().spaces().use(child);
            check(get(own) == 1, "the parent's value");
            put(own, 2);
            put(own + PAGE, 2);
            put(shared, 2);
            check(MmLayout.COPIES.get(fixture.memory(), child) == 1, "one copy");
            space().spaces().use(parent);
            check(get(own) == 1 && get(own + PAGE) == 0 && get(shared) == 2, "the parent's values");
            space().spaces().put(child);
            put(own, 3);
            check(MmLayout.COPIES.get(fixture.memory(), parent) == 0, "the last one needs no copy");
        });
    }

    // ---- drivers ----

    /** A device of three pages, mapped in three ways. */
    private final class Mapped implements FileOperations {

        private final int way;
        private final long pages;
        private final long operations;

        Mapped(int way) {
            this.way = way;
            this.pages = k().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 2);
            this.operations = fixture.text("mapped_vm_ops", new MappedAreas());
            k().cdevAdd("mapped", fixture.text("mapped_fops", this), 0);
        }

        @Override
        public int mmap(long file, long area) {
            long bytes = VmAreaLayout.VM_END.get(fixture.memory(), area)
                    - VmAreaLayout.VM_START.get(fixture.memory(), area);
            long at = VmAreaLayout.VM_PGOFF.get(fixture.memory(), area);
            if (at * PAGE + bytes > 3 * PAGE) {
                return -Errno.EINVAL;
            }
            VmAreaLayout.VM_OPS.set(fixture.memory(), area, way == 0 ? 0 : operations);
            calls.add("mmap");
            return way != 0 ? 0 : k().remapPfnRange(area, VmAreaLayout.VM_START.get(fixture.memory(), area),
                    (k().virtToPhys(pages) >>> 12) + at, bytes);
        }

        @Override
        public void release(long file) {
            calls.add("release");
        }

        private final class MappedAreas implements VmOperations {

            @Override
            public int fault(long area, long fault) {
                long at = VmFaultLayout.PGOFF.get(fixture.memory(), fault);
                calls.add("fault " + at);
                long page = k().virtToPage(pages + at * PAGE);
                if (at == 2) {
                    return VM_FAULT_SIGBUS;
                }
                if (way == 2) {
                    int result = k().vmInsertPage(area, VmFaultLayout.ADDRESS.get(fixture.memory(), fault), page);
                    return result == 0 ? VM_FAULT_NOPAGE : VM_FAULT_OOM;
                }
                k().getPage(page);
                VmFaultLayout.PAGE.set(fixture.memory(), fault, page);
                return FAULT_PAGE;
            }

            @Override
            public void open(long area) {
                calls.add("open");
            }

            @Override
            public void close(long area) {
                calls.add("close");
            }
        }

        void free() {
            k().cdevDel("mapped");
            k().freePages(pages, 2);
        }
    }

    private long mapFile(int pages, int at, int flags) {
        int file = fixture.kernel().files().open("/dev/mapped", Fcntl.O_RDWR);
        long user = space().spaces().map(mm(), new Wish(0, (long) pages * PAGE, flags, Placement.HINT), area -> {
            VmAreaLayout.VM_PGOFF.set(fixture.memory(), area, at);
            return fixture.kernel().files().programs().mmap(file, area);
        });
        fixture.kernel().files().close(file);
        return user;
    }

    @Test
    void aDriverMapsItsFramesAtOnce() {
        run(() -> {
            Mapped device = new Mapped(0);
            check(mapFile(4, 0, SHARED) == -Errno.EINVAL, "larger than the device");
            long user = mapFile(2, 1, SHARED);
            put(user + PAGE, 5);
            check(fixture.memory().load32(device.pages + 2 * PAGE) == 5, "the device has the store");
            space().spaces().map(mm(), new Wish(0, PAGE, RW, Placement.HINT), area -> {
                long start = VmAreaLayout.VM_START.get(fixture.memory(), area);
                check(k().remapPfnRange(area, start, 1, 2 * PAGE) == -Errno.EINVAL, "past the area");
                check(k().remapPfnRange(area, start + 1, 1, PAGE) == -Errno.EINVAL, "not at a page");
                check(k().remapPfnRange(area, start, 1, 0) == -Errno.EINVAL, "no bytes");
                check(k().ioRemapPfnRange(area, start, 1, PAGE) == 0, "a page");
                check(k().remapPfnRange(area, start, 1, PAGE) == -Errno.EBUSY, "again");
                check(k().vmInsertPage(area, start + PAGE, k().virtToPage(device.pages)) == -Errno.EFAULT, "past it");
                check(k().vmInsertPage(area, start, 0x1234) == -Errno.EINVAL, "no page");
                return -Errno.EIO;
            });
            check(space().spaces().unmap(mm(), user, 2 * PAGE) == 0, "munmap");
            check(k().getUser(fixture.zeroed(4), user) == -Errno.EFAULT, "gone");
            device.free();
        });
        assertThat(calls).containsExactly("release", "mmap", "release");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aDriverMapsPageByPage() {
        for (int way = 1; way <= 2; way++) {
            int how = way;
            calls.clear();
            run(() -> {
                Mapped device = new Mapped(how);
                long user = mapFile(3, 0, SHARED);
                put(user + PAGE, 5);
                check(fixture.memory().load32(device.pages + PAGE) == 5, "the device has the store");
                check(k().putUser(1, user + 2 * PAGE) == -Errno.EFAULT, "SIGBUS");
                long child = space().spaces().copy(mm());
                space().spaces().put(child);
                check(space().spaces().unmap(mm(), user, PAGE) == 0, "munmap");
                put(user + PAGE, 6);
                check(space().spaces().unmap(mm(), user, 3 * PAGE) == 0, "munmap");
                device.free();
            });
            assertThat(calls).containsExactly("mmap", "fault 1", "fault 2", "open", "close", "open", "close", "close",
                    "release");
            assertThat(fixture.violations).isEmpty();
        }
    }

    @Test
    void aStoreToAPrivateMappingReachesNoDevice() {
        run(() -> {
            Mapped device = new Mapped(1);
            long user = mapFile(2, 0, RW);
            fixture.memory().store32(device.pages, 9);
            check(get(user) == 9, "the device's value");
            put(user, 10);
            put(user + PAGE, 11);
            check(get(user) == 10 && fixture.memory().load32(device.pages) == 9
                    && fixture.memory().load32(device.pages + PAGE) == 0, "the program has copies");
            space().spaces().unmap(mm(), user, 2 * PAGE);
            device.free();
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void pinnedPagesStayAndTellTheDeviceTheSameAddress() {
        run(() -> {
            long user = map(3, RW);
            long pages = fixture.zeroed(16);
            put(user + PAGE, 4);
            check(k().pinUserPages(user + 12, 4, true, pages) == 3, "three of four pages exist");
            long second = fixture.memory().loadAddress(pages + 4);
            check(k().pinUserPages(user - PAGE, 1, true, pages + 12) == -Errno.EFAULT, "none");
            long child = space().spaces().copy(mm());
            put(user + PAGE, 5);
            long again = fixture.zeroed(4);
            check(k().getUserPages(user + PAGE, 1, false, again) == 1, "get_user_pages");
            check(fixture.memory().loadAddress(again) == second, "the pinned page is the parent's still");
            k().putPage(second);
            long va = k().kmap(second);
            check(fixture.memory().load32(va) == 5, "what the program wrote");
            fixture.memory().store32(va, 6);
            k().kunmap(second);
            check(get(user + PAGE) == 6, "what the device wrote");
            space().spaces().put(child);
            check(space().spaces().unmap(mm(), user, 3 * PAGE) == 0, "munmap");
            k().unpinUserPages(pages, 3);
            k().unpinUserPage(second);
        });
        assertThat(fixture.takeViolations()).extracting(each -> each.rule()).containsExactly("page-bad-free");
    }

    // ---- direct I/O ----

    private static final BusMaster DEVICE = new BusMaster("device", 32);

    private long device() {
        long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
        check(k().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32)) == 0, "the mask");
        return dev;
    }

    private void deviceWrites(long dma, int value, int bytes) {
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) value);
        fixture.machine.bus().write(DEVICE, dma, data, 0, bytes);
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(each -> each.rule()).toList();
    }

    /** Pins a page, lets the device transfer, and gives the page back in a way. */
    private long pageOfTransfer(int direction, boolean deviceWrites, Consumer<Long> giveBack) {
        long dev = device();
        long user = map(1, RW);
        put(user, 1);
        long pages = fixture.zeroed(4);
        check(k().pinUserPages(user, 1, true, pages) == 1, "pin_user_pages");
        long page = fixture.memory().loadAddress(pages);
        long dma = k().dmaMapPage(dev, page, 0, PAGE, direction);
        check(k().dmaMappingError(dev, dma) == 0, "dma_map_page");
        if (deviceWrites) {
            deviceWrites(dma, 9, 64);
        } else {
            fixture.machine.bus().load(DEVICE, dma, 4);
        }
        k().dmaUnmapPage(dev, dma, PAGE, direction);
        giveBack.accept(pages);
        return page;
    }

    @Test
    void aProgramReadsTheBytesThatADeviceWroteIntoItsPinnedPages() {
        run(() -> {
            long dev = device();
            long user = map(3, RW);
            put(user, 1);
            long pages = fixture.zeroed(12);
            check(k().pinUserPages(user, 3, true, pages) == 3, "pin_user_pages");
            long list = fixture.zeroed(3 * ScatterListLayout.SIZE);
            k().sgInitTable(list, 3);
            for (int i = 0; i < 3; i++) {
                k().sgSetPage(list + (long) ScatterListLayout.SIZE * i, fixture.memory().loadAddress(pages + 4L * i),
                        PAGE, 0);
            }
            int segments = k().dmaMapSg(dev, list, 3, DmaDirection.DMA_FROM_DEVICE);
            check(segments >= 1, "dma_map_sg");
            int value = 0x11;
            for (long entry = list, i = 0; i < segments; i++, entry = k().sgNext(entry)) {
                for (int at = 0; at < k().sgDmaLen(entry); at += PAGE) {
                    deviceWrites(k().sgDmaAddress(entry) + at, value, PAGE);
                    value += 0x11;
                }
            }
            k().dmaUnmapSg(dev, list, 3, DmaDirection.DMA_FROM_DEVICE);
            long first = fixture.memory().loadAddress(pages);
            check(!k().PageDirty(first), "dirty before");
            k().unpinUserPagesDirtyLock(pages, 3, true);
            check(k().PageDirty(first), "dirty after");
            check(get(user) == 0x1111_1111 && get(user + PAGE) == 0x2222_2222
                    && get(user + 3 * PAGE - 4) == 0x3333_3333, "what the program reads");
            check(space().spaces().unmap(mm(), user, 3 * PAGE) == 0, "munmap");
            check(!k().PageDirty(first), "dirty after the free");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aPageThatADeviceWroteToAndThatIsUnpinnedCleanIsReported() {
        run(() -> pageOfTransfer(DmaDirection.DMA_FROM_DEVICE, true, pages -> k().unpinUserPages(pages, 1)));
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports).extracting(Violation::rule).containsExactly("page-not-dirty");
        assertThat(reports.get(0).line("written")).contains("for writing, by dma_map_page at UserSpaceTest.java:");
        run(() -> pageOfTransfer(DmaDirection.DMA_BIDIRECTIONAL, true,
                pages -> k().unpinUserPagesDirtyLock(pages, 1, false)));
        assertThat(rules()).containsExactly("page-not-dirty");
    }

    @Test
    void aPageThatIsMarkedOrThatNoDeviceWroteToIsNotReported() {
        run(() -> {
            pageOfTransfer(DmaDirection.DMA_FROM_DEVICE, true, pages -> k().unpinUserPagesDirtyLock(pages, 1, true));
            pageOfTransfer(DmaDirection.DMA_FROM_DEVICE, true, pages -> {
                long page = fixture.memory().loadAddress(pages);
                check(k().setPageDirtyLock(page) == 1 && k().setPageDirtyLock(page) == 0, "set_page_dirty_lock");
                k().unpinUserPages(pages, 1);
            });
            pageOfTransfer(DmaDirection.DMA_BIDIRECTIONAL, false, pages -> k().unpinUserPages(pages, 1));
            pageOfTransfer(DmaDirection.DMA_TO_DEVICE, false, pages -> k().unpinUserPages(pages, 1));
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void theLastOfTwoDriversThatPinAPageMayBeTheOneThatMarksIt() {
        run(() -> {
            long again = fixture.zeroed(4);
            long other = map(1, RW);
            check(k().pinUserPages(other, 1, true, again) == 1 && k().pinUserPages(other, 1, true, again) == 1, "pin");
            long shared = fixture.memory().loadAddress(again);
            long dev = device();
            long dma = k().dmaMapPage(dev, shared, 0, PAGE, DmaDirection.DMA_FROM_DEVICE);
            check(k().dmaMappingError(dev, dma) == 0, "dma_map_page");
            deviceWrites(dma, 3, 4);
            k().dmaUnmapPage(dev, dma, PAGE, DmaDirection.DMA_FROM_DEVICE);
            k().unpinUserPage(shared);                 // by a driver that only reads
            k().SetPageDirty(shared);
            k().unpinUserPage(shared);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void onlyAllocatedPagesAreMarkedAndTheMarkHindersNoFree() {
        run(() -> {
            long page = k().allocPage(Gfp.GFP_KERNEL);
            check(k().setPageDirty(page) && !k().setPageDirty(page), "set_page_dirty");
            k().__freePage(page);
            check(!k().PageDirty(page), "after the free");
            long block = k().allocPages(Gfp.GFP_KERNEL, 1);
            k().SetPageDirty(block + 32);
            check(k().PageDirty(block) && k().PageDirty(block + 32), "the mark is the block's");
            k().__freePages(block, 1);
            long root = k().virtToPage(fixture.kernel().base().root());
            check(!k().PageReserved(block) && k().PageReserved(root), "the kernel's own");
        });
        assertThat(rules()).isEmpty();
        run(() -> {
            long page = k().allocPage(Gfp.GFP_KERNEL);
            k().__freePage(page);
            check(!k().setPageDirty(page), "a free page");
            check(k().setPageDirtyLock(0x1234) == 0, "no page");
        });
        assertThat(rules()).containsExactly("page-bad-reference", "page-bad-reference");
    }

    // ---- areas ----

    /** The areas, in pages from BASE on, with w for writable ones. Compares the counters with them. */
    private List<String> ranges() {
        List<String> ranges = new ArrayList<>();
        int total = 0;
        for (long area : UserSpace.areas(fixture.memory(), mm())) {
            long start = VmAreaLayout.VM_START.get(fixture.memory(), area);
            long end = VmAreaLayout.VM_END.get(fixture.memory(), area);
            boolean writes = (VmAreaLayout.VM_FLAGS.get(fixture.memory(), area) & VmFlags.VM_WRITE) != 0;
            ranges.add((start - BASE) / PAGE + "-" + (end - BASE) / PAGE + (writes ? "w" : ""));
            total += (int) (end - start) / PAGE;
        }
        check(MmLayout.MAP_COUNT.get(fixture.memory(), mm()) == ranges.size(), "map_count");
        check(MmLayout.TOTAL_VM.get(fixture.memory(), mm()) == total, "total_vm");
        return ranges;
    }

    private long mapAt(int page, int pages, int flags, Placement placement) {
        return space().spaces().map(mm(), new Wish(BASE + (long) page * PAGE, (long) pages * PAGE, flags, placement),
                area -> 0);
    }

    private void checkRanges(String... expected) {
        check(ranges().equals(List.of(expected)), ranges() + " instead of " + List.of(expected));
    }

    @Test
    void neighboursOfTheSameKindAreOneArea() {
        run(() -> {
            mapAt(0, 1, RW, Placement.FIXED);
            mapAt(2, 1, RW, Placement.FIXED);
            put(BASE, 1);
            put(BASE + 2 * PAGE, 3);
            checkRanges("0-1w", "2-3w");
            mapAt(1, 1, RW, Placement.FIXED);
            checkRanges("0-3w");
            check(get(BASE) == 1 && get(BASE + PAGE) == 0 && get(BASE + 2 * PAGE) == 3, "their pages stay");
            check(space().spaces().protect(mm(), BASE + PAGE, PAGE, VmFlags.VM_READ) == 0, "mprotect");
            checkRanges("0-1w", "1-2", "2-3w");
            check(space().spaces().protect(mm(), BASE, 3 * PAGE, VmFlags.VM_READ) == 0, "mprotect");
            checkRanges("0-3");
            check(space().spaces().unmap(mm(), BASE, 3 * PAGE) == 0, "munmap");
            checkRanges();
        });
    }

    @Test
    void neighboursOfOtherKindsStayApart() {
        run(() -> {
            Mapped device = new Mapped(1);
            mapAt(0, 1, RW, Placement.FIXED);
            mapAt(1, 1, VmFlags.VM_READ, Placement.FIXED);
            mapAt(2, 1, SHARED, Placement.FIXED);
            mapAt(3, 1, SHARED, Placement.FIXED);
            mapAt(4, 1, RW | VmFlags.VM_GROWSDOWN, Placement.FIXED);
            mapAt(5, 1, RW | VmFlags.VM_GROWSDOWN, Placement.FIXED);
            for (int page = 6; page < 8; page++) {
                space().spaces().map(mm(), new Wish(BASE + (long) page * PAGE, PAGE, RW, Placement.FIXED), area -> {
                    VmAreaLayout.VM_PRIVATE_DATA.set(fixture.memory(), area, 1);
                    return 0;
                });
            }
            check(ranges().size() == 8, "areas: " + ranges());
            long file = mapFile(2, 0, RW);
            space().spaces().map(mm(), new Wish(file + 2 * PAGE, PAGE, RW, Placement.FIXED), area -> 0);
            check(ranges().size() == 10, "areas: " + ranges());
            space().spaces().unmap(mm(), file, PAGE * 2);
            device.free();
        });
    }

    @Test
    void theHeapGrowsAndShrinksBesideOtherMemory() {
        run(() -> {
            mapAt(0, 2, RW, Placement.FIXED);
            MmLayout.START_BRK.set(fixture.memory(), mm(), BASE + 2 * PAGE);
            MmLayout.BRK.set(fixture.memory(), mm(), BASE + 2 * PAGE);
            check(space().spaces().brk(mm(), BASE + 4 * PAGE + 4) == BASE + 4 * PAGE + 4, "brk");
            checkRanges("0-5w");
            put(BASE + 4 * PAGE, 1);
            check(space().spaces().brk(mm(), BASE + 3 * PAGE) == BASE + 3 * PAGE, "less");
            checkRanges("0-3w");
            check(space().spaces().protect(mm(), BASE + 2 * PAGE, PAGE, VmFlags.VM_READ) == 0, "mprotect");
            check(space().spaces().brk(mm(), BASE + 5 * PAGE) == BASE + 5 * PAGE, "more");
            checkRanges("0-2w", "2-3", "3-5w");
            check(get(BASE + 4 * PAGE) == 0, "zeros");
            mapAt(6, 1, VmFlags.VM_READ, Placement.FIXED);
            check(space().spaces().brk(mm(), BASE + 7 * PAGE) == BASE + 5 * PAGE, "something is there");
        });
    }

    @Test
    void manyMappingsFindTheirAddressesInOneWalk() {
        run(() -> {
            List<Long> expected = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                expected.add(map(1, i % 2 == 0 ? RW : VmFlags.VM_READ));
                check(expected.get(i) == expected.get(0) + (long) i * PAGE, "one after the other");
            }
            space().spaces().unmap(mm(), expected.get(20), PAGE);
            space().spaces().unmap(mm(), expected.get(40), 2 * PAGE);
            check(map(2, RW) == expected.get(40), "the first hole of two pages");
            check(map(1, RW) == expected.get(20), "the first hole");
            check(map(1 << 19, RW) == -Errno.ENOMEM, "no hole is so large");
            long few = ticksOfMappings(100);
            ticksOfMappings(200);
            long many = ticksOfMappings(100);
            check(many < 6 * few, "four times as many areas: " + few + " ticks, then " + many);
        });
    }

    private long ticksOfMappings(int count) {
        long before = fixture.machine.moment().ticks();
        for (int i = 0; i < count; i++) {
            map(1, i % 2 == 0 ? RW : VmFlags.VM_READ);
        }
        return fixture.machine.moment().ticks() - before;
    }

    @Test
    void aFixedMappingReplacesNothingIfItIsAskedNotTo() {
        run(() -> {
            mapAt(1, 1, RW, Placement.FIXED);
            put(BASE + PAGE, 5);
            check(mapAt(0, 2, RW, Placement.FIXED_NOREPLACE) == -Errno.EEXIST, "the end is taken");
            check(mapAt(1, 2, RW, Placement.FIXED_NOREPLACE) == -Errno.EEXIST, "the beginning is taken");
            check(get(BASE + PAGE) == 5, "it stays");
            checkRanges("1-2w");
            check(mapAt(0, 1, RW, Placement.FIXED_NOREPLACE) == BASE, "before it");
            check(mapAt(2, 1, RW, Placement.FIXED_NOREPLACE) == BASE + 2 * PAGE, "after it");
            check(mapAt(1, 1, RW, Placement.HINT) != BASE + PAGE, "a hint is one");
            check(space().spaces().map(mm(), new Wish(BASE + 1, PAGE, RW, Placement.FIXED_NOREPLACE), area -> 0)
                    == -Errno.EINVAL, "not at a page");
            check(space().spaces().map(mm(), new Wish(AddressSpace.PAGE_OFFSET - PAGE, PAGE, RW,
                    Placement.FIXED_NOREPLACE), area -> 0) == -Errno.ENOMEM, "past the program's addresses");
        });
    }

    @Test
    void protectionChangesUpToAHole() {
        run(() -> {
            mapAt(0, 2, RW, Placement.FIXED);
            mapAt(3, 1, RW, Placement.FIXED);
            check(space().spaces().protect(mm(), BASE + PAGE, 3 * PAGE, VmFlags.VM_READ) == -Errno.ENOMEM, "a hole");
            checkRanges("0-1w", "1-2", "3-4w");
            check(k().putUser(1, BASE + PAGE) == -Errno.EFAULT, "before the hole");
            put(BASE, 1);
            put(BASE + 3 * PAGE, 1);
            check(space().spaces().protect(mm(), BASE + 2 * PAGE, 2 * PAGE, 0) == -Errno.ENOMEM, "begins in the hole");
            put(BASE + 3 * PAGE, 2);
            check(space().spaces().protect(mm(), BASE + 2 * PAGE, 0, 0) == 0, "no bytes");
        });
    }

    @Test
    void droppedPagesOfPrivateMemoryAreZerosAgain() {
        run(() -> {
            mapAt(0, 3, RW, Placement.FIXED);
            mapAt(4, 1, SHARED, Placement.FIXED);
            for (int page : new int[] {0, 1, 2, 4}) {
                put(BASE + (long) page * PAGE, page + 1);
            }
            int rss = MmLayout.RSS.get(fixture.memory(), mm());
            check(space().spaces().dropPages(mm(), BASE + PAGE, 1) == 0, "one page");
            check(MmLayout.RSS.get(fixture.memory(), mm()) == rss - 1, "its memory is free");
            check(get(BASE) == 1 && get(BASE + PAGE) == 0 && get(BASE + 2 * PAGE) == 3, "it has zeros");
            checkRanges("0-3w", "4-5w");
            check(space().spaces().dropPages(mm(), BASE + 2 * PAGE, 3 * PAGE) == -Errno.ENOMEM, "a hole");
            check(get(BASE + 2 * PAGE) == 0 && get(BASE + 4 * PAGE) == 5, "shared memory stays");
            check(space().spaces().dropPages(mm(), BASE + 4, PAGE) == -Errno.EINVAL, "not at a page");
            check(space().spaces().dropPages(mm(), BASE, 0) == 0 && get(BASE) == 1, "no bytes");
            check(space().spaces().dropPages(mm(), BASE, (1L << 32) - BASE) == -Errno.EINVAL, "past all addresses");
        });
    }

    @Test
    void droppedPagesOfAPrivateMappingComeFromTheDeviceAgain() {
        run(() -> {
            Mapped device = new Mapped(1);
            long own = mapFile(2, 0, RW);
            long shared = mapFile(2, 0, SHARED);
            fixture.memory().store32(device.pages, 7);
            put(own, 8);
            calls.clear();
            check(space().spaces().dropPages(mm(), own, PAGE) == 0 && get(own) == 7, "the device's value");
            put(shared, 9);
            check(space().spaces().dropPages(mm(), shared, PAGE) == 0 && get(shared) == 9, "shared");
            space().spaces().unmap(mm(), own, 2 * PAGE);
            space().spaces().unmap(mm(), shared, 2 * PAGE);
            device.free();
        });
        assertThat(calls).startsWith("fault 0", "fault 0", "close");
        run(() -> {
            Mapped device = new Mapped(0);
            long frames = mapFile(1, 0, SHARED);
            check(space().spaces().dropPages(mm(), frames, PAGE) == -Errno.EINVAL, "frames of a driver");
            put(frames, 1);
            space().spaces().unmap(mm(), frames, PAGE);
            device.free();
        });
        assertThat(fixture.violations).isEmpty();
    }

    private long mapNode(String path, int flags) {
        int file = fixture.kernel().files().open(path, Fcntl.O_RDWR);
        long user = space().spaces().map(mm(), new Wish(0, 2 * PAGE, flags, Placement.HINT),
                area -> fixture.kernel().files().programs().mmap(file, area));
        fixture.kernel().files().close(file);
        return user;
    }

    @Test
    void devZeroIsMappedAsZeroedMemoryAndItsNeighboursAreNot() {
        run(() -> {
            long own = mapNode("/dev/zero", RW);
            check(MmLayout.RSS.get(fixture.memory(), mm()) == 0, "no pages yet");
            long shared = mapNode("/dev/zero", SHARED);
            check(MmLayout.RSS.get(fixture.memory(), mm()) == 2, "all pages of shared memory");
            check(get(own) == 0 && get(shared + PAGE) == 0, "zeros");
            put(own, 1);
            map(1, SHARED);
            map(1, RW);
            check(mapNode("/dev/zero", RW) > 0 && ranges().size() == 5, "files stay apart: " + ranges());
            long parent = mm();
            long child = space().spaces().copy(parent);
            space().spaces().use(child);
            put(own, 2);
            put(shared, 3);
            space().spaces().use(parent);
            space().spaces().put(child);
            check(get(own) == 1 && get(shared) == 3, "private and shared");
            check(mapNode("/dev/null", RW) == -Errno.ENODEV, "/dev/null");
            check(mapNode("/dev/full", RW) == -Errno.ENODEV, "/dev/full, as in Linux");
        });
        assertThat(fixture.violations).isEmpty();
    }

    // ---- wrong drivers ----

    /** Answers faults with what the test wants. */
    private final class Answering implements VmOperations {

        private final LongSupplier answer;

        Answering(LongSupplier answer) {
            this.answer = answer;
        }

        @Override
        public int fault(long area, long fault) {
            VmFaultLayout.PAGE.set(fixture.memory(), fault, answer.getAsLong());
            return FAULT_PAGE;
        }
    }

    /** Lets a program access a page for which the driver has an answer. */
    private FaultOutcome outcome(LongSupplier answer) {
        long operations = fixture.text("answering_vm_ops", new Answering(answer));
        long user = space().spaces().map(mm(), new Wish(0, PAGE, SHARED, Placement.HINT), area -> {
            VmAreaLayout.VM_OPS.set(fixture.memory(), area, operations);
            return 0;
        });
        FaultOutcome outcome = space().faults().handle(mm(), user, Access.STORE);
        check(space().spaces().unmap(mm(), user, PAGE) == 0, "munmap");
        return outcome;
    }

    @Test
    void aFaultThatIsAnsweredWithNoPageIsReportedAndEndsInSigbus() {
        run(() -> {
            long page = k().__getFreePage(Gfp.GFP_KERNEL);
            check(outcome(() -> page) == FaultOutcome.NOTHING_THERE, "an address");
            check(outcome(() -> 0x12345678) == FaultOutcome.NOTHING_THERE, "garbage");
            k().freePage(page);
            check(outcome(() -> k().virtToPage(page)) == FaultOutcome.NOTHING_THERE, "a free page");
            List<Long> objects = new ArrayList<>();
            do {
                objects.add(k().kmalloc(2048, Gfp.GFP_KERNEL));
            } while (PageLayout.FLAGS.get(fixture.memory(), k().virtToPage(objects.get(objects.size() - 1))) != 0);
            long inner = k().virtToPage(objects.get(objects.size() - 1));
            check(outcome(() -> inner) == FaultOutcome.NOTHING_THERE, "an inner page of a slab");
            objects.forEach(k()::kfree);
        });
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports).extracting(Violation::rule).hasSize(4).containsOnly("page-bad-reference");
        assertThat(reports.get(0).summary()).contains("the fault operation of answering_vm_ops answered with 0xc",
                "which is not a struct page");
        assertThat(reports.get(0).line("where")).startsWith("at UserSpaceTest$Answering.fault, in task ");
        assertThat(reports).extracting(report -> report.line("instead"))
                .containsOnly("store a page with a reference: get_page(virt_to_page(va))");
        assertThat(reports.get(2).summary()).contains("which is not allocated");
        assertThat(reports.get(3).summary()).contains("which belongs to a slab");
    }

    @Test
    void aFaultThatIsAnsweredWithAPageOfABlockIsNotReported() {
        run(() -> {
            long block = k().__getFreePages(Gfp.GFP_KERNEL, 1);
            long page = k().virtToPage(block + PAGE);
            check(outcome(() -> {
                k().getPage(page);
                return page;
            }) == FaultOutcome.REPEAT, "the second page of a block");
            k().freePages(block, 1);
        });
        assertThat(rules()).isEmpty();
    }

    // ---- all of it at once ----

    /** Compares an address space with a map of words, under random operations. */
    @Test
    void randomOperationsAgreeWithAModel() {
        Seed seed = Seed.fresh();
        List<Job> jobs = new ArrayList<>();
        for (int task = 0; task < 4; task++) {
            Random random = new Random(seed.value() + task);
            jobs.add(Job.of("model" + task, 3, inSpace(() -> compare(random, seed))));
        }
        String before = fixture.accounting();
        fixture.run(jobs);
        assertThat(fixture.accounting()).as(seed.replay("memory")).isEqualTo(before);
        assertThat(fixture.violations).isEmpty();
    }

    private static final long BASE = 0x1000_0000L;
    private static final int PAGES = 12;

    /** An address space, the value of the first word of each page that is mapped, and the pages that are writable. */
    private record Model(long mm, TreeMap<Integer, Integer> mapped, TreeMap<Integer, Boolean> writable) {

        /** The areas of these pages: each is as large as it can be. */
        List<String> ranges() {
            List<String> ranges = new ArrayList<>();
            for (int page = 0, end; page < PAGES; page = end) {
                end = page + 1;
                while (writable.containsKey(page) && writable.get(page).equals(writable.get(end))) {
                    end++;
                }
                if (writable.containsKey(page)) {
                    ranges.add(page + "-" + end + (writable.get(page) ? "w" : ""));
                }
            }
            return ranges;
        }
    }

    private void compare(Random random, Seed seed) {
        List<Model> models = new ArrayList<>(List.of(new Model(mm(), new TreeMap<>(), new TreeMap<>())));
        for (int step = 0; step < 1000; step++) {
            Model model = models.get(random.nextInt(models.size()));
            TreeMap<Integer, Integer> mapped = model.mapped;
            TreeMap<Integer, Boolean> writable = model.writable;
            space().spaces().use(model.mm);
            int first = random.nextInt(PAGES);
            int count = 1 + random.nextInt(Math.min(4, PAGES - first));
            long at = BASE + (long) first * PAGE;
            switch (random.nextInt(16)) {
                case 0 -> {
                    boolean writes = random.nextBoolean();
                    check(space().spaces().map(mm(), new Wish(at, (long) count * PAGE, writes ? RW : VmFlags.VM_READ,
                            Placement.FIXED), area -> 0) == at, "map");
                    for (int page = first; page < first + count; page++) {
                        mapped.put(page, 0);
                        writable.put(page, writes);
                    }
                }
                case 1 -> {
                    check(space().spaces().unmap(mm(), at, (long) count * PAGE) == 0, "unmap");
                    mapped.subMap(first, first + count).clear();
                    writable.subMap(first, first + count).clear();
                }
                case 2 -> {
                    int page = first;
                    while (page < first + count && mapped.containsKey(page)) {
                        writable.put(page++, true);
                    }
                    int result = space().spaces().protect(mm(), at, (long) count * PAGE, RW);
                    check(result == (page == first + count ? 0 : -Errno.ENOMEM), "protect: " + result);
                }
                case 3 -> {
                    if (models.size() < 3) {
                        models.add(new Model(space().spaces().copy(model.mm), new TreeMap<>(mapped),
                                new TreeMap<>(writable)));
                    } else {
                        models.remove(model);
                        space().spaces().use(models.get(0).mm);
                        space().spaces().put(model.mm);
                    }
                }
                case 4, 5, 6, 7, 8, 9 -> {
                    int value = random.nextInt();
                    boolean may = writable.getOrDefault(first, false);
                    check(k().putUser(value, at) == (may ? 0 : -Errno.EFAULT), "store at page " + first);
                    if (may) {
                        mapped.put(first, value);
                    }
                }
                case 10 -> {
                    boolean all = mapped.subMap(first, first + count).size() == count;
                    int result = space().spaces().dropPages(mm(), at, (long) count * PAGE);
                    check(result == (all ? 0 : -Errno.ENOMEM), "madvise: " + result);
                    mapped.subMap(first, first + count).replaceAll((page, value) -> 0);
                }
                default -> {
                    long word = fixture.kernel().calls().kmalloc(4, Gfp.GFP_KERNEL);
                    int result = k().getUser(word, at);
                    check(result == (mapped.containsKey(first) ? 0 : -Errno.EFAULT), "load: " + result);
                    check(result != 0 || fixture.memory().load32(word) == mapped.get(first),
                            seed.replay("step " + step + ", page " + first));
                    fixture.kernel().calls().kfree(word);
                }
            }
            check(mm() != model.mm || ranges().equals(model.ranges()), seed.replay("step " + step) + ": " + ranges());
        }
        space().spaces().use(models.get(0).mm);
        models.subList(1, models.size()).forEach(model -> space().spaces().put(model.mm));
    }
}
