package ferrite.peripherals.uart;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;

/** The record in RAM that {@link UartDriver} keeps for a serial port. */
final class UartLayout {

    static final int SIZE = 32 + CdevLayout.SIZE + TermiosLayout.SIZE + MutexLayout.SIZE;

    static final Struct STRUCT = Struct.of("uart", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    static final Pointer CLASS = STRUCT.pointer("class", 4, "struct class");
    static final Word IRQ = STRUCT.u32("irq", 8);
    /** Protects the registers, and the input. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 12);
    /** The input; 0 while no file is open for reading. */
    static final Pointer TTY = STRUCT.pointer("tty", 16, "struct tty");
    /** The number of files that are open for reading. */
    static final Word READERS = STRUCT.u32("readers", 20);
    /** The pid of the program that Ctrl-C ends. */
    static final Word FOREGROUND = STRUCT.u32("foreground", 24);
    /** Hertz of the chip's crystal. */
    static final Word CLOCK = STRUCT.u32("uartclk", 28);
    static final Embedded CDEV = STRUCT.embedded("cdev", 32, CdevLayout.STRUCT);
    static final Embedded TERMIOS = STRUCT.embedded("termios", CDEV.end(), TermiosLayout.STRUCT);
    /** One task opens or closes. */
    static final Embedded ONE_OPENER = STRUCT.embedded("one_opener", TERMIOS.end(), MutexLayout.STRUCT);

    private UartLayout() { }
}
