package ferrite.peripherals.uart;

import static ferrite.peripherals.uart.TermiosLayout.CC;
import static ferrite.peripherals.uart.TermiosLayout.IFLAG;
import static ferrite.peripherals.uart.TermiosLayout.LFLAG;
import static ferrite.peripherals.uart.TermiosLayout.OFLAG;
import static ferrite.peripherals.uart.TtyLayout.CANON_COLUMN;
import static ferrite.peripherals.uart.TtyLayout.CANON_HEAD;
import static ferrite.peripherals.uart.TtyLayout.COLUMN;
import static ferrite.peripherals.uart.TtyLayout.HEAD;
import static ferrite.peripherals.uart.TtyLayout.LINE_ENDS;
import static ferrite.peripherals.uart.TtyLayout.RING;
import static ferrite.peripherals.uart.TtyLayout.RING_BYTES;
import static ferrite.peripherals.uart.TtyLayout.TAIL;
import static ferrite.peripherals.uart.TtyLayout.THROTTLED;
import static ferrite.peripherals.uart.UartLayout.FOREGROUND;
import static ferrite.peripherals.uart.UartLayout.REGISTERS;
import static ferrite.peripherals.uart.UartLayout.TERMIOS;
import static ferrite.peripherals.uart.UartLayout.TTY;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Signal;
import ferrite.kernel.driver.KernelCalls;

/**
 * The line discipline of a serial line, Linux's {@code N_TTY}: lines that can be edited, echo, signals. The caller
 * holds the lock of the line.
 */
final class LineDisciplineDriver {

    private static final int MASK = RING_BYTES - 1;
    /** Bytes that the ring keeps free for those in the chip. */
    private static final int RESERVE = 32;
    private static final int TAB = 8;
    private static final int DELETE = 0x7f;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    LineDisciplineDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    boolean has(long uart, int localFlag) {
        return (LFLAG.get(memory, TERMIOS.at(uart)) & localFlag) != 0;
    }

    int special(long uart, int place) {
        return memory.load8(CC.at(TERMIOS.at(uart)) + place) & 0xff;
    }

    private boolean is(long uart, int value, int place) {
        return value != 0 && value == special(uart, place);
    }

    // ---- output ----

    /** Sends a byte, with a return before a line feed if the terminal wants it. */
    void put(long uart, int value) {
        int processed = TermiosLayout.OPOST | TermiosLayout.ONLCR;
        if (value == '\n' && (OFLAG.get(memory, TERMIOS.at(uart)) & processed) == processed) {
            send(uart, '\r');
        }
        send(uart, value);
    }

    private void send(long uart, int value) {
        long registers = REGISTERS.get(memory, uart);
        while ((kernel.ioread8(registers + UartRegisters.LSR) & UartRegisters.LSR_THRE) == 0) {
            kernel.cpuRelax();
        }
        kernel.iowrite8(value, registers + UartRegisters.THR);
        long tty = TTY.get(memory, uart);
        if (tty != 0) {
            COLUMN.set(memory, tty, column(COLUMN.get(memory, tty), value));
        }
    }

    /** Returns the column of the cursor after a character. */
    private static int column(int before, int value) {
        return switch (value) {
            case '\r', '\n' -> 0;
            case '\b' -> Math.max(0, before - 1);
            case '\t' -> before / TAB * TAB + TAB;
            default -> before + (value < ' ' || value == DELETE ? 0 : 1);
        };
    }

    private void echo(long uart, int value) {
        if (!has(uart, TermiosLayout.ECHO)) {
            return;
        }
        if (isControl(value) && has(uart, TermiosLayout.ECHOCTL)) {
            put(uart, '^');
            put(uart, value ^ 0x40);
        } else {
            put(uart, value);
        }
    }

    private static boolean isControl(int value) {
        return value < ' ' && value != '\n' && value != '\t' || value == DELETE;
    }

    // ---- input ----

    int filled(long tty) {
        return HEAD.get(memory, tty) - TAIL.get(memory, tty);
    }

    /** Takes a byte from the line. */
    void receive(long uart, int received) {
        int value = received;
        int flags = IFLAG.get(memory, TERMIOS.at(uart));
        if (value == '\r' && (flags & TermiosLayout.IGNCR) != 0) {
            return;
        }
        if (value == '\r' && (flags & TermiosLayout.ICRNL) != 0) {
            value = '\n';
        } else if (value == '\n' && (flags & TermiosLayout.INLCR) != 0) {
            value = '\r';
        }
        if (has(uart, TermiosLayout.ISIG) && is(uart, value, TermiosLayout.VINTR)) {
            signal(uart, value, Signal.SIGINT);
        } else if (has(uart, TermiosLayout.ISIG) && is(uart, value, TermiosLayout.VQUIT)) {
            signal(uart, value, Signal.SIGQUIT);
        } else if (has(uart, TermiosLayout.ICANON)) {
            edit(uart, value);
        } else {
            add(uart, value, false, true);
        }
    }

    private void signal(long uart, int value, int number) {
        if (!has(uart, TermiosLayout.NOFLSH)) {
            flush(TTY.get(memory, uart));
        }
        echo(uart, value);
        kernel.killPid(FOREGROUND.get(memory, uart), number);
    }

    /** Forgets the input that was not read. */
    void flush(long tty) {
        int head = HEAD.get(memory, tty);
        TAIL.set(memory, tty, head);
        CANON_HEAD.set(memory, tty, head);
        memory.fill(LINE_ENDS.at(tty), 0, RING_BYTES / 8);
    }

    private void edit(long uart, int value) {
        boolean extended = has(uart, TermiosLayout.IEXTEN);
        if (is(uart, value, TermiosLayout.VERASE)) {
            erase(uart, value, true);
        } else if (is(uart, value, TermiosLayout.VKILL)) {
            eraseLine(uart, value);
        } else if (extended && is(uart, value, TermiosLayout.VWERASE)) {
            eraseWord(uart, value);
        } else if (is(uart, value, TermiosLayout.VEOF)) {
            add(uart, 0, true, false);
        } else {
            add(uart, value, value == '\n' || is(uart, value, TermiosLayout.VEOL), true);
        }
    }

    /** Adds a byte. In a full ring only the end of a line has room, since a program waits for it. */
    private void add(long uart, int value, boolean endsLine, boolean echoed) {
        long tty = TTY.get(memory, uart);
        int head = HEAD.get(memory, tty);
        int room = RING_BYTES - filled(tty);
        if (room == 0 || room == 1 && !endsLine) {
            return;
        }
        if (head == CANON_HEAD.get(memory, tty)) {
            CANON_COLUMN.set(memory, tty, COLUMN.get(memory, tty));
        }
        memory.store8(RING.get(memory, tty) + (head & MASK), value);
        HEAD.set(memory, tty, head + 1);
        mark(tty, head, endsLine);
        if (endsLine) {
            CANON_HEAD.set(memory, tty, head + 1);
        }
        if (echoed) {
            echo(uart, value);
        }
        throttle(uart, tty);
    }

    private void mark(long tty, int place, boolean endsLine) {
        long at = LINE_ENDS.at(tty) + (place & MASK) / 8;
        int bit = 1 << (place & 7);
        memory.store8(at, endsLine ? memory.load8(at) | bit : memory.load8(at) & ~bit);
    }

    boolean endsLine(long tty, int place) {
        return (memory.load8(LINE_ENDS.at(tty) + (place & MASK) / 8) >>> (place & 7) & 1) != 0;
    }

    int at(long tty, int place) {
        return memory.load8(RING.get(memory, tty) + (place & MASK)) & 0xff;
    }

    /** Lets the chip keep the bytes that come while the ring is nearly full and can be read. */
    private void throttle(long uart, long tty) {
        if (filled(tty) > RING_BYTES - RESERVE && isAvailable(uart, tty, 1)) {
            THROTTLED.set(memory, tty, 1);
            kernel.iowrite8(0, REGISTERS.get(memory, uart) + UartRegisters.IER);
        }
    }

    /** Lets bytes come again if there is room, or if a program waits for the end of the line. */
    void unthrottle(long uart, long tty) {
        if (THROTTLED.get(memory, tty) != 0 && (filled(tty) < RING_BYTES / 2 || !isAvailable(uart, tty, 1))) {
            THROTTLED.set(memory, tty, 0);
            kernel.iowrite8(UartRegisters.IER_RECEIVED, REGISTERS.get(memory, uart) + UartRegisters.IER);
        }
    }

    /** Returns whether a program can read: a line, or in other modes so many bytes. */
    boolean isAvailable(long uart, long tty, int bytes) {
        return has(uart, TermiosLayout.ICANON) ? CANON_HEAD.get(memory, tty) != TAIL.get(memory, tty)
                : filled(tty) >= bytes;
    }

    // ---- editing ----

    private boolean isLineEmpty(long tty) {
        return HEAD.get(memory, tty) == CANON_HEAD.get(memory, tty);
    }

    /** Takes the last byte of the line back, on the screen too. */
    private void erase(long uart, int key, boolean onScreen) {
        long tty = TTY.get(memory, uart);
        if (isLineEmpty(tty)) {
            return;
        }
        int last = HEAD.get(memory, tty) - 1;
        int value = at(tty, last);
        HEAD.set(memory, tty, last);
        if (!onScreen || !has(uart, TermiosLayout.ECHO)) {
            return;
        }
        if (!has(uart, TermiosLayout.ECHOE)) {
            echo(uart, key);
            return;
        }
        for (int i = width(uart, tty, value); i > 0; i--) {
            put(uart, '\b');
            if (value != '\t') {
                put(uart, ' ');
                put(uart, '\b');
            }
        }
    }

    /** Returns the columns of the byte that was the last one of the line. */
    private int width(long uart, long tty, int value) {
        if (isControl(value)) {
            return has(uart, TermiosLayout.ECHOCTL) ? 2 : 0;
        }
        if (value != '\t') {
            return 1;
        }
        int column = CANON_COLUMN.get(memory, tty);
        for (int place = CANON_HEAD.get(memory, tty); place != HEAD.get(memory, tty); place++) {
            int before = at(tty, place);
            column = isControl(before) && has(uart, TermiosLayout.ECHOCTL) ? column + 2 : column(column, before);
        }
        return TAB - column % TAB;
    }

    private void eraseLine(long uart, int key) {
        long tty = TTY.get(memory, uart);
        boolean onScreen = has(uart, TermiosLayout.ECHOK) && has(uart, TermiosLayout.ECHOKE)
                && has(uart, TermiosLayout.ECHOE);
        while (!isLineEmpty(tty)) {
            erase(uart, key, onScreen);
        }
        if (!onScreen) {
            echo(uart, key);
            if (has(uart, TermiosLayout.ECHOK)) {
                echo(uart, '\n');
            }
        }
    }

    private void eraseWord(long uart, int key) {
        long tty = TTY.get(memory, uart);
        boolean inWord = false;
        while (!isLineEmpty(tty)) {
            int last = at(tty, HEAD.get(memory, tty) - 1);
            boolean blank = last == ' ' || last == '\t';
            if (inWord && blank) {
                return;
            }
            inWord |= !blank;
            erase(uart, key, true);
        }
    }

    /** Prepares the input for another mode, as Linux does: typed bytes are a line without an end, or no line. */
    void modeChanged(long tty, boolean wasCanonical) {
        memory.fill(LINE_ENDS.at(tty), 0, RING_BYTES / 8);
        int head = HEAD.get(memory, tty);
        if (!wasCanonical || filled(tty) == 0) {
            CANON_HEAD.set(memory, tty, TAIL.get(memory, tty));
        } else {
            mark(tty, head - 1, true);
            CANON_HEAD.set(memory, tty, head);
        }
    }
}
