package ferrite.peripherals.hostfs;

/** The registers of the device for files of the host, one word each. */
final class HostfsRegisters {

    static final long BYTES = 0x1000;

    /** Physical address and length in bytes of the next command's buffer. */
    static final int ADDRESS = 0x00;
    static final int LENGTH = 0x04;
    /** The open file that the next command is for. */
    static final int HANDLE = 0x08;
    /** The place in the file, in two halves. */
    static final int OFFSET_LOW = 0x0c;
    static final int OFFSET_HIGH = 0x10;
    /** What the next open is for: some of the bits below. */
    static final int MODE = 0x14;
    static final int MODE_READS = 1;
    static final int MODE_WRITES = 2;
    static final int MODE_CREATES = 4;
    static final int MODE_EMPTIES = 8;
    /** Write: runs a command at once. */
    static final int COMMAND = 0x18;
    /** Opens the file whose name is in the buffer. The result is its handle. */
    static final int OPEN = 1;
    static final int CLOSE = 2;
    /** Reads from the place into the buffer. The result is the number of bytes, 0 at the end. */
    static final int READ = 3;
    /** Writes the buffer to the place. The result is the number of bytes. */
    static final int WRITE = 4;
    /** The result is the length of the file. */
    static final int SIZE = 5;
    /** Read: the result of the last command, in two halves, or a negative error number of Linux. */
    static final int RESULT_LOW = 0x1c;
    static final int RESULT_HIGH = 0x20;

    private HostfsRegisters() { }
}
