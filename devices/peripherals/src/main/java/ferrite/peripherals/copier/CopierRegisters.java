package ferrite.peripherals.copier;

/**
 * The registers of the copy engine, one word each, and the fields of a descriptor. The engine works on one chain of
 * descriptors at a time.
 */
final class CopierRegisters {

    static final long BYTES = 0x1000;

    /** Read: the number of address wires, {@link #MIN_BITS} to 32. */
    static final int WIRES = 0x00;
    /**
     * The number of address wires in use, {@link #MIN_BITS} to all of them. Writing any other number changes nothing.
     */
    static final int WIDTH = 0x04;
    /** Bus address of the first descriptor. */
    static final int DESCRIPTOR = 0x08;
    /** Write: {@link #START} begins with the first descriptor; {@link #ABORT} ends the chain with an error. */
    static final int COMMAND = 0x0c;
    static final int START = 1;
    static final int ABORT = 2;
    /** Writing {@link #DONE} clears it, and withdraws the interrupt. */
    static final int STATUS = 0x10;
    static final int BUSY = 1;
    static final int DONE = 1 << 1;
    static final int FAILED = 1 << 2;
    /** Read: the reason why the last chain failed. */
    static final int ERROR = 0x14;
    static final int NO_ERROR = 0;
    /** The descriptor is not aligned, has no bytes or too many, or crosses a boundary of the address counters. */
    static final int BAD_DESCRIPTOR = 1;
    static final int OUT_OF_REACH = 2;
    /** No memory answers at the address. */
    static final int BUS_FAULT = 3;
    /** The chain has more than {@link #MAX_DESCRIPTORS} descriptors. Most likely it is a circle. */
    static final int ENDLESS = 4;
    static final int ABORTED = 5;
    /** Read: the address that failed. */
    static final int ERROR_ADDRESS = 0x18;
    /** Read: bytes copied and descriptors done since the start. */
    static final int COPIED = 0x1c;
    static final int DESCRIPTORS = 0x20;

    static final int MIN_BITS = 24;
    static final int MAX_DESCRIPTORS = 1 << 16;
    /** Bits of the address counters: neither side of a descriptor crosses a multiple of 1 MiB. */
    static final int COUNTER_BITS = 20;
    static final int MAX_BYTES = 64 << 10;

    /**
     * Fields of a descriptor, which is aligned to its size. They hold bus addresses; the last descriptor's next is 0.
     */
    static final int SOURCE = 0;
    static final int TARGET = 4;
    static final int LENGTH = 8;
    static final int NEXT = 12;
    /** The engine writes {@link #COMPLETE} here when all bytes are copied. */
    static final int RESULT = 16;
    static final int COMPLETE = 0x8000_0000;
    /** Software may use the bytes from here on. */
    static final int SOFTWARE = 20;
    static final int DESCRIPTOR_BYTES = 32;

    private CopierRegisters() { }
}
