package ferrite.peripherals.uart;

/** The registers of a 16550A, one byte each, and their bits (National Semiconductor PC16550D data sheet, table 2). */
final class UartRegisters {

    static final long BYTES = 0x100;

    /**
     * Read: the received byte. Write ({@link #THR}): the byte to send. With {@link #DLAB} set, the low divisor latch.
     */
    static final int RBR = 0;
    static final int THR = 0;

    /** The enabled interrupts; with {@link #DLAB} set, the high divisor latch. */
    static final int IER = 1;
    static final int IER_RECEIVED = 1;
    static final int IER_TRANSMITTER_EMPTY = 1 << 1;
    static final int IER_LINE_STATUS = 1 << 2;
    static final int IER_MODEM_STATUS = 1 << 3;

    /** Read: the pending interrupt of highest priority. */
    static final int IIR = 2;
    static final int IIR_NONE = 1;
    static final int IIR_LINE_STATUS = 6;
    static final int IIR_RECEIVED = 4;
    static final int IIR_TIMEOUT = 12;
    static final int IIR_TRANSMITTER_EMPTY = 2;
    static final int IIR_MODEM_STATUS = 0;
    static final int IIR_FIFOS = 0xc0;

    /** Write: control of the FIFOs. Bits 7-6 hold the trigger level. */
    static final int FCR = 2;
    static final int FCR_ENABLE = 1;
    static final int FCR_CLEAR_RECEIVER = 1 << 1;
    static final int FCR_TRIGGER_SHIFT = 6;

    static final int LCR = 3;
    static final int LCR_8_BITS = 3;
    static final int LCR_STOP = 1 << 2;
    static final int LCR_PARITY = 1 << 3;
    static final int LCR_BREAK = 1 << 6;
    static final int DLAB = 1 << 7;

    static final int MCR = 4;
    static final int MCR_DTR = 1;
    static final int MCR_RTS = 1 << 1;
    static final int MCR_OUT1 = 1 << 2;
    static final int MCR_OUT2 = 1 << 3;
    static final int MCR_LOOP = 1 << 4;

    static final int LSR = 5;
    static final int LSR_DR = 1;
    static final int LSR_OE = 1 << 1;
    static final int LSR_PE = 1 << 2;
    static final int LSR_FE = 1 << 3;
    static final int LSR_BI = 1 << 4;
    static final int LSR_THRE = 1 << 5;
    static final int LSR_TEMT = 1 << 6;
    /** At least one byte in the FIFO has an error. */
    static final int LSR_FIFO_ERROR = 1 << 7;
    /** Overrun, parity, framing, break. They cause the line status interrupt, and reading clears them. */
    static final int LSR_ERRORS = 0x1e;

    /** Modem inputs in bits 7-4 (DCD, RI, DSR, CTS), and their changes in bits 3-0. */
    static final int MSR = 6;
    static final int MSR_CTS = 1 << 4;
    static final int MSR_DSR = 1 << 5;
    static final int MSR_RI = 1 << 6;
    static final int MSR_DCD = 1 << 7;

    static final int SCR = 7;
    static final int COUNT = 8;

    /** The boards' crystal: twice 1.8432 MHz, as on QEMU's virt machine. */
    static final int CLOCK_HZ = 3_686_400;

    private UartRegisters() { }
}
