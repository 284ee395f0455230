package ferrite.peripherals.copier;

/** The registers of the copy engine, one word each, and what a descriptor is. It works off one chain of descriptors at a time. */
final class CopierRegisters {

    static final long BYTES = 0x1000;

    /** Read: how many address wires it has, {@link #LEAST_BITS} to 32. */
    static final int WIRES = 0x00;
    /** How many of them it uses, {@link #LEAST_BITS} to all; what is written beyond that changes nothing. */
    static final int WIDTH = 0x04;
    /** Bus address of the first descriptor. */
    static final int DESCRIPTOR = 0x08;
    /** Write: {@link #START} begins with the first descriptor, {@link #ABORT} ends what runs, with an error. */
    static final int COMMAND = 0x0c;
    static final int START = 1;
    static final int ABORT = 2;
    /** Writing {@link #DONE} takes it back, and the interrupt with it. */
    static final int STATUS = 0x10;
    static final int BUSY = 1;
    static final int DONE = 1 << 1;
    static final int FAILED = 1 << 2;
    /** Read: why the last chain failed, and at which address. */
    static final int ERROR = 0x14;
    static final int NO_ERROR = 0;
    /** Not aligned, no bytes or too many, or across a boundary of the address counters. */
    static final int BAD_DESCRIPTOR = 1;
    static final int OUT_OF_REACH = 2;
    /** Nothing is there, or no memory. */
    static final int BUS_FAULT = 3;
    /** More descriptors than {@link #MOST_DESCRIPTORS}: most likely a circle. */
    static final int ENDLESS = 4;
    static final int ABORTED = 5;
    static final int ERROR_ADDRESS = 0x18;
    /** Read: bytes copied and descriptors done since the start. */
    static final int COPIED = 0x1c;
    static final int DESCRIPTORS = 0x20;

    static final int LEAST_BITS = 24;
    static final int MOST_DESCRIPTORS = 1 << 16;
    /** The address counters have so many bits: neither side of a descriptor crosses a multiple of 1 MiB. */
    static final int COUNTER_BITS = 20;
    static final int MOST_BYTES = 64 << 10;

    /** Of a descriptor, which is aligned to its size: bus addresses, and 0 as the next of the last one. */
    static final int SOURCE = 0;
    static final int TARGET = 4;
    static final int LENGTH = 8;
    static final int NEXT = 12;
    /** The engine writes {@link #COMPLETE} here when all bytes are copied. */
    static final int RESULT = 16;
    static final int COMPLETE = 0x8000_0000;
    /** From here on it is software's. */
    static final int SOFTWARE = 20;
    static final int DESCRIPTOR_BYTES = 32;

    private CopierRegisters() { }
}
