package ferrite.kernel.base;

/**
 * Where the kernel begins: the page at physical frame 1, from which everything else is found, by a secondary hart, a debugger, or
 * a kernel that attaches to a machine that another one booted. Offsets in bytes; addresses in it are virtual.
 */
public final class RootLayout {

    /** Distance of the page from the start of RAM. */
    public static final long OFFSET = 0x1000;

    public static final int MAGIC_VALUE = 0x6672_7431;

    public static final int MAGIC = 0;
    public static final int SATP = 4;
    public static final int DEVICE_TREE_PA = 8;
    public static final int MEM_MAP = 12;
    public static final int FRAMES = 16;
    public static final int LOW_FRAMES = 20;
    /** Zero when owners are not recorded. */
    public static final int PAGE_EXT = 24;
    public static final int KMALLOC_CACHES = 28;
    public static final int PER_CPU = 32;
    public static final int HARTS = 36;
    public static final int ONLINE = 40;
    public static final int NEXT_PID = 44;
    public static final int TASK_LIST = 48;
    public static final int TASK_LIST_LOCK = 56;
    public static final int TASK_CACHE = 60;
    public static final int EXIT_WAIT = 64;
    public static final int IRQ_TABLE = 76;
    public static final int PLIC = 80;
    public static final int SSWI = 84;
    public static final int CHAR_DEVICES = 88;
    public static final int CHAR_DEVICES_LOCK = 96;
    public static final int FILE_CACHE = 100;
    public static final int DEVICES = 104;
    public static final int DMA_CONTROLLER = 112;
    public static final int DMA_TABLE = 116;
    public static final int DMA_LOCK = 120;
    public static final int LOG = 124;
    public static final int STRINGS = 128;
    /** See {@link ferrite.kernel.mm.VmallocLayout}. */
    public static final int VMALLOC = 132;
    /** See {@link ferrite.kernel.mm.KmapLayout}. */
    public static final int KMAP = 136;
    public static final int SHELL = 140;
    /** Text addresses of who serves the shell, and of who switches the machine off. */
    public static final int TERMINAL = 144;
    public static final int TERMINAL_DATA = 148;
    public static final int POWER_OFF = 152;
    public static final int POWER_OFF_DATA = 156;
    public static final int MODULES = 160;
    /** A hash table of what loaded drivers hold; zero until one is loaded. */
    public static final int HOLDINGS = 168;
    public static final int HOLDINGS_LOCK = 172;
    /** All DMA pools, see {@link ferrite.kernel.dma.DmaPoolLayout}; and what protects the list, and {@link #SWIOTLB} and {@link #DMA_DEBUG} while they are made. */
    public static final int DMA_POOLS = 176;
    public static final int DMA_POOLS_LOCK = 184;
    /** The harts' own lists of free pages. */
    public static final int PAGE_SETS = 188;

    /** What is mapped for devices, see {@link ferrite.kernel.dma.DmaDebugLayout}; zero until a driver sets a mask. */
    public static final int DMA_DEBUG = 192;
    /** Text address of the {@link ferrite.kernel.dma.MemcpyEngine} that a driver offers, and its data; zero while none does. */
    public static final int MEMCPY_ENGINE = 196;
    public static final int MEMCPY_ENGINE_DATA = 200;

    /** All lookaside caches, and what protects the list. */
    public static final int SLAB_CACHES = 0xd0;
    public static final int SLAB_CACHES_LOCK = 0xd8;
    /** The cache that the records of caches come from. */
    public static final int KMEM_CACHE = 0xdc;
    public static final int FAILSLAB_ARMED = 0xe0;
    public static final int FAILSLAB_COUNT = 0xe4;
    /** Held while harts are made to run something. */
    public static final int CROSS_CALL_LOCK = 0xe8;
    /** The bounce buffers' record, see {@link ferrite.kernel.dma.SwiotlbLayout}; zero until a device needs some. */
    public static final int SWIOTLB = 0xec;

    /** Per-CPU variables: the chunks that they are in, and the records of static ones. */
    public static final int PER_CPU_LOCK = 0xf0;
    public static final int PER_CPU_CHUNKS = 0xf4;
    public static final int PER_CPU_STATICS = 0xf8;

    /** What drivers took at boot, see {@link ferrite.kernel.mm.Bootmem}. */
    public static final int BOOTMEM = 0xfc;

    public static final int ZONES = 0x100;
    public static final int MEMBLOCK = 0x400;
    /** Fault injection, see {@link ferrite.kernel.mm.FailPageAlloc}. */
    public static final int FAIL_PAGE_ALLOC = 0x700;
    /** What reclaim keeps, see {@link ferrite.kernel.mm.ReclaimLayout}. */
    public static final int RECLAIM = 0x740;
    public static final int INIT_TASK = 0x800;
    /** The physical address at which RAM and the linear map begin. */
    public static final int PHYS_OFFSET = 0x900;

    private RootLayout() { }
}
