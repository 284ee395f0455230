package ferrite.peripherals.console;

/** The registers of the host console, one word each. A command moves a whole buffer between memory and the host. */
final class ConsoleRegisters {

    static final long BYTES = 0x1000;

    /** Physical address and length in bytes of the next command's buffer. */
    static final int ADDRESS = 0x00;
    static final int LENGTH = 0x04;
    /** Write: runs a command at once. */
    static final int COMMAND = 0x08;
    static final int WRITE_STANDARD_OUTPUT = 1;
    static final int WRITE_STANDARD_ERROR = 2;
    static final int READ_LINE = 3;
    /** Read: the number of bytes that the last command moved, or one of the negative values below. */
    static final int RESULT = 0x0c;
    static final int NOT_YET = -1;
    static final int END = -2;
    static final int TOO_LONG = -3;
    static final int OUTPUT_GONE = -4;
    static final int BAD_ADDRESS = -5;
    /** Read: 1 if a line or the end of input is waiting, otherwise 0. */
    static final int INPUT = 0x10;
    /** Write: the exit status of a command that has ended, by the task in {@link #REPORT_TASK}. */
    static final int REPORT = 0x14;
    /** Write: withdraws the interrupt request. */
    static final int ACKNOWLEDGE = 0x18;

    /** Read: 1 if the interrupt key was pressed. Writing 1 clears it. */
    static final int INTERRUPT_KEY = 0x1c;
    /** Write: the number of the task whose end is reported next; 0 for a line that started none. */
    static final int REPORT_TASK = 0x20;

    private ConsoleRegisters() { }
}
