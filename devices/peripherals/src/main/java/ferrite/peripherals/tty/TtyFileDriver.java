package ferrite.peripherals.tty;

import static ferrite.peripherals.tty.TermiosLayout.LFLAG;
import static ferrite.peripherals.tty.TtyLayout.CANON_HEAD;
import static ferrite.peripherals.tty.TtyLayout.HEAD;
import static ferrite.peripherals.tty.TtyLayout.ONE_READER;
import static ferrite.peripherals.tty.TtyLayout.RING;
import static ferrite.peripherals.tty.TtyLayout.RING_BYTES;
import static ferrite.peripherals.tty.TtyLayout.TAIL;
import static ferrite.peripherals.tty.TtyLayout.WAIT;
import static ferrite.peripherals.tty.TtyPortLayout.CDEV;
import static ferrite.peripherals.tty.TtyPortLayout.FOREGROUND;
import static ferrite.peripherals.tty.TtyPortLayout.LOCK;
import static ferrite.peripherals.tty.TtyPortLayout.ONE_OPENER;
import static ferrite.peripherals.tty.TtyPortLayout.READERS;
import static ferrite.peripherals.tty.TtyPortLayout.TERMIOS;
import static ferrite.peripherals.tty.TtyPortLayout.TTY;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.PollEvents;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/**
 * The file of a terminal, such as /dev/ttyS0, with lines that can be edited, or bytes ({@code termios}). The receiver
 * is in use while a file is open for reading. Output waits for the device, which is never full for long.
 *
 * <p>There are no process groups: Ctrl-C is for the program that opened the terminal for reading last or read from it
 * last, or for the one of {@code TIOCSPGRP}. Unlike Linux, a line feed is sent without a return at first, because a
 * host's file or terminal is at the other end; {@code ONLCR} changes that.
 */
public final class TtyFileDriver implements FileOperations {

    /** A write of more is a short one. */
    private static final int PIECE = 512;
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;
    private static final int TENTHS_OF_A_SECOND = 100;
    /** No answer of a read: another program has changed the mode or emptied the ring, so look again. */
    private static final int NOTHING = Integer.MIN_VALUE;
    /** The special characters at first: ^C ^\ DEL ^U ^D 0 1 … ^W, in the order of c_cc. */
    private static final int[] CHARACTERS = {3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x17, 0, 0, 0, 0};

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final LineDisciplineDriver discipline;
    private final TtyPortDriver driver;

    public TtyFileDriver(KernelCalls kernel, LineDisciplineDriver discipline, TtyPortDriver driver) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.discipline = discipline;
        this.driver = driver;
    }

    /** Makes the terminal of a new port, in zeroed memory ({@code tty_port_init}). Any context. */
    public void initPort(long port) {
        kernel.spinLockInit(LOCK.at(port));
        kernel.mutexInit(ONE_OPENER.at(port));
        long termios = TERMIOS.at(port);
        TermiosLayout.IFLAG.set(memory, termios, TermiosLayout.ICRNL);
        TermiosLayout.OFLAG.set(memory, termios, TermiosLayout.OPOST);
        TermiosLayout.CFLAG.set(memory, termios, TermiosLayout.B38400 | TermiosLayout.CS8 | TermiosLayout.CREAD);
        LFLAG.set(memory, termios, TermiosLayout.ISIG | TermiosLayout.ICANON | TermiosLayout.ECHO | TermiosLayout.ECHOE
                | TermiosLayout.ECHOK | TermiosLayout.ECHOCTL | TermiosLayout.ECHOKE | TermiosLayout.IEXTEN);
        for (int i = 0; i < CHARACTERS.length; i++) {
            memory.store8(TermiosLayout.CC.at(termios) + i, CHARACTERS[i]);
        }
    }

    private long port(long file) {
        return CDEV.containerOf(FileLayout.DATA.get(memory, file));
    }

    private static boolean isReader(int mode) {
        return (mode & Fcntl.FMODE_READ) != 0;
    }

    private int locked(long port, IntSupplier body) {
        int flags = kernel.spinLockIrqsave(LOCK.at(port));
        int result = body.getAsInt();
        kernel.spinUnlockIrqrestore(LOCK.at(port), flags);
        return result;
    }

    // ---- opening and closing ----

    @Override
    public int open(long file) {
        long port = port(file);
        int result = discipline.isHungUp(port) ? -Errno.EIO : 0;
        if (result == 0 && isReader(FileLayout.MODE.get(memory, file))) {
            kernel.mutexLock(ONE_OPENER.at(port));
            result = READERS.get(memory, port) > 0 ? 0 : startReceiver(port);
            if (result == 0) {
                READERS.add(memory, port, 1);
                FOREGROUND.set(memory, port, kernel.taskPidNr(kernel.current()));
            }
            kernel.mutexUnlock(ONE_OPENER.at(port));
        }
        return result < 0 ? result : kernel.nonseekableOpen(file);
    }

    private int startReceiver(long port) {
        long tty = kernel.kzalloc(TtyLayout.SIZE, Gfp.GFP_KERNEL);
        long ring = tty == 0 ? 0 : kernel.getZeroedPage(Gfp.GFP_KERNEL);
        if (ring == 0) {
            kernel.kfree(tty);
            return -Errno.ENOMEM;
        }
        RING.set(memory, tty, ring);
        kernel.initWaitqueueHead(WAIT.at(tty));
        kernel.mutexInit(ONE_READER.at(tty));
        TTY.set(memory, port, tty);
        int result = driver.activate(port);
        if (result < 0) {
            freeInput(port);
        }
        return result;
    }

    /** Tells the driver the speed of the line. The port's lock is held. */
    public void setSpeed(long port) {
        driver.setTermios(port, TermiosLayout.baud(TermiosLayout.CFLAG.get(memory, TERMIOS.at(port))));
    }

    private void freeInput(long port) {
        long tty = TTY.get(memory, port);
        locked(port, () -> {
            TTY.set(memory, port, 0);
            return 0;
        });
        kernel.freePage(RING.get(memory, tty));
        kernel.kfree(tty);
    }

    @Override
    public void release(long file) {
        long port = port(file);
        if (!isReader(FileLayout.MODE.get(memory, file))) {
            return;
        }
        kernel.mutexLock(ONE_OPENER.at(port));
        READERS.add(memory, port, -1);
        if (READERS.get(memory, port) == 0) {
            driver.shutdown(port);
            freeInput(port);
        }
        kernel.mutexUnlock(ONE_OPENER.at(port));
    }

    // ---- output ----

    @Override
    public int write(long file, long from, int count, long position) {
        long port = port(file);
        int wanted = Math.min(count, PIECE);
        if (discipline.isHungUp(port)) {
            return -Errno.EIO;
        }
        long piece = kernel.kmalloc(PIECE, Gfp.GFP_KERNEL);
        if (piece == 0) {
            return -Errno.ENOMEM;
        }
        int copied = wanted - kernel.copyFromUser(piece, from, wanted);
        for (int i = 0; i < copied; i++) {
            int value = memory.load8(piece + i);
            locked(port, () -> {                       // between two bytes there may be an echo
                discipline.put(port, value);
                return 0;
            });
        }
        locked(port, () -> {
            driver.flushChars(port);
            return 0;
        });
        kernel.kfree(piece);
        if (discipline.isHungUp(port)) {
            return -Errno.EIO;                         // bytes were lost
        }
        return copied == 0 && wanted != 0 ? -Errno.EFAULT : copied;
    }

    // ---- input ----

    @Override
    public int read(long file, long to, int count, long position) {
        long port = port(file);
        long tty = TTY.get(memory, port);
        if (kernel.mutexLockInterruptible(ONE_READER.at(tty)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        FOREGROUND.set(memory, port, kernel.taskPidNr(kernel.current()));
        boolean waits = (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) == 0;
        int result = count == 0 ? 0 : NOTHING;
        while (result == NOTHING) {
            result = discipline.has(port, TermiosLayout.ICANON) ? readLine(port, to, count, waits)
                    : readBytes(port, to, count, waits);
            locked(port, () -> {
                discipline.unthrottle(port, tty);
                return 0;
            });
        }
        kernel.mutexUnlock(ONE_READER.at(tty));
        return result;
    }

    /** Reads a line, or returns {@link #NOTHING}. */
    private int readLine(long port, long to, int count, boolean waits) {
        long tty = TTY.get(memory, port);
        if (!discipline.isAvailable(port, tty, 1) && !discipline.isHungUp(port)) {
            int result = waits ? kernel.waitEventInterruptible(WAIT.at(tty),
                    () -> !discipline.has(port, TermiosLayout.ICANON) || discipline.isAvailable(port, tty, 1)
                            || discipline.isHungUp(port)) : -Errno.EAGAIN;
            if (result < 0) {
                return result;
            }
        }
        int tail = TAIL.get(memory, tty);
        int most = Math.min(count, CANON_HEAD.get(memory, tty) - tail);
        int taken = 0;
        boolean ended = false;
        while (taken < most && !ended) {
            ended = discipline.endsLine(tty, tail + taken);
            taken++;
        }
        if (taken == 0) {
            return discipline.isHungUp(port) ? 0 : NOTHING;
        }
        boolean atEndOfFile = ended && discipline.at(tty, tail + taken - 1) == 0;
        return take(port, to, tail, taken, atEndOfFile ? taken - 1 : taken);
    }

    private int readBytes(long port, long to, int count, boolean waits) {
        long tty = TTY.get(memory, port);
        int min = discipline.special(port, TermiosLayout.VMIN);
        int time = discipline.special(port, TermiosLayout.VTIME);
        int done = 0;
        while (done < count) {
            int filled = discipline.filled(tty);
            if (filled == 0) {
                if (done > 0 && done >= min || min == 0 && time == 0 || discipline.isHungUp(port)) {
                    return done;
                }
                int result = !waits ? -Errno.EAGAIN : await(port, tty, time, time > 0 && (min == 0 || done > 0));
                if (result <= 0) {
                    return done > 0 ? done : result;
                }
                filled = discipline.filled(tty);
            }
            int piece = Math.min(filled, count - done);
            int taken = take(port, to + done, TAIL.get(memory, tty), piece, piece);
            if (taken < 0) {
                return done > 0 ? done : taken;
            }
            done += taken;
        }
        return done;
    }

    /** Waits for a byte or a hang-up. Returns more than 0 when there is one, 0 if the time is over, or -ERESTARTSYS. */
    private int await(long port, long tty, int tenths, boolean timed) {
        BooleanSupplier ends = () -> discipline.filled(tty) > 0 || discipline.isHungUp(port);
        if (timed) {
            return kernel.waitEventInterruptibleTimeout(WAIT.at(tty), ends,
                    kernel.msecsToJiffies(tenths * TENTHS_OF_A_SECOND));
        }
        int result = kernel.waitEventInterruptible(WAIT.at(tty), ends);
        return result < 0 ? result : 1;
    }

    /** Copies bytes to the program, and takes them and their end out of the ring. */
    private int take(long port, long to, int tail, int taken, int copied) {
        long tty = TTY.get(memory, port);
        int first = Math.min(copied, RING_BYTES - (tail & RING_BYTES - 1));
        long ring = RING.get(memory, tty);
        if (kernel.copyToUser(to, ring + (tail & RING_BYTES - 1), first) != 0
                || kernel.copyToUser(to + first, ring, copied - first) != 0) {
            return -Errno.EFAULT;
        }
        return locked(port, () -> {
            if (TAIL.get(memory, tty) == tail) {       // unless a signal has emptied the ring
                int left = discipline.filled(tty);     // less than taken if an erase was faster
                TAIL.set(memory, tty, tail + Math.min(taken, left));
            }
            if (CANON_HEAD.get(memory, tty) - TAIL.get(memory, tty) < 0) {
                CANON_HEAD.set(memory, tty, TAIL.get(memory, tty));
            }
            return copied;
        });
    }

    @Override
    public int poll(long file, long table) {
        long port = port(file);
        int events = PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM;
        if (discipline.isHungUp(port)) {
            events |= PollEvents.EPOLLHUP | PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM;
        }
        if (isReader(FileLayout.MODE.get(memory, file))) {
            long tty = TTY.get(memory, port);
            kernel.pollWait(file, WAIT.at(tty), table);
            int min = discipline.special(port, TermiosLayout.VTIME) == 0
                    ? Math.max(1, discipline.special(port, TermiosLayout.VMIN)) : 1;
            events |= discipline.isAvailable(port, tty, min) ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0;
        }
        return events;
    }

    // ---- commands ----

    @Override
    public int ioctl(long file, int command, long argument) {
        long port = port(file);
        if (discipline.isHungUp(port)) {
            return -Errno.EIO;
        }
        return switch (command) {
            case TermiosLayout.TCGETS -> kernel.copyToUser(argument, TERMIOS.at(port), TermiosLayout.SIZE) == 0 ? 0
                    : -Errno.EFAULT;
            case TermiosLayout.TCSETS, TermiosLayout.TCSETSW -> setTermios(port, argument, false);
            case TermiosLayout.TCSETSF -> setTermios(port, argument, true);
            case TermiosLayout.TCSBRK -> 0;
            case TermiosLayout.TCFLSH -> flush(port, (int) argument);
            case TermiosLayout.TIOCGPGRP -> kernel.putUser(FOREGROUND.get(memory, port), argument);
            case TermiosLayout.TIOCSPGRP -> setForeground(port, argument);
            case TermiosLayout.TIOCGWINSZ -> tellSize(argument);
            case TermiosLayout.FIONREAD -> kernel.putUser(locked(port, () -> readable(port)), argument);
            default -> -Errno.ENOTTY;
        };
    }

    private int setTermios(long port, long argument, boolean flushes) {
        return kernel.onStack(TermiosLayout.SIZE, termios -> {
            if (kernel.copyFromUser(termios, argument, TermiosLayout.SIZE) != 0) {
                return -Errno.EFAULT;
            }
            return locked(port, () -> {
                boolean wasCanonical = discipline.has(port, TermiosLayout.ICANON);
                memory.copy(TERMIOS.at(port), termios, TermiosLayout.SIZE);
                long tty = TTY.get(memory, port);
                if (tty != 0) {
                    setSpeed(port);
                }
                if (tty != 0 && flushes) {
                    discipline.flush(tty);
                }
                if (tty != 0 && wasCanonical != discipline.has(port, TermiosLayout.ICANON)) {
                    discipline.modeChanged(tty, wasCanonical);
                    kernel.wakeUpInterruptible(WAIT.at(tty));
                }
                if (tty != 0) {
                    discipline.unthrottle(port, tty);
                }
                return 0;
            });
        });
    }

    /** Forgets input; output is sent at once. */
    private int flush(long port, int what) {
        if (what < 0 || what > 2) {
            return -Errno.EINVAL;
        }
        return locked(port, () -> {
            long tty = TTY.get(memory, port);
            if (tty != 0 && what != 1) {
                discipline.flush(tty);
                discipline.unthrottle(port, tty);
            }
            return 0;
        });
    }

    private int setForeground(long port, long argument) {
        return kernel.onStack(4, pid -> {
            if (kernel.getUser(pid, argument) < 0) {
                return -Errno.EFAULT;
            }
            FOREGROUND.set(memory, port, memory.load32(pid));
            return 0;
        });
    }

    private int tellSize(long argument) {
        return kernel.onStack(TermiosLayout.WINSIZE_BYTES, size -> {
            memory.store16(size, ROWS);
            memory.store16(size + 2, COLUMNS);
            memory.store32(size + 4, 0);
            return kernel.copyToUser(argument, size, TermiosLayout.WINSIZE_BYTES) == 0 ? 0 : -Errno.EFAULT;
        });
    }

    private int readable(long port) {
        long tty = TTY.get(memory, port);
        if (tty == 0) {
            return 0;
        }
        return (discipline.has(port, TermiosLayout.ICANON) ? CANON_HEAD : HEAD).get(memory, tty)
                - TAIL.get(memory, tty);
    }
}
