package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * The memory of the program that called (LDD3 pages 63-65, 142-145, 419-437). A copy may meet an address that is not
 * the program's, or a page that must be brought in first, so it may sleep, and it may fail. A command of the shell is a
 * program in Java: its memory is the kernel's. Each task is the superuser's.
 */
@DriverApi
public interface UserCalls {

    /**
     * Copies bytes to the program. Task context; may sleep.
     *
     * @return the number of bytes that could not be copied: the driver returns {@code -EFAULT} if it is not 0
     */
    @CName("copy_to_user")
    int copyToUser(long to, long from, int bytes);

    /** Copies bytes from the program. Returns the number that could not be copied. Task context; may sleep. */
    @CName("copy_from_user")
    int copyFromUser(long to, long from, int bytes);

    /** Copies as copy_to_user, after a call of access_ok (LDD3 page 142). Task context; may sleep. */
    @CName("__copy_to_user")
    int __copyToUser(long to, long from, int bytes);

    /** Copies as copy_from_user, after a call of access_ok (LDD3 page 142). Task context; may sleep. */
    @CName("__copy_from_user")
    int __copyFromUser(long to, long from, int bytes);

    /** Stores zeros for the program. Returns the number that could not be stored. Task context; may sleep. */
    @CName("clear_user")
    int clearUser(long to, int bytes);

    /**
     * Copies a string of the program's, with its NUL if that is among the first {@code limit} bytes.
     * Task context; may sleep.
     *
     * @param to where {@code limit} bytes have room
     * @return the length without the NUL, {@code limit} if there is none, or {@code -EFAULT}
     */
    @CName("strncpy_from_user")
    int strncpyFromUser(long to, long from, int limit);

    /** Returns whether bytes may be the program's: they neither begin at 0 nor leave its addresses. Any context. */
    @CName("access_ok")
    boolean accessOk(long user, int bytes);

    /** Copies a word of 4 bytes to the program. Task context; may sleep. Returns 0, or -EFAULT. */
    @CName("put_user")
    int putUser(int value, long to);

    /** Copies as put_user, after a call of access_ok. Task context; may sleep. Returns 0. */
    @CName("__put_user")
    int __putUser(int value, long to);

    /**
     * Copies a word of 4 bytes from the program. Task context; may sleep.
     *
     * @param valueVa where the word is stored
     * @return 0, or -EFAULT
     */
    @CName("get_user")
    int getUser(long valueVa, long from);

    /** Copies as get_user, after a call of access_ok. Task context; may sleep. Returns 0. */
    @CName("__get_user")
    int __getUser(long valueVa, long from);

    /** Returns whether the current task may do what a capability is for: each may. Any context. */
    @CName("capable")
    boolean capable(int capability);

    /**
     * Takes references to consecutive pages of the program, so that they stay while the driver uses them; each is given
     * back by put_page. Task context; may sleep (LDD3 page 435).
     *
     * @param write   whether the driver, or its device, stores to them
     * @param pagesVa where the addresses of {@code count} {@code struct page} are stored
     * @return the number of pages, which may be smaller; {@code -EFAULT} if the first is not the program's
     */
    @CName("get_user_pages")
    int getUserPages(long start, int count, boolean write, long pagesVa);

    /**
     * Pins pages for a device: as get_user_pages, and a child of {@code fork} gets copies of them. Each is given back
     * by unpin_user_page. Task context; may sleep.
     */
    @CName("pin_user_pages")
    int pinUserPages(long start, int count, boolean write, long pagesVa);

    /** Gives a pinned page back. Any context. A page that is not pinned is reported. */
    @CName("unpin_user_page")
    void unpinUserPage(long page);

    /** Gives pinned pages back, whose addresses are at {@code pagesVa}. Any context. */
    @CName("unpin_user_pages")
    void unpinUserPages(long pagesVa, int count);

    /**
     * Marks pinned pages dirty, because a device has written to them, and gives them back. Task context; may sleep.
     *
     * @param makeDirty whether they are marked
     */
    @CName("unpin_user_pages_dirty_lock")
    void unpinUserPagesDirtyLock(long pagesVa, int count, boolean makeDirty);

    /**
     * Marks a page dirty: it was written, and must go back to its file before it leaves memory. The stores of a program
     * mark it, and those of a driver or its device do not (LDD3 page 437). This machine never writes pages back, so the
     * mark stays until the page is freed. Any context. A page that is not allocated is reported.
     *
     * @return whether it was not marked before
     */
    @CName("set_page_dirty")
    boolean setPageDirty(long page);

    /**
     * Marks as set_page_dirty, with the lock of the page, for a page that the program may unmap meanwhile. Task
     * context; may sleep.
     *
     * @return 1 if it was not marked before, otherwise 0
     */
    @CName("set_page_dirty_lock")
    int setPageDirtyLock(long page);

    /** Marks as set_page_dirty (LDD3 page 437). Any context. */
    @CName("SetPageDirty")
    void SetPageDirty(long page);

    /** Returns whether a page was marked dirty since its allocation. Any context. */
    @CName("PageDirty")
    boolean PageDirty(long page);

    /** Returns whether a page never belongs to the page allocator (LDD3 page 437). Any context. */
    @CName("PageReserved")
    boolean PageReserved(long page);

    /**
     * Maps frames, device registers or memory, into an area, in the {@code mmap} operation. They still belong to their
     * owner, and no reference is taken. Task context; may sleep (LDD3 page 424).
     *
     * @param area  address of a {@link ferrite.kernel.vm.VmAreaLayout}
     * @param va    the first address, at the beginning of a page inside the area
     * @param pfn   the first frame
     * @return 0, or a negative errno: EINVAL outside of the area, EBUSY if a page of it is mapped, ENOMEM
     */
    @CName("remap_pfn_range")
    int remapPfnRange(long area, long va, long pfn, long bytes);

    /** Maps registers as remap_pfn_range does (LDD3 page 431). Task context; may sleep. */
    @CName("io_remap_pfn_range")
    int ioRemapPfnRange(long area, long va, long pfn, long bytes);

    /**
     * Maps one page of the driver's memory into an area, and takes a reference to it. Task context; may sleep.
     *
     * @return 0, or a negative errno: EFAULT outside of the area, EINVAL for a page that is not allocated or a slab's,
     *         EBUSY if there is one already, ENOMEM
     */
    @CName("vm_insert_page")
    int vmInsertPage(long area, long va, long page);
}
