package ferrite.peripherals.tty;

import static ferrite.peripherals.tty.TermiosLayout.CC;
import static ferrite.peripherals.tty.TermiosLayout.IFLAG;
import static ferrite.peripherals.tty.TermiosLayout.LFLAG;
import static ferrite.peripherals.tty.TermiosLayout.OFLAG;
import static ferrite.peripherals.tty.TtyLayout.CANON_COLUMN;
import static ferrite.peripherals.tty.TtyLayout.CANON_HEAD;
import static ferrite.peripherals.tty.TtyLayout.COLUMN;
import static ferrite.peripherals.tty.TtyLayout.HEAD;
import static ferrite.peripherals.tty.TtyLayout.LINE_ENDS;
import static ferrite.peripherals.tty.TtyLayout.RING;
import static ferrite.peripherals.tty.TtyLayout.RING_BYTES;
import static ferrite.peripherals.tty.TtyLayout.TAIL;
import static ferrite.peripherals.tty.TtyLayout.THROTTLED;
import static ferrite.peripherals.tty.TtyPortLayout.FOREGROUND;
import static ferrite.peripherals.tty.TtyPortLayout.HUNG_UP;
import static ferrite.peripherals.tty.TtyPortLayout.TERMIOS;
import static ferrite.peripherals.tty.TtyPortLayout.TTY;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Signal;
import ferrite.kernel.driver.KernelCalls;

/**
 * The line discipline of a terminal, Linux's {@code N_TTY}: lines that can be edited, echo, signals. The caller
 * holds the lock of the line.
 */
public final class LineDisciplineDriver {

    private static final int MASK = RING_BYTES - 1;
    /** Bytes that the ring keeps free for those in the chip. */
    private static final int RESERVE = 32;
    private static final int TAB = 8;
    private static final int DELETE = 0x7f;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final TtyPortDriver driver;

    public LineDisciplineDriver(KernelCalls kernel, TtyPortDriver driver) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.driver = driver;
    }

    boolean has(long port, int localFlag) {
        return (LFLAG.get(memory, TERMIOS.at(port)) & localFlag) != 0;
    }

    int special(long port, int place) {
        return memory.load8(CC.at(TERMIOS.at(port)) + place) & 0xff;
    }

    private boolean is(long port, int value, int place) {
        return value != 0 && value == special(port, place);
    }

    // ---- output ----

    /** Sends a byte, with a return before a line feed if the terminal wants it. */
    void put(long port, int value) {
        int processed = TermiosLayout.OPOST | TermiosLayout.ONLCR;
        if (value == '\n' && (OFLAG.get(memory, TERMIOS.at(port)) & processed) == processed) {
            send(port, '\r');
        }
        send(port, value);
    }

    private void send(long port, int value) {
        driver.putChar(port, value);
        long tty = TTY.get(memory, port);
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

    private void echo(long port, int value) {
        if (!has(port, TermiosLayout.ECHO)) {
            return;
        }
        if (isControl(value) && has(port, TermiosLayout.ECHOCTL)) {
            put(port, '^');
            put(port, value ^ 0x40);
        } else {
            put(port, value);
        }
    }

    private static boolean isControl(int value) {
        return value < ' ' && value != '\n' && value != '\t' || value == DELETE;
    }

    // ---- input ----

    int filled(long tty) {
        return HEAD.get(memory, tty) - TAIL.get(memory, tty);
    }

    /** Tells whether a received byte can be taken now: a file is open for reading, and the ring has room. */
    public boolean isReceiving(long port) {
        long tty = TTY.get(memory, port);
        return tty != 0 && THROTTLED.get(memory, tty) == 0;
    }

    /** Wakes the programs that wait for input, after bytes were received. Any context. */
    public void wakeReaders(long port) {
        long tty = TTY.get(memory, port);
        if (tty != 0) {
            kernel.wakeUpInterruptible(TtyLayout.WAIT.at(tty));
        }
    }

    /** Ends all reads and writes for good, since the device has gone. The port's lock is held. */
    public void hangUp(long port) {
        HUNG_UP.set(memory, port, 1);
        wakeReaders(port);
    }

    /** Tells whether the device has gone. */
    public boolean isHungUp(long port) {
        return HUNG_UP.get(memory, port) != 0;
    }

    /** Takes a byte from the line. */
    public void receive(long port, int received) {
        int value = received;
        int flags = IFLAG.get(memory, TERMIOS.at(port));
        if (value == '\r' && (flags & TermiosLayout.IGNCR) != 0) {
            return;
        }
        if (value == '\r' && (flags & TermiosLayout.ICRNL) != 0) {
            value = '\n';
        } else if (value == '\n' && (flags & TermiosLayout.INLCR) != 0) {
            value = '\r';
        }
        if (has(port, TermiosLayout.ISIG) && is(port, value, TermiosLayout.VINTR)) {
            signal(port, value, Signal.SIGINT);
        } else if (has(port, TermiosLayout.ISIG) && is(port, value, TermiosLayout.VQUIT)) {
            signal(port, value, Signal.SIGQUIT);
        } else if (has(port, TermiosLayout.ICANON)) {
            edit(port, value);
        } else {
            add(port, value, false, true);
        }
    }

    private void signal(long port, int value, int number) {
        if (!has(port, TermiosLayout.NOFLSH)) {
            flush(TTY.get(memory, port));
        }
        echo(port, value);
        kernel.killPid(FOREGROUND.get(memory, port), number);
    }

    /** Forgets the input that was not read. */
    void flush(long tty) {
        int head = HEAD.get(memory, tty);
        TAIL.set(memory, tty, head);
        CANON_HEAD.set(memory, tty, head);
        memory.fill(LINE_ENDS.at(tty), 0, RING_BYTES / 8);
    }

    private void edit(long port, int value) {
        boolean extended = has(port, TermiosLayout.IEXTEN);
        if (is(port, value, TermiosLayout.VERASE)) {
            erase(port, value, true);
        } else if (is(port, value, TermiosLayout.VKILL)) {
            eraseLine(port, value);
        } else if (extended && is(port, value, TermiosLayout.VWERASE)) {
            eraseWord(port, value);
        } else if (is(port, value, TermiosLayout.VEOF)) {
            add(port, 0, true, false);
        } else {
            add(port, value, value == '\n' || is(port, value, TermiosLayout.VEOL), true);
        }
    }

    /** Adds a byte. In a full ring only the end of a line has room, since a program waits for it. */
    private void add(long port, int value, boolean endsLine, boolean echoed) {
        long tty = TTY.get(memory, port);
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
            echo(port, value);
        }
        throttle(port, tty);
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
    private void throttle(long port, long tty) {
        if (filled(tty) > RING_BYTES - RESERVE && isAvailable(port, tty, 1)) {
            THROTTLED.set(memory, tty, 1);
            driver.throttle(port);
        }
    }

    /** Lets bytes come again if there is room, or if a program waits for the end of the line. */
    void unthrottle(long port, long tty) {
        if (THROTTLED.get(memory, tty) != 0 && (filled(tty) < RING_BYTES / 2 || !isAvailable(port, tty, 1))) {
            THROTTLED.set(memory, tty, 0);
            driver.unthrottle(port);
        }
    }

    /** Returns whether a program can read: a line, or in other modes so many bytes. */
    boolean isAvailable(long port, long tty, int bytes) {
        return has(port, TermiosLayout.ICANON) ? CANON_HEAD.get(memory, tty) != TAIL.get(memory, tty)
                : filled(tty) >= bytes;
    }

    // ---- editing ----

    private boolean isLineEmpty(long tty) {
        return HEAD.get(memory, tty) == CANON_HEAD.get(memory, tty);
    }

    /** Takes the last byte of the line back, on the screen too. */
    private void erase(long port, int key, boolean onScreen) {
        long tty = TTY.get(memory, port);
        if (isLineEmpty(tty)) {
            return;
        }
        int last = HEAD.get(memory, tty) - 1;
        int value = at(tty, last);
        HEAD.set(memory, tty, last);
        if (!onScreen || !has(port, TermiosLayout.ECHO)) {
            return;
        }
        if (!has(port, TermiosLayout.ECHOE)) {
            echo(port, key);
            return;
        }
        for (int i = width(port, tty, value); i > 0; i--) {
            put(port, '\b');
            if (value != '\t') {
                put(port, ' ');
                put(port, '\b');
            }
        }
    }

    /** Returns the columns of the byte that was the last one of the line. */
    private int width(long port, long tty, int value) {
        if (isControl(value)) {
            return has(port, TermiosLayout.ECHOCTL) ? 2 : 0;
        }
        if (value != '\t') {
            return 1;
        }
        int column = CANON_COLUMN.get(memory, tty);
        for (int place = CANON_HEAD.get(memory, tty); place != HEAD.get(memory, tty); place++) {
            int before = at(tty, place);
            column = isControl(before) && has(port, TermiosLayout.ECHOCTL) ? column + 2 : column(column, before);
        }
        return TAB - column % TAB;
    }

    private void eraseLine(long port, int key) {
        long tty = TTY.get(memory, port);
        boolean onScreen = has(port, TermiosLayout.ECHOK) && has(port, TermiosLayout.ECHOKE)
                && has(port, TermiosLayout.ECHOE);
        while (!isLineEmpty(tty)) {
            erase(port, key, onScreen);
        }
        if (!onScreen) {
            echo(port, key);
            if (has(port, TermiosLayout.ECHOK)) {
                echo(port, '\n');
            }
        }
    }

    private void eraseWord(long port, int key) {
        long tty = TTY.get(memory, port);
        boolean inWord = false;
        while (!isLineEmpty(tty)) {
            int last = at(tty, HEAD.get(memory, tty) - 1);
            boolean blank = last == ' ' || last == '\t';
            if (inWord && blank) {
                return;
            }
            inWord |= !blank;
            erase(port, key, true);
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
