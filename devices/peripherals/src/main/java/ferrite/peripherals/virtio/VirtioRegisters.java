package ferrite.peripherals.virtio;

/**
 * The registers of a virtio device on the memory bus (Virtual I/O Device 1.2, section 4.2.2, table 4.1), one word each,
 * and the bits that all devices share. R: readable; W: writable.
 */
final class VirtioRegisters {

    static final long BYTES = 0x1000;

    /** R: "virt". */
    static final int MAGIC_VALUE = 0x000;
    static final int VIRT = 0x74726976;
    /** R: 2, or 1 for the legacy interface. */
    static final int VERSION = 0x004;
    static final int LEGACY = 1;
    static final int NOT_LEGACY = 2;
    /** R: the kind of device (chapter 5); 0 for an empty slot. */
    static final int DEVICE_ID = 0x008;
    /** R: the vendor; QEMU's value, because its virt machine has these slots. */
    static final int VENDOR_ID = 0x00c;
    static final int QEMU = 0x554d4551;

    /** R: 32 of the offered features. W of the second register: the window. */
    static final int DEVICE_FEATURES = 0x010;
    static final int DEVICE_FEATURES_SEL = 0x014;
    /** W: 32 of the accepted features, and the window. */
    static final int DRIVER_FEATURES = 0x020;
    static final int DRIVER_FEATURES_SEL = 0x024;

    /** W, legacy: the size of the pages that {@link #QUEUE_PFN} counts. */
    static final int GUEST_PAGE_SIZE = 0x028;
    /** W: the queue that the registers up to {@link #QUEUE_READY} and from {@link #QUEUE_DESC_LOW} on refer to. */
    static final int QUEUE_SEL = 0x030;
    /** R: the maximum number of descriptors; 0 if there is no such queue. */
    static final int QUEUE_NUM_MAX = 0x034;
    /** W: the number of descriptors. */
    static final int QUEUE_NUM = 0x038;
    /** W, legacy: the alignment of the device's area. */
    static final int QUEUE_ALIGN = 0x03c;
    /** RW, legacy: the queue's first page; 0 if the device may not use the queue. */
    static final int QUEUE_PFN = 0x040;
    /** RW: 1 if the device may use the queue. */
    static final int QUEUE_READY = 0x044;
    /** W: the number of a queue with new buffers. */
    static final int QUEUE_NOTIFY = 0x050;

    /** R: the reasons for the interrupt. W of the second register: the reasons that the driver has handled. */
    static final int INTERRUPT_STATUS = 0x060;
    static final int INTERRUPT_ACK = 0x064;
    static final int USED_BUFFER = 1;
    static final int CONFIGURATION_CHANGE = 1 << 1;

    /** RW: the driver's progress (section 2.1); writing 0 is a reset. */
    static final int STATUS = 0x070;
    static final int ACKNOWLEDGE = 1;
    static final int DRIVER = 1 << 1;
    static final int DRIVER_OK = 1 << 2;
    static final int FEATURES_OK = 1 << 3;
    static final int DEVICE_NEEDS_RESET = 1 << 6;
    static final int FAILED = 1 << 7;
    static final int DRIVERS_STATUS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | FAILED;

    /** W: 64-bit physical addresses of a queue's descriptor table, driver's area and device's area. */
    static final int QUEUE_DESC_LOW = 0x080;
    static final int QUEUE_DESC_HIGH = 0x084;
    static final int QUEUE_DRIVER_LOW = 0x090;
    static final int QUEUE_DRIVER_HIGH = 0x094;
    static final int QUEUE_DEVICE_LOW = 0x0a0;
    static final int QUEUE_DEVICE_HIGH = 0x0a4;

    /**
     * W: the number of a shared memory region. R of the other registers: its length and base, all ones if there is
     * none.
     */
    static final int SHM_SEL = 0x0ac;
    static final int SHM_LEN_LOW = 0x0b0;
    static final int SHM_LEN_HIGH = 0x0b4;
    static final int SHM_BASE_LOW = 0x0b8;
    static final int SHM_BASE_HIGH = 0x0bc;

    /** R: changes when the device changes its configuration space. Ferrite's devices never do. */
    static final int CONFIG_GENERATION = 0x0fc;
    /** RW: the device's own configuration space, in any width. */
    static final int CONFIG = 0x100;

    /** Bit numbers of the features of transport and queues (chapter 6). */
    static final int F_INDIRECT_DESC = 28;
    static final int F_EVENT_IDX = 29;
    static final int F_VERSION_1 = 32;

    private VirtioRegisters() { }
}
