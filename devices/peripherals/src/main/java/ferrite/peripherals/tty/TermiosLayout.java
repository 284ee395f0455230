package ferrite.peripherals.tty;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct termios} with the bits that the driver heeds, and the commands of terminals (Linux's asm-generic). */
public final class TermiosLayout {

    static final int SIZE = 36;

    public static final Struct STRUCT = Struct.of("termios", SIZE);

    static final Word IFLAG = STRUCT.u32("c_iflag", 0);
    static final Word OFLAG = STRUCT.u32("c_oflag", 4);
    static final Word CFLAG = STRUCT.u32("c_cflag", 8);
    static final Word LFLAG = STRUCT.u32("c_lflag", 12);
    /** The number of the line discipline, and the special characters. */
    static final Bytes LINE = STRUCT.bytes("c_line", 16, 1);
    static final Bytes CC = STRUCT.bytes("c_cc", 17, 19);

    /** c_iflag: a line feed becomes a return; a return is dropped; a return becomes a line feed. */
    static final int INLCR = 0x40;
    static final int IGNCR = 0x80;
    static final int ICRNL = 0x100;
    /** c_oflag: output is processed; a line feed becomes a return and a line feed. */
    static final int OPOST = 1;
    static final int ONLCR = 1 << 2;
    /** c_cflag: the bits of the speed; 38400 baud; 8 bits; with a receiver. */
    static final int CBAUD = 0x100f;
    static final int B38400 = 0xf;
    static final int CS8 = 0x30;
    static final int CREAD = 0x80;
    /** c_lflag. */
    static final int ISIG = 1;
    static final int ICANON = 1 << 1;
    static final int ECHO = 1 << 3;
    static final int ECHOE = 1 << 4;
    static final int ECHOK = 1 << 5;
    static final int NOFLSH = 1 << 7;
    static final int ECHOCTL = 1 << 9;
    static final int ECHOKE = 1 << 11;
    static final int IEXTEN = 1 << 15;

    /** Places in c_cc. */
    static final int VINTR = 0;
    static final int VQUIT = 1;
    static final int VERASE = 2;
    static final int VKILL = 3;
    static final int VEOF = 4;
    static final int VTIME = 5;
    static final int VMIN = 6;
    static final int VEOL = 11;
    static final int VWERASE = 14;

    /** The speeds by their numbers; the ones from 0x1001 on follow. */
    private static final int[] SPEEDS = {0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19_200,
        38_400, 57_600, 115_200, 230_400};
    private static final int FIRST_HIGH = 0x1001;
    private static final int LAST_LOW = 0xf;

    static final int TCGETS = 0x5401;
    static final int TCSETS = 0x5402;
    /** As the one before, after all output; and with the input that was not read forgotten. */
    static final int TCSETSW = 0x5403;
    static final int TCSETSF = 0x5404;
    static final int TCSBRK = 0x5409;
    /** Forgets input (0), output (1) or both (2) that was not read or sent. */
    static final int TCFLSH = 0x540b;
    static final int TIOCGPGRP = 0x540f;
    static final int TIOCSPGRP = 0x5410;
    static final int TIOCGWINSZ = 0x5413;
    static final int FIONREAD = 0x541b;

    /** Bytes of {@code struct winsize}: rows and columns, two bytes each, and two numbers that are 0. */
    static final int WINSIZE_BYTES = 8;

    private TermiosLayout() { }

    /** Returns the baud of a c_cflag; 0 if it has none that the chip can do. */
    static int baud(int flags) {
        int number = flags & CBAUD;
        int index = number > LAST_LOW ? number - FIRST_HIGH + LAST_LOW + 1 : number;
        return index > 0 && index < SPEEDS.length ? SPEEDS[index] : 0;
    }
}
