package ferrite.peripherals.uart;

/** The registers of a 16550A, one byte each (National Semiconductor PC16550D data sheet, table 2). */
final class UartRegisters {

    static final long BYTES = 0x100;

    /** Write: the byte to send; with {@link #DLAB} set, the low divisor latch. */
    static final int THR = 0;
    static final int IER = 1;
    /** Read: no interrupt pending. */
    static final int IIR = 2;
    static final int IIR_NONE = 1;
    static final int LCR = 3;
    static final int DLAB = 1 << 7;
    static final int MCR = 4;
    static final int LSR = 5;
    static final int LSR_THRE = 1 << 5;
    static final int LSR_TEMT = 1 << 6;
    static final int MSR = 6;
    static final int SCR = 7;
    static final int COUNT = 8;

    private UartRegisters() { }
}
