package ferrite.peripherals.virtio;

/**
 * The registers of a virtio device on the memory bus (Virtual I/O Device 1.2, section 4.2.2, table 4.1), one word each, and the bits that all devices
 * share. R: may be read, W: may be written.
 */
final class VirtioRegisters {

    static final long BYTES = 0x1000;

    /** R: "virt". */
    static final int MAGIC_VALUE = 0x000;
    static final int VIRT = 0x74726976;
    /** R: 2; 1 was the legacy interface. */
    static final int VERSION = 0x004;
    static final int NOT_LEGACY = 2;
    /** R: what the device is (chapter 5); 0 where there is none. */
    static final int DEVICE_ID = 0x008;
    /** R: whoever made it; QEMU's word, on whose machine the slots are. */
    static final int VENDOR_ID = 0x00c;
    static final int QEMU = 0x554d4551;

    /** R: 32 bits of what the device offers; W of the second: which. */
    static final int DEVICE_FEATURES = 0x010;
    static final int DEVICE_FEATURES_SEL = 0x014;
    /** W: 32 bits of what the driver accepts, and which. */
    static final int DRIVER_FEATURES = 0x020;
    static final int DRIVER_FEATURES_SEL = 0x024;

    /** W: the queue that the registers up to {@link #QUEUE_READY} and from {@link #QUEUE_DESC_LOW} on are about. */
    static final int QUEUE_SEL = 0x030;
    /** R: the most descriptors that it may have; 0 where there is no such queue. */
    static final int QUEUE_NUM_MAX = 0x034;
    /** W: how many it has. */
    static final int QUEUE_NUM = 0x038;
    /** RW: 1 when the device may use it. */
    static final int QUEUE_READY = 0x044;
    /** W: the number of a queue that has new buffers. */
    static final int QUEUE_NOTIFY = 0x050;

    /** R: why the device interrupts. W of the second: what was dealt with. */
    static final int INTERRUPT_STATUS = 0x060;
    static final int INTERRUPT_ACK = 0x064;
    static final int USED_BUFFER = 1;
    static final int CONFIGURATION_CHANGE = 1 << 1;

    /** RW: how far the driver has come (section 2.1); writing 0 is a reset. */
    static final int STATUS = 0x070;
    static final int ACKNOWLEDGE = 1;
    static final int DRIVER = 1 << 1;
    static final int DRIVER_OK = 1 << 2;
    static final int FEATURES_OK = 1 << 3;
    static final int DEVICE_NEEDS_RESET = 1 << 6;
    static final int FAILED = 1 << 7;
    static final int DRIVERS_STATUS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | FAILED;

    /** W: 64-bit physical addresses of the descriptor table, the driver's area and the device's area of a queue. */
    static final int QUEUE_DESC_LOW = 0x080;
    static final int QUEUE_DESC_HIGH = 0x084;
    static final int QUEUE_DRIVER_LOW = 0x090;
    static final int QUEUE_DRIVER_HIGH = 0x094;
    static final int QUEUE_DEVICE_LOW = 0x0a0;
    static final int QUEUE_DEVICE_HIGH = 0x0a4;

    /** W: a region of shared memory; R of the others: its length and base, all ones where there is none. */
    static final int SHM_SEL = 0x0ac;
    static final int SHM_LEN_LOW = 0x0b0;
    static final int SHM_LEN_HIGH = 0x0b4;
    static final int SHM_BASE_LOW = 0x0b8;
    static final int SHM_BASE_HIGH = 0x0bc;

    /** R: differs when the configuration space has changed other than by the driver, which those of our devices never do. */
    static final int CONFIG_GENERATION = 0x0fc;
    /** RW: the device's own configuration space, in any width. */
    static final int CONFIG = 0x100;

    /** Features of the transport and of queues (chapter 6), by bit number. */
    static final int F_INDIRECT_DESC = 28;
    static final int F_EVENT_IDX = 29;
    static final int F_VERSION_1 = 32;

    private VirtioRegisters() { }
}
