package ferrite.peripherals.disk;

import ferrite.peripherals.medium.DiskImage;

/**
 * The registers of the disk controller, one word each. The controller serves one request at a time, for the selected
 * drive. The data goes over DMA.
 */
final class DiskRegisters {

    static final long BYTES = 0x1000;

    /** Read: the number of drives. */
    static final int DRIVES = 0x00;
    /** The drive that the other registers refer to. */
    static final int SELECT = 0x04;
    /** Read: the number of sectors of the selected drive. */
    static final int CAPACITY = 0x08;
    /** First sector of the request. */
    static final int LBA = 0x0c;
    /** Sectors of the request. */
    static final int COUNT = 0x10;
    /** Write: starts a request. A write goes into the drive's cache; a flush writes the cache to the medium. */
    static final int COMMAND = 0x14;
    static final int READ = 1;
    static final int WRITE = 2;
    static final int FLUSH = 3;
    /** Writing {@link #DONE} clears it, and withdraws the interrupt. */
    static final int STATUS = 0x18;
    static final int BUSY = 1;
    static final int DONE = 1 << 1;
    static final int FAILED = 1 << 2;
    /** Read: the reason why the last request failed. */
    static final int ERROR = 0x1c;
    static final int NO_ERROR = 0;
    static final int BAD_REQUEST = 1;
    static final int OUT_OF_BOUNDS = 2;
    static final int MEDIUM = 3;
    /** The DMA controller did not acknowledge the request in time. */
    static final int DMA_TIMEOUT = 4;
    static final int READ_ONLY = 5;
    /** The cache is full. A flush makes room. */
    static final int CACHE_FULL = 6;
    /** Read: bit 0 is set if the selected drive is read-only. */
    static final int FLAGS = 0x20;
    static final int FLAG_READ_ONLY = 1;

    static final int SECTOR_BYTES = DiskImage.SECTOR_BYTES;

    private DiskRegisters() { }
}
