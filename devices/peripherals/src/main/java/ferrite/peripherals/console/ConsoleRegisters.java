package ferrite.peripherals.console;

/** The registers of the host console, one word each: whole buffers go between memory and the person who runs the machine. */
final class ConsoleRegisters {

    static final long BYTES = 0x1000;

    /** Physical address and length of the buffer of the next command. */
    static final int ADDRESS = 0x00;
    static final int LENGTH = 0x04;
    /** Write: does something at once. */
    static final int COMMAND = 0x08;
    static final int WRITE_STANDARD_OUTPUT = 1;
    static final int WRITE_STANDARD_ERROR = 2;
    static final int READ_LINE = 3;
    /** Read: the number of bytes that the last command moved, or one of these. */
    static final int RESULT = 0x0c;
    static final int NOT_YET = -1;
    static final int END = -2;
    static final int TOO_LONG = -3;
    static final int OUTPUT_GONE = -4;
    static final int BAD_ADDRESS = -5;
    /** Read: whether a line, or the end of input, is waiting. */
    static final int INPUT = 0x10;
    /** Write: the exit status of a command that has ended. */
    static final int REPORT = 0x14;
    /** Write: takes the interrupt request back. */
    static final int ACKNOWLEDGE = 0x18;

    /** Read: whether the interrupt key was pressed. Writing 1 takes that back. */
    static final int INTERRUPT_KEY = 0x1c;

    private ConsoleRegisters() { }
}
