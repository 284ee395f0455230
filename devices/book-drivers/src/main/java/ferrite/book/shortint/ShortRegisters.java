package ferrite.book.shortint;

/** The registers of a 16550A that short uses (National Semiconductor PC16550D data sheet, table 2). */
final class ShortRegisters {

    static final long BYTES = 8;

    /** Read: the byte that came. Write: the byte to send. */
    static final int DATA = 0;
    static final int IER = 1;
    /** The chip raises its interrupt while there is a byte to read. */
    static final int IER_RECEIVED = 1;
    static final int IIR = 2;
    /** No interrupt is pending. */
    static final int IIR_NONE = 1;
    static final int MCR = 4;
    /** A byte that is sent comes back: two pins that are wired together (section 8.7). */
    static final int MCR_LOOP = 1 << 4;
    static final int LSR = 5;
    static final int LSR_DATA_READY = 1;

    private ShortRegisters() { }
}
