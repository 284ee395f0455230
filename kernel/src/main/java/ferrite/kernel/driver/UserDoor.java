package ferrite.kernel.driver;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.UserSpace;

/** The calls for the memory of programs. */
@Plumbing
abstract class UserDoor extends FileDoor implements UserCalls {

    private static final int WORD = 4;
    private static final String ELSEWHERE = "copy before the atomic section begins or after it has ended";

    private final UserMemory user;
    private final UserSpace space;
    private final BuddyAllocator pages;
    private final MemMap memMap;

    UserDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.space = subsystems.userSpace();
        this.user = space.memory();
        this.pages = subsystems.memory().pages();
        this.memMap = subsystems.memory().memMap();
    }

    /** Checks that a copy may sleep, and that it fits the ioctl that is served. */
    private void copies(String call, long user, int bytes, boolean toUser) {
        base.context().mightSleep(call, ELSEWHERE);
        files.ioctls().copies(call, user, bytes, toUser);
    }

    /** Checks the driver's side of a copy. */
    private void checkRange(long va, int bytes, boolean store) {
        if (checks != null && bytes > 0) {
            checks.check(va, bytes, store);
        }
    }

    @Override public int copyToUser(long to, long from, int bytes) { return __copyToUser(to, from, bytes); }
    @Override public int copyFromUser(long to, long from, int bytes) { return __copyFromUser(to, from, bytes); }
    @Override public int __copyToUser(long to, long from, int bytes) {
        copies("copy_to_user", to, bytes, true);
        checkRange(from, bytes, false);
        return user.copyToUser(to, from, bytes);
    }
    @Override public int __copyFromUser(long to, long from, int bytes) {
        copies("copy_from_user", from, bytes, false);
        checkRange(to, bytes, true);
        return user.copyFromUser(to, from, bytes);
    }
    @Override public int clearUser(long to, int bytes) {
        copies("clear_user", to, bytes, true);
        return user.clearUser(to, bytes);
    }
    @Override public int strncpyFromUser(long to, long from, int limit) {
        base.context().mightSleep("strncpy_from_user", ELSEWHERE);
        for (int length = 0; length < limit; length++) {
            if (user.copyFromUser(to + length, from + length, 1) != 0) {
                return -Errno.EFAULT;
            }
            if (memory.load8(to + length) == 0) {
                return length;
            }
        }
        return limit;
    }

    @Override public boolean accessOk(long va, int bytes) { return user.accessOk(va, bytes); }
    @Override public int putUser(int value, long to) {
        return accessOk(to, WORD) ? __putUser(value, to) : -Errno.EFAULT;
    }
    @Override public int __putUser(int value, long to) {
        copies("put_user", to, WORD, true);
        return user.put32(to, value) ? 0 : -Errno.EFAULT;
    }
    @Override public int getUser(long valueVa, long from) {
        return accessOk(from, WORD) ? __getUser(valueVa, from) : -Errno.EFAULT;
    }
    @Override public int __getUser(long valueVa, long from) {
        copies("get_user", from, WORD, false);
        int[] value = new int[1];
        boolean read = user.get32s(from, value);
        memory.store32(valueVa, value[0]);             // as Linux: 0 after an error
        return read ? 0 : -Errno.EFAULT;
    }
    @Override public boolean capable(int capability) { return true; }

    // ---- pages of programs ----

    @Override public int getUserPages(long start, int count, boolean write, long pagesVa) {
        base.context().mightSleep("get_user_pages", ELSEWHERE);
        return space.pinned().get(start, count, write, false, used(pagesVa, WORD * Math.max(count, 0)));
    }
    @Override public int pinUserPages(long start, int count, boolean write, long pagesVa) {
        base.context().mightSleep("pin_user_pages", ELSEWHERE);
        int pinned = space.pinned().get(start, count, write, true, used(pagesVa, WORD * Math.max(count, 0)));
        for (int i = 0; i < pinned; i++) {
            long page = memory.loadAddress(pagesVa + (long) WORD * i);
            base.states().pins().pinned(memMap.pageToPfn(page));
            took(Kind.PINNED_PAGE, page, 0);
        }
        return pinned;
    }
    @Override public void unpinUserPage(long page) {
        if (space.pinned().unpin(page)) {
            gaveBack(Kind.PINNED_PAGE, page);
            checkDirty(page);
        } else {
            base.violations().of(Rule.PAGE_BAD_FREE, "unpin_user_page of a page that is not pinned")
                    .line("instead", "unpin each page once that pin_user_pages has pinned; pages of get_user_pages are "
                            + "given back by put_page").address("page", page).report();
        }
    }

    private void checkDirty(long page) {
        String writer = base.states().pins().unpinned(memMap.pageToPfn(page));
        if (writer != null) {
            base.violations().of(Rule.PAGE_NOT_DIRTY, "the page at frame 0x" + Long.toHexString(memMap.pageToPfn(page))
                    + " is unpinned, and was not marked dirty, although a device has written to it")
                    .line("written", writer).line("why", "a page that looks clean is dropped when memory is short, and "
                            + "read from its file again: the device's bytes are lost")
                    .line("instead", Rule.PAGE_NOT_DIRTY.right()).address("page", page).report();
        }
    }

    @Override public void unpinUserPages(long pagesVa, int count) {
        for (int i = 0; i < count; i++) {
            unpinUserPage(memory.loadAddress(pagesVa + (long) WORD * i));
        }
    }
    @Override public void unpinUserPagesDirtyLock(long pagesVa, int count, boolean makeDirty) {
        base.context().mightSleep("unpin_user_pages_dirty_lock", "unpin the pages in a work item");
        for (int i = 0; i < count; i++) {
            long page = memory.loadAddress(pagesVa + (long) WORD * i);
            if (makeDirty) {
                pages.setDirty("unpin_user_pages_dirty_lock", page);
            }
            unpinUserPage(page);
        }
    }
    @Override public boolean setPageDirty(long page) { return pages.setDirty("set_page_dirty", page); }
    @Override public int setPageDirtyLock(long page) {
        base.context().mightSleep("set_page_dirty_lock", "mark the page in a work item, or call set_page_dirty");
        return pages.setDirty("set_page_dirty_lock", page) ? 1 : 0;
    }
    @Override public void SetPageDirty(long page) { pages.setDirty("SetPageDirty", page); }
    @Override public boolean PageDirty(long page) { return pages.hasFlag(page, PageLayout.DIRTY); }
    @Override public boolean PageReserved(long page) { return pages.hasFlag(page, PageLayout.RESERVED); }

    @Override public int remapPfnRange(long area, long va, long pfn, long bytes) {
        base.context().mightSleep("remap_pfn_range", ELSEWHERE);
        return space.mappings().remapPfnRange(area, va, pfn, bytes);
    }
    @Override public int ioRemapPfnRange(long area, long va, long pfn, long bytes) {
        return remapPfnRange(area, va, pfn, bytes);
    }
    @Override public int vmInsertPage(long area, long va, long page) {
        base.context().mightSleep("vm_insert_page", ELSEWHERE);
        return space.mappings().insertPage(area, va, page);
    }
}
