package ferrite.kernel.base;

/**
 * The root page, at physical frame 1: a secondary hart, a debugger, or a kernel that attaches to a machine that another
 * kernel booted finds everything else from here. Addresses in it are virtual.
 */
public final class RootLayout {

    /** Distance of the page from the start of RAM. */
    public static final long OFFSET = 0x1000;

    public static final int MAGIC_VALUE = 0x6672_7431;

    public static final Struct STRUCT = Struct.of("root", 0x1000);

    public static final Word MAGIC = STRUCT.u32("magic", 0);
    public static final Word SATP = STRUCT.u32("satp", 4);
    public static final ULong DEVICE_TREE_PA = STRUCT.ulong("device_tree_pa", 8);
    public static final Pointer MEM_MAP = STRUCT.pointer("mem_map", 12, "struct page");
    public static final ULong FRAMES = STRUCT.ulong("frames", 16);
    public static final ULong LOW_FRAMES = STRUCT.ulong("low_frames", 20);
    /** 0 while owners are not recorded. */
    public static final Pointer PAGE_EXT = STRUCT.pointer("page_ext", 24, "struct page_ext");
    public static final Pointer KMALLOC_CACHES = STRUCT.pointer("kmalloc_caches", 28, "struct kmem_cache");
    /** An array with an element for each hart. */
    public static final Pointer PER_CPU = STRUCT.pointer("per_cpu", 32, "struct per_cpu");
    public static final Word HARTS = STRUCT.u32("harts", 36);
    /** The harts that have started, a bit each. */
    public static final Word ONLINE = STRUCT.u32("cpu_online_mask", 40);
    public static final Word NEXT_PID = STRUCT.u32("next_pid", 44);
    public static final Embedded TASK_LIST = STRUCT.list("tasks", 48);
    public static final Embedded TASK_LIST_LOCK = STRUCT.spinlock("tasklist_lock", 56);
    public static final Pointer TASK_CACHE = STRUCT.pointer("task_struct_cachep", 60, "struct kmem_cache");
    public static final Embedded EXIT_WAIT = STRUCT.embedded("exit_wait", 64, "wait_queue_head", 12);
    public static final Pointer IRQ_TABLE = STRUCT.pointer("irq_table", 76, "struct irq_table");
    public static final Pointer PLIC = STRUCT.pointer("plic", 80, "void");
    public static final Pointer SSWI = STRUCT.pointer("sswi", 84, "void");
    public static final Embedded CHAR_DEVICES = STRUCT.list("cdevs", 88);
    /** Protects the lists of devices, their numbers, and their classes. */
    public static final Embedded CHAR_DEVICES_LOCK = STRUCT.spinlock("cdev_lock", 96);
    public static final Pointer FILE_CACHE = STRUCT.pointer("filp_cachep", 100, "struct kmem_cache");
    public static final Embedded DEVICES = STRUCT.list("devices", 104);
    public static final Pointer DMA_CONTROLLER = STRUCT.pointer("dma_controller", 112, "void");
    public static final Pointer DMA_TABLE = STRUCT.pointer("dma_channels", 116, "struct dma_chan");
    public static final Embedded DMA_LOCK = STRUCT.spinlock("dma_spin_lock", 120);
    public static final Pointer LOG = STRUCT.pointer("log", 124, "struct kernel_log");
    public static final Pointer STRINGS = STRUCT.pointer("strings", 128, "struct string_table");
    public static final Pointer VMALLOC = STRUCT.pointer("vmalloc", 132, "struct vmalloc");
    public static final Pointer KMAP = STRUCT.pointer("kmap", 136, "struct kmap");
    public static final Pointer SHELL = STRUCT.pointer("shell", 140, "struct shell");
    /** The driver that serves the shell, and its data; 0 while there is none. */
    public static final Pointer TERMINAL = STRUCT.function("terminal", 144);
    public static final Pointer TERMINAL_DATA = STRUCT.pointer("terminal_data", 148, "void");
    /** The driver that switches the machine off, and its data; 0 while there is none. */
    public static final Pointer POWER_OFF = STRUCT.function("pm_power_off", 152);
    public static final Pointer POWER_OFF_DATA = STRUCT.pointer("pm_power_off_data", 156, "void");
    public static final Embedded MODULES = STRUCT.list("modules", 160);
    /** A hash table of the resources that loaded drivers hold; 0 until a driver is loaded. */
    public static final Pointer HOLDINGS = STRUCT.pointer("holdings", 168, "struct holding *");
    public static final Embedded HOLDINGS_LOCK = STRUCT.spinlock("holdings_lock", 172);
    public static final Embedded DMA_POOLS = STRUCT.list("dma_pools", 176);
    /** Protects the list of DMA pools, and the creation of {@link #SWIOTLB} and {@link #DMA_DEBUG}. */
    public static final Embedded DMA_POOLS_LOCK = STRUCT.spinlock("dma_pools_lock", 184);
    /** The harts' own lists of free pages. */
    public static final Pointer PAGE_SETS = STRUCT.pointer("page_sets", 188, "struct per_cpu_pages");

    /** Live DMA mappings; 0 until a driver sets a mask. */
    public static final Pointer DMA_DEBUG = STRUCT.pointer("dma_debug", 192, "struct dma_debug");
    /** The engine that a driver offers for copies; 0 while there is none. */
    public static final Pointer DMA_DEVICE = STRUCT.pointer("dma_device", 196, "struct dma_device");

    public static final Embedded SLAB_CACHES = STRUCT.list("slab_caches", 0xd0);
    /** Linux's {@code slab_mutex}, which is a spinlock here. */
    public static final Embedded SLAB_CACHES_LOCK = STRUCT.spinlock("slab_caches_lock", 0xd8);
    /** The cache of the records of caches. */
    public static final Pointer KMEM_CACHE = STRUCT.pointer("kmem_cache", 0xdc, "struct kmem_cache");
    public static final Word FAILSLAB_ARMED = STRUCT.u32("failslab_armed", 0xe0);
    public static final Word FAILSLAB_COUNT = STRUCT.u32("failslab_count", 0xe4);
    /** Held while other harts are made to run a function. */
    public static final Embedded CROSS_CALL_LOCK = STRUCT.spinlock("call_lock", 0xe8);
    /** The bounce buffers; 0 until a device needs one. */
    public static final Pointer SWIOTLB = STRUCT.pointer("swiotlb", 0xec, "struct io_tlb_mem");

    public static final Embedded PER_CPU_LOCK = STRUCT.spinlock("pcpu_lock", 0xf0);
    /** The chunks of memory for per-CPU variables. */
    public static final Pointer PER_CPU_CHUNKS = STRUCT.pointer("pcpu_chunks", 0xf4, "struct pcpu_chunk");
    /** The static per-CPU variables. */
    public static final Pointer PER_CPU_STATICS = STRUCT.pointer("pcpu_statics", 0xf8, "struct pcpu_static");

    /** The memory that drivers allocated at boot; 0 while there is none. */
    public static final Pointer BOOTMEM = STRUCT.pointer("bootmem", 0xfc, "struct bootmem");

    /** The regions of device numbers, by number. */
    public static final Embedded CHRDEVS = STRUCT.list("chrdevs", 0x940);
    public static final Embedded MISC_LIST = STRUCT.list("misc_list", 0x948);
    public static final Embedded CLASSES = STRUCT.list("classes", 0x950);
    /** The devices of classes. Those with a number are the files of {@code /dev}. */
    public static final Embedded CLASS_DEVICES = STRUCT.list("class_devices", 0x958);
    /** The classes {@code misc} and {@code mem}. */
    public static final Pointer MISC_CLASS = STRUCT.pointer("misc_class", 0x960, "struct class");
    public static final Pointer MEM_CLASS = STRUCT.pointer("mem_class", 0x964, "struct class");
    /** The generator of {@code /dev/random}. */
    public static final U64 RANDOM_STATE = STRUCT.u64("random_state", 0x968);
    public static final Embedded RANDOM_LOCK = STRUCT.spinlock("random_lock", 0x970);
    /** The files of {@code /proc} that drivers have made. */
    public static final Embedded PROC_ENTRIES = STRUCT.list("proc_entries", 0x974);
    public static final Embedded PROC_LOCK = STRUCT.spinlock("proc_subdir_lock", 0x97c);
    /** Protects the lists of files that are told of events by a signal. */
    public static final Embedded FASYNC_LOCK = STRUCT.spinlock("fasync_lock", 0x980);
    /** The parameters of drivers that were set at run time. */
    public static final Embedded KERNEL_PARAMS = STRUCT.list("kernel_params", 0x984);
    public static final Embedded PARAM_LOCK = STRUCT.spinlock("param_lock", 0x98c);
    /** Not 0 once {@link #RANDOM_STATE} has its first value. */
    public static final Word RANDOM_SEEDED = STRUCT.u32("random_seeded", 0x990);
    /** Protects the list of loaded drivers, and their numbers of open files. */
    public static final Embedded MODULES_LOCK = STRUCT.spinlock("module_lock", 0x994);

    public static final Embedded ZONES = STRUCT.array("node_zones", 0x100, "zone", 0x100, 3);
    public static final Embedded MEMBLOCK = STRUCT.embedded("memblock", 0x400, "memblock_type", 520);
    public static final Embedded FAIL_PAGE_ALLOC = STRUCT.embedded("fail_page_alloc", 0x700, "fault_attr", 32);
    public static final Embedded RECLAIM = STRUCT.embedded("reclaim", 0x740, "reclaim", 68);
    /** The idle task of hart 0. */
    public static final Embedded INIT_TASK = STRUCT.embedded("init_task", 0xc00, TaskLayout.STRUCT);
    /** The physical address at which RAM and the linear map begin. */
    public static final ULong PHYS_OFFSET = STRUCT.ulong("phys_ram_base", 0x900);
    /** The first of the physical ranges that drivers have requested; 0 while there is none. */
    public static final Pointer IOMEM_RESOURCE = STRUCT.pointer("iomem_resource", 0x910, "struct resource");
    public static final Embedded RESOURCE_LOCK = STRUCT.spinlock("resource_lock", 0x914);
    /** The limits of {@code printk_ratelimited}; 0 while nothing has called it. */
    public static final Pointer RATELIMIT_SITES = STRUCT.pointer("ratelimit_sites", 0x918, "struct ratelimit_site");
    public static final Embedded RATELIMIT_SITES_LOCK = STRUCT.spinlock("ratelimit_sites_lock", 0x91c);

    /** The load averages, in 2048ths, and the time until which they are known. */
    public static final ULong AVENRUN = STRUCT.ulong("avenrun", 0x9e8, 3);
    public static final U64 LOAD_KNOWN = STRUCT.u64("calc_load_update", 0x9f8);
    /** The pool of workers that run on any hart, and the kernel's own work queues. */
    public static final Embedded UNBOUND_POOL = STRUCT.embedded("unbound_pool", 0x9c0, WorkPoolLayout.STRUCT);
    /** The number of times that an item of work was queued. */
    public static final Word WORK_SEQUENCE = STRUCT.u32("work_sequence", 0x9d8);
    /** Tasks that wait until workers have finished items. */
    public static final Embedded WORK_DONE = STRUCT.embedded("work_done", 0x9dc, "wait_queue_head", 12);
    public static final Embedded SYSTEM_WQ = STRUCT.embedded("system_wq", 0xa00, "workqueue_struct", 128);
    public static final Embedded SYSTEM_UNBOUND_WQ =
            STRUCT.embedded("system_unbound_wq", 0xa80, "workqueue_struct", 128);
    /** The harts that a grace period of RCU waits for, a bit each. */
    public static final Word RCU_NEEDED = STRUCT.u32("rcu_needed", 0xb20);
    /** The functions that wait for a grace period, the newest first, and the item that calls them. */
    public static final Pointer RCU_CALLBACKS = STRUCT.pointer("rcu_callbacks", 0xb24, "struct callback_head");
    public static final Embedded RCU_WORK = STRUCT.embedded("rcu_work", 0xb28, "work_struct", 32);
    /** One grace period at a time. */
    public static final Embedded RCU_MUTEX = STRUCT.embedded("rcu_mutex", 0xb48, "mutex", 20);
    /** The files of {@code --root}: an archive in memory, the table of its files, and their number. */
    public static final Pointer ROOTFS = STRUCT.pointer("rootfs", 0xb60, "struct inode");
    public static final Word ROOTFS_FILES = STRUCT.u32("rootfs_files", 0xb64);
    /** The item that frees areas which were freed in atomic context. */
    public static final Embedded VFREE_WORK = STRUCT.embedded("vfree_work", 0xb00, "work_struct", 32);

    /** Held while a device gets or loses its driver, and while devices are suspended. */
    public static final Embedded DEVICE_LOCK = STRUCT.embedded("device_lock", 0xb80, "mutex", 20);

    /** Held while epoll files get and lose files that they watch. */
    public static final Embedded EPMUTEX = STRUCT.embedded("epmutex", 0xbd0, "mutex", 20);
    /** Tasks that wait for messages of the kernel log, and whether a software interrupt is to wake them. */
    public static final Embedded LOG_WAIT = STRUCT.embedded("log_wait", 0xbe4, "wait_queue_head", 12);
    public static final Word LOG_WAKES = STRUCT.u32("log_wakes", 0xbf0);
    /** The index of the next loaded driver's text, once one was loaded. No index is given out twice. */
    public static final Word NEXT_TEXT = STRUCT.u32("next_text", 0xbf4);

    /** The first of the ranges of I/O ports that drivers have requested; 0 while there is none. */
    public static final Pointer IOPORT_RESOURCE = STRUCT.pointer("ioport_resource", 0xbf8, "struct resource");
    /** The address of I/O port 0; 0 on a board without I/O ports. */
    public static final Pointer IO_BASE = STRUCT.pointer("io_base", 0xbfc, "void");

    /** The contexts of asynchronous I/O, and the lock of these and of all operations. */
    public static final Embedded AIO_CONTEXTS = STRUCT.list("aio_contexts", 0x998);
    public static final Embedded AIO_LOCK = STRUCT.spinlock("aio_lock", 0x9a0);

    /** The state of the network; 0 while no driver has allocated a network device. */
    public static final Pointer NET = STRUCT.pointer("init_net", 0x9a4, "struct net");
    public static final Embedded NET_LOCK = STRUCT.spinlock("net_lock", 0x9a8);

    /** The state of the block layer; 0 while no driver has made a disk or a queue. */
    public static final Pointer BLOCK = STRUCT.pointer("block", 0x9ac, "struct block");
    public static final Embedded BLOCK_LOCK = STRUCT.spinlock("block_lock", 0x9b0);
    /** The numbers of block devices, a list of cdevs. */
    public static final Embedded BLOCK_CDEVS = STRUCT.list("block_cdevs", 0x9b4);

    private RootLayout() { }
}
