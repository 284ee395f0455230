package ferrite.peripherals.tty;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.sched.MutexLayout;

/** A terminal ({@code struct tty_port}): the first part of the record that a driver keeps for a port. */
public final class TtyPortLayout {

    public static final int SIZE = 20 + CdevLayout.SIZE + TermiosLayout.SIZE + MutexLayout.SIZE;

    public static final Struct STRUCT = Struct.of("tty_port", SIZE);

    /** Protects the registers of the driver, and the input. */
    public static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The input; 0 while no file is open for reading. */
    static final Pointer TTY = STRUCT.pointer("tty", 4, "struct tty");
    /** The number of files that are open for reading. */
    static final Word READERS = STRUCT.u32("readers", 8);
    /** The pid of the program that Ctrl-C ends. */
    static final Word FOREGROUND = STRUCT.u32("foreground", 12);
    /** The character device. Its address is the {@code data} of the terminal's files. */
    public static final Embedded CDEV = STRUCT.embedded("cdev", 16, CdevLayout.STRUCT);
    static final Embedded TERMIOS = STRUCT.embedded("termios", CDEV.end(), TermiosLayout.STRUCT);
    /** One task opens or closes. */
    static final Embedded ONE_OPENER = STRUCT.embedded("one_opener", TERMIOS.end(), MutexLayout.STRUCT);

    /** Not 0 after the device has gone: a read returns what came before, then 0, and a write fails. */
    static final Word HUNG_UP = STRUCT.u32("hung_up", ONE_OPENER.end());

    private TtyPortLayout() { }
}
