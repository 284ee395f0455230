package ferrite.peripherals.uart;

import static ferrite.peripherals.uart.TermiosLayout.LFLAG;
import static ferrite.peripherals.uart.TtyLayout.CANON_HEAD;
import static ferrite.peripherals.uart.TtyLayout.HEAD;
import static ferrite.peripherals.uart.TtyLayout.ONE_READER;
import static ferrite.peripherals.uart.TtyLayout.RING;
import static ferrite.peripherals.uart.TtyLayout.RING_BYTES;
import static ferrite.peripherals.uart.TtyLayout.TAIL;
import static ferrite.peripherals.uart.TtyLayout.WAIT;
import static ferrite.peripherals.uart.UartLayout.CDEV;
import static ferrite.peripherals.uart.UartLayout.FOREGROUND;
import static ferrite.peripherals.uart.UartLayout.IRQ;
import static ferrite.peripherals.uart.UartLayout.LOCK;
import static ferrite.peripherals.uart.UartLayout.ONE_OPENER;
import static ferrite.peripherals.uart.UartLayout.READERS;
import static ferrite.peripherals.uart.UartLayout.REGISTERS;
import static ferrite.peripherals.uart.UartLayout.TERMIOS;
import static ferrite.peripherals.uart.UartLayout.TTY;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.PollEvents;
import java.util.function.IntSupplier;

/**
 * /dev/ttyS0: a terminal on the serial line, with lines that can be edited, or bytes ({@code termios}). The receiver
 * and its interrupt are in use while a file is open for reading. Output waits for the chip: its transmitter is never
 * full for long.
 *
 * <p>There are no process groups: Ctrl-C is for the program that opened the terminal for reading last or read from it
 * last, or for the one of {@code TIOCSPGRP}. Unlike Linux, a line feed is sent without a return at first, because a
 * host's file or terminal is at the other end; {@code ONLCR} changes that.
 */
final class UartFileDriver implements FileOperations {

    /** A write of more is a short one. */
    private static final int PIECE = 512;
    private static final int SAMPLES_PER_BIT = 16;
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;
    private static final int TENTHS_OF_A_SECOND = 100;
    private static final int TRIGGER_8 = 2 << UartRegisters.FCR_TRIGGER_SHIFT;
    /** No answer of a read: another program has changed the mode or emptied the ring, so look again. */
    private static final int NOTHING = Integer.MIN_VALUE;
    /** The special characters at first: ^C ^\ DEL ^U ^D 0 1 … ^W, in the order of c_cc. */
    private static final int[] CHARACTERS = {3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x17, 0, 0, 0, 0};

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final LineDisciplineDriver discipline;
    private final long interrupt;

    /** @param interrupt text address of the interrupt's handler */
    UartFileDriver(KernelCalls kernel, LineDisciplineDriver discipline, long interrupt) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.discipline = discipline;
        this.interrupt = interrupt;
    }

    /** Sets the modes of a new terminal. */
    void initTermios(long uart) {
        long termios = TERMIOS.at(uart);
        TermiosLayout.IFLAG.set(memory, termios, TermiosLayout.ICRNL);
        TermiosLayout.OFLAG.set(memory, termios, TermiosLayout.OPOST);
        TermiosLayout.CFLAG.set(memory, termios, TermiosLayout.B38400 | TermiosLayout.CS8 | TermiosLayout.CREAD);
        LFLAG.set(memory, termios, TermiosLayout.ISIG | TermiosLayout.ICANON | TermiosLayout.ECHO | TermiosLayout.ECHOE
                | TermiosLayout.ECHOK | TermiosLayout.ECHOCTL | TermiosLayout.ECHOKE | TermiosLayout.IEXTEN);
        for (int i = 0; i < CHARACTERS.length; i++) {
            memory.store8(TermiosLayout.CC.at(termios) + i, CHARACTERS[i]);
        }
    }

    private long uart(long file) {
        return CDEV.containerOf(FileLayout.DATA.get(memory, file));
    }

    private static boolean isReader(int mode) {
        return (mode & Fcntl.FMODE_READ) != 0;
    }

    private int locked(long uart, IntSupplier body) {
        int flags = kernel.spinLockIrqsave(LOCK.at(uart));
        int result = body.getAsInt();
        kernel.spinUnlockIrqrestore(LOCK.at(uart), flags);
        return result;
    }

    // ---- opening and closing ----

    @Override
    public int open(long file) {
        long uart = uart(file);
        int result = 0;
        if (isReader(FileLayout.MODE.get(memory, file))) {
            kernel.mutexLock(ONE_OPENER.at(uart));
            result = READERS.get(memory, uart) > 0 ? 0 : startReceiver(uart);
            if (result == 0) {
                READERS.add(memory, uart, 1);
                FOREGROUND.set(memory, uart, kernel.taskPidNr(kernel.current()));
            }
            kernel.mutexUnlock(ONE_OPENER.at(uart));
        }
        return result < 0 ? result : kernel.nonseekableOpen(file);
    }

    private int startReceiver(long uart) {
        long tty = kernel.kzalloc(TtyLayout.SIZE, Gfp.GFP_KERNEL);
        long ring = tty == 0 ? 0 : kernel.getZeroedPage(Gfp.GFP_KERNEL);
        if (ring == 0) {
            kernel.kfree(tty);
            return -Errno.ENOMEM;
        }
        RING.set(memory, tty, ring);
        kernel.initWaitqueueHead(WAIT.at(tty));
        kernel.mutexInit(ONE_READER.at(tty));
        TTY.set(memory, uart, tty);
        int result = kernel.requestIrq(IRQ.get(memory, uart), interrupt, 0, "ttyS0", uart);
        if (result < 0) {
            freeInput(uart);
            return result;
        }
        long registers = REGISTERS.get(memory, uart);
        locked(uart, () -> {
            setSpeed(uart);
            kernel.iowrite8(UartRegisters.FCR_ENABLE | UartRegisters.FCR_CLEAR_RECEIVER | TRIGGER_8,
                    registers + UartRegisters.FCR);
            kernel.iowrite8(UartRegisters.MCR_DTR | UartRegisters.MCR_RTS | UartRegisters.MCR_OUT2,
                    registers + UartRegisters.MCR);
            kernel.iowrite8(UartRegisters.IER_RECEIVED, registers + UartRegisters.IER);
            return 0;
        });
        return 0;
    }

    /** Sets the speed of the line, with 8 bits and no parity. A speed of 0 changes nothing. */
    private void setSpeed(long uart) {
        int baud = TermiosLayout.baud(TermiosLayout.CFLAG.get(memory, TERMIOS.at(uart)));
        if (baud > 0) {
            long registers = REGISTERS.get(memory, uart);
            int divisor = Math.max(1, UartLayout.CLOCK.get(memory, uart) / (SAMPLES_PER_BIT * baud));
            kernel.iowrite8(UartRegisters.DLAB | UartRegisters.LCR_8_BITS, registers + UartRegisters.LCR);
            kernel.iowrite8(divisor & 0xff, registers + UartRegisters.RBR);
            kernel.iowrite8(divisor >> 8, registers + UartRegisters.IER);
            kernel.iowrite8(UartRegisters.LCR_8_BITS, registers + UartRegisters.LCR);
        }
    }

    private void freeInput(long uart) {
        long tty = TTY.get(memory, uart);
        locked(uart, () -> {
            TTY.set(memory, uart, 0);
            return 0;
        });
        kernel.freePage(RING.get(memory, tty));
        kernel.kfree(tty);
    }

    @Override
    public void release(long file) {
        long uart = uart(file);
        if (!isReader(FileLayout.MODE.get(memory, file))) {
            return;
        }
        kernel.mutexLock(ONE_OPENER.at(uart));
        READERS.add(memory, uart, -1);
        if (READERS.get(memory, uart) == 0) {
            long registers = REGISTERS.get(memory, uart);
            locked(uart, () -> {
                kernel.iowrite8(0, registers + UartRegisters.IER);
                kernel.iowrite8(0, registers + UartRegisters.FCR);
                kernel.iowrite8(0, registers + UartRegisters.MCR);
                return 0;
            });
            kernel.freeIrq(IRQ.get(memory, uart), uart);
            freeInput(uart);
        }
        kernel.mutexUnlock(ONE_OPENER.at(uart));
    }

    // ---- output ----

    @Override
    public int write(long file, long from, int count, long position) {
        long uart = uart(file);
        int wanted = Math.min(count, PIECE);
        long piece = kernel.kmalloc(PIECE, Gfp.GFP_KERNEL);
        if (piece == 0) {
            return -Errno.ENOMEM;
        }
        int copied = wanted - kernel.copyFromUser(piece, from, wanted);
        for (int i = 0; i < copied; i++) {
            int value = memory.load8(piece + i);
            locked(uart, () -> {                       // between two bytes there may be an echo
                discipline.put(uart, value);
                return 0;
            });
        }
        kernel.kfree(piece);
        return copied == 0 && wanted != 0 ? -Errno.EFAULT : copied;
    }

    // ---- input ----

    @Override
    public int read(long file, long to, int count, long position) {
        long uart = uart(file);
        long tty = TTY.get(memory, uart);
        if (kernel.mutexLockInterruptible(ONE_READER.at(tty)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        FOREGROUND.set(memory, uart, kernel.taskPidNr(kernel.current()));
        boolean waits = (FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) == 0;
        int result = count == 0 ? 0 : NOTHING;
        while (result == NOTHING) {
            result = discipline.has(uart, TermiosLayout.ICANON) ? readLine(uart, to, count, waits)
                    : readBytes(uart, to, count, waits);
            locked(uart, () -> {
                discipline.unthrottle(uart, tty);
                return 0;
            });
        }
        kernel.mutexUnlock(ONE_READER.at(tty));
        return result;
    }

    /** Reads a line, or returns {@link #NOTHING}. */
    private int readLine(long uart, long to, int count, boolean waits) {
        long tty = TTY.get(memory, uart);
        if (!discipline.isAvailable(uart, tty, 1)) {
            int result = waits ? kernel.waitEventInterruptible(WAIT.at(tty),
                    () -> !discipline.has(uart, TermiosLayout.ICANON) || discipline.isAvailable(uart, tty, 1))
                    : -Errno.EAGAIN;
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
            return NOTHING;
        }
        boolean atEndOfFile = ended && discipline.at(tty, tail + taken - 1) == 0;
        return take(uart, to, tail, taken, atEndOfFile ? taken - 1 : taken);
    }

    private int readBytes(long uart, long to, int count, boolean waits) {
        long tty = TTY.get(memory, uart);
        int min = discipline.special(uart, TermiosLayout.VMIN);
        int time = discipline.special(uart, TermiosLayout.VTIME);
        int done = 0;
        while (done < count) {
            int filled = discipline.filled(tty);
            if (filled == 0) {
                if (done > 0 && done >= min || min == 0 && time == 0) {
                    return done;
                }
                int result = !waits ? -Errno.EAGAIN : await(tty, time, time > 0 && (min == 0 || done > 0));
                if (result <= 0) {
                    return done > 0 ? done : result;
                }
                filled = discipline.filled(tty);
            }
            int piece = Math.min(filled, count - done);
            int taken = take(uart, to + done, TAIL.get(memory, tty), piece, piece);
            if (taken < 0) {
                return done > 0 ? done : taken;
            }
            done += taken;
        }
        return done;
    }

    /** Waits for a byte. Returns more than 0 when there is one, 0 if the time is over, or -ERESTARTSYS. */
    private int await(long tty, int tenths, boolean timed) {
        if (timed) {
            return kernel.waitEventInterruptibleTimeout(WAIT.at(tty), () -> discipline.filled(tty) > 0,
                    kernel.msecsToJiffies(tenths * TENTHS_OF_A_SECOND));
        }
        int result = kernel.waitEventInterruptible(WAIT.at(tty), () -> discipline.filled(tty) > 0);
        return result < 0 ? result : 1;
    }

    /** Copies bytes to the program, and takes them and their end out of the ring. */
    private int take(long uart, long to, int tail, int taken, int copied) {
        long tty = TTY.get(memory, uart);
        int first = Math.min(copied, RING_BYTES - (tail & RING_BYTES - 1));
        long ring = RING.get(memory, tty);
        if (kernel.copyToUser(to, ring + (tail & RING_BYTES - 1), first) != 0
                || kernel.copyToUser(to + first, ring, copied - first) != 0) {
            return -Errno.EFAULT;
        }
        return locked(uart, () -> {
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
        long uart = uart(file);
        int events = PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM;
        if (isReader(FileLayout.MODE.get(memory, file))) {
            long tty = TTY.get(memory, uart);
            kernel.pollWait(file, WAIT.at(tty), table);
            int min = discipline.special(uart, TermiosLayout.VTIME) == 0
                    ? Math.max(1, discipline.special(uart, TermiosLayout.VMIN)) : 1;
            events |= discipline.isAvailable(uart, tty, min) ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0;
        }
        return events;
    }

    // ---- commands ----

    @Override
    public int ioctl(long file, int command, long argument) {
        long uart = uart(file);
        return switch (command) {
            case TermiosLayout.TCGETS -> kernel.copyToUser(argument, TERMIOS.at(uart), TermiosLayout.SIZE) == 0 ? 0
                    : -Errno.EFAULT;
            case TermiosLayout.TCSETS, TermiosLayout.TCSETSW -> setTermios(uart, argument, false);
            case TermiosLayout.TCSETSF -> setTermios(uart, argument, true);
            case TermiosLayout.TCSBRK -> 0;
            case TermiosLayout.TCFLSH -> flush(uart, (int) argument);
            case TermiosLayout.TIOCGPGRP -> kernel.putUser(FOREGROUND.get(memory, uart), argument);
            case TermiosLayout.TIOCSPGRP -> setForeground(uart, argument);
            case TermiosLayout.TIOCGWINSZ -> tellSize(argument);
            case TermiosLayout.FIONREAD -> kernel.putUser(locked(uart, () -> readable(uart)), argument);
            default -> -Errno.ENOTTY;
        };
    }

    private int setTermios(long uart, long argument, boolean flushes) {
        return kernel.onStack(TermiosLayout.SIZE, termios -> {
            if (kernel.copyFromUser(termios, argument, TermiosLayout.SIZE) != 0) {
                return -Errno.EFAULT;
            }
            return locked(uart, () -> {
                boolean wasCanonical = discipline.has(uart, TermiosLayout.ICANON);
                memory.copy(TERMIOS.at(uart), termios, TermiosLayout.SIZE);
                long tty = TTY.get(memory, uart);
                if (tty != 0) {
                    setSpeed(uart);
                }
                if (tty != 0 && flushes) {
                    discipline.flush(tty);
                }
                if (tty != 0 && wasCanonical != discipline.has(uart, TermiosLayout.ICANON)) {
                    discipline.modeChanged(tty, wasCanonical);
                    kernel.wakeUpInterruptible(WAIT.at(tty));
                }
                if (tty != 0) {
                    discipline.unthrottle(uart, tty);
                }
                return 0;
            });
        });
    }

    /** Forgets input; output is sent at once. */
    private int flush(long uart, int what) {
        if (what < 0 || what > 2) {
            return -Errno.EINVAL;
        }
        return locked(uart, () -> {
            long tty = TTY.get(memory, uart);
            if (tty != 0 && what != 1) {
                discipline.flush(tty);
                discipline.unthrottle(uart, tty);
            }
            return 0;
        });
    }

    private int setForeground(long uart, long argument) {
        return kernel.onStack(4, pid -> {
            if (kernel.getUser(pid, argument) < 0) {
                return -Errno.EFAULT;
            }
            FOREGROUND.set(memory, uart, memory.load32(pid));
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

    private int readable(long uart) {
        long tty = TTY.get(memory, uart);
        if (tty == 0) {
            return 0;
        }
        return (discipline.has(uart, TermiosLayout.ICANON) ? CANON_HEAD : HEAD).get(memory, tty)
                - TAIL.get(memory, tty);
    }
}
