package ferrite.kernel.block;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.mm.ShrinkerLayout;

/** The state of the block layer, which the first disk or queue makes. */
final class BlockLayout {

    static final int SIZE = 120;

    static final Struct STRUCT = Struct.of("block", SIZE);

    /** The disks that {@code add_disk} has shown, in their order. */
    static final Embedded DISKS = STRUCT.list("disks", 0);
    /** The major numbers of {@code register_blkdev}. */
    static final Embedded MAJORS = STRUCT.list("major_names", 8);
    /** Protects both lists, and the states of disks. */
    static final Embedded LOCK = STRUCT.spinlock("bdev_lock", 16);
    static final Pointer BLOCK_CLASS = STRUCT.pointer("block_class", 20, "struct class");
    static final Pointer REQUEST_CACHE = STRUCT.pointer("request_cachep", 24, "struct kmem_cache");
    static final Pointer BIO_CACHE = STRUCT.pointer("bio_slab", 28, "struct kmem_cache");
    static final Pointer BUFFER_CACHE = STRUCT.pointer("bh_cachep", 32, "struct kmem_cache");
    /** The reserves with which a write goes on without free memory: requests, bios, and a page for its bytes. */
    static final Pointer REQUEST_POOL = STRUCT.pointer("rq_pool", 36, "struct mempool_s");
    static final Pointer BIO_POOL = STRUCT.pointer("bio_pool", 40, "struct mempool_s");
    static final Pointer PAGE_POOL = STRUCT.pointer("page_pool", 44, "struct mempool_s");
    /** A page of chains of buffers, see {@link BufferCache}. */
    static final Pointer HASH = STRUCT.pointer("bh_hash", 48, "void");
    /** All buffers, those that were used last at the end. */
    static final Embedded LRU = STRUCT.list("lru", 52);
    /** Protects all buffers. Interrupt handlers take it. */
    static final Embedded BUFFER_LOCK = STRUCT.spinlock("lru_lock", 60);
    /** The pages of all buffers. */
    static final Word PAGES = STRUCT.u32("nr_pages", 64);
    static final Embedded SHRINKER = STRUCT.embedded("shrinker", 68, ShrinkerLayout.STRUCT);

    /** The cache of the bios of the reserve. */
    static final Pointer BIO_RESERVE = STRUCT.pointer("bio_reserve", 116, "struct kmem_cache");

    private BlockLayout() { }
}
