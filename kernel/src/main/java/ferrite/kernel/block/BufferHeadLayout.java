package ferrite.kernel.block;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct buffer_head}: up to 16 neighbouring pages of a disk, in one block of memory. */
final class BufferHeadLayout {

    static final int SIZE = 64;
    /** No buffer crosses a multiple of so many pages, so one with all of them is whole for an ISA DMA channel. */
    static final int MAX_PAGES = 16;

    static final Struct STRUCT = Struct.of("buffer_head", SIZE);

    /** The next buffer of its chain. */
    static final Pointer NEXT = STRUCT.pointer("b_next", 0, "struct buffer_head");
    static final Pointer DISK = STRUCT.pointer("b_disk", 4, "struct gendisk");
    /** The number of its first page on the disk. */
    static final Word INDEX = STRUCT.u32("b_index", 8);
    static final Word PAGES = STRUCT.u32("b_pages", 12);
    static final Pointer PAGE = STRUCT.pointer("b_page", 16, "struct page");
    /** See {@link #UPTODATE} and its kin. */
    static final Word STATE = STRUCT.u32("b_state", 20);
    /** The error of the last read, as a negative number; 0 for none. */
    static final Word ERROR = STRUCT.s32("b_error", 24);
    /** Tasks that use it. */
    static final Word COUNT = STRUCT.u32("b_count", 28);
    static final Embedded LRU = STRUCT.list("b_lru", 32);
    static final Embedded OF_DISK = STRUCT.list("b_assoc_buffers", 40);
    /** A bit for each sector that equals the disk's. */
    static final Word SECTORS = STRUCT.u32("b_sectors", 48, 4);

    /** All sectors equal the disk's. */
    static final int UPTODATE = 1;
    /** A task or a bio has it for itself. */
    static final int LOCKED = 2;
    /** When it is read, the next window of read-ahead begins. */
    static final int READAHEAD = 4;
    /** It was taken out of the cache, and is freed by its last user. */
    static final int GONE = 8;

    private BufferHeadLayout() { }
}
