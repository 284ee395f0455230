package ferrite.peripherals.disk;

import ferrite.peripherals.medium.DiskImage;

/** The registers of the disk controller, one word each. One request at a time, to the drive that is selected; its data goes over DMA. */
final class DiskRegisters {

    static final long BYTES = 0x1000;

    /** Read: how many drives there are. */
    static final int DRIVES = 0x00;
    /** The drive that the other registers are about. */
    static final int SELECT = 0x04;
    /** Read: its sectors. */
    static final int CAPACITY = 0x08;
    /** First sector of the request. */
    static final int LBA = 0x0c;
    /** Sectors of the request. */
    static final int COUNT = 0x10;
    /** Write: starts a request. A write goes into the drive's cache; a flush carries the cache to the medium. */
    static final int COMMAND = 0x14;
    static final int READ = 1;
    static final int WRITE = 2;
    static final int FLUSH = 3;
    /** Writing {@link #DONE} takes it back, and the interrupt with it. */
    static final int STATUS = 0x18;
    static final int BUSY = 1;
    static final int DONE = 1 << 1;
    static final int FAILED = 1 << 2;
    /** Read: why the last request failed. */
    static final int ERROR = 0x1c;
    static final int NO_ERROR = 0;
    static final int BAD_REQUEST = 1;
    static final int OUT_OF_BOUNDS = 2;
    static final int MEDIUM = 3;
    /** Nobody acknowledged the DMA request in time. */
    static final int DMA_TIMEOUT = 4;
    static final int READ_ONLY = 5;
    /** The cache is full: a flush makes room. */
    static final int CACHE_FULL = 6;
    /** Read: bit 0 says that the selected drive cannot be written. */
    static final int FLAGS = 0x20;
    static final int FLAG_READ_ONLY = 1;

    static final int SECTOR_BYTES = DiskImage.SECTOR_BYTES;

    private DiskRegisters() { }
}
