package ferrite.peripherals.virtio;

/** The interface between driver and block device (section 5.2): features, configuration space, requests. */
final class VirtioBlockRegisters {

    /** Bit numbers of features (section 5.2.3). */
    static final int F_SEG_MAX = 2;
    static final int F_RO = 5;
    static final int F_BLK_SIZE = 6;
    static final int F_FLUSH = 9;
    static final int F_WRITE_ZEROES = 14;

    /** Offsets in the configuration space (section 5.2.4). */
    static final int CAPACITY = 0;
    static final int SEG_MAX = 12;
    static final int BLK_SIZE = 20;
    static final int MAX_WRITE_ZEROES_SECTORS = 48;
    static final int MAX_WRITE_ZEROES_SEG = 52;
    static final int CONFIGURATION_BYTES = 60;

    /**
     * A request (section 5.2.6): type 32, reserved 32, sector 64; then data; then a status byte that the device writes.
     */
    static final int HEADER_BYTES = 16;
    static final int HEADER_SECTOR = 8;
    static final int T_IN = 0;
    static final int T_OUT = 1;
    static final int T_FLUSH = 4;
    static final int T_GET_ID = 8;
    static final int T_WRITE_ZEROES = 13;

    static final int S_OK = 0;
    static final int S_IOERR = 1;
    static final int S_UNSUPP = 2;

    static final int ID_BYTES = 20;

    /** The data of a request to write zeroes: sector 64, number of sectors 32, flags 32. */
    static final int SEGMENT_BYTES = 16;
    static final int SEGMENT_SECTORS = 8;
    static final int SEGMENT_FLAGS = 12;
    static final int SEGMENT_UNMAP = 1;

    private VirtioBlockRegisters() { }
}
