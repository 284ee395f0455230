package ferrite.board.wiring;

import ferrite.board.layout.InputTarget;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.htif.Htif;
import ferrite.peripherals.semihosting.Semihosting;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioConsole;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The devices of a bare board that share the host's input. A byte goes to HTIF or semihosting if these wait for one,
 * and otherwise to the serial line, the virtio console, or both.
 *
 * <p>Of both, the one that waits gets the byte now, and the other one when its driver asks. So a program finds all of
 * its input on the console that it reads, and a driver that takes bytes which no program reads, as Linux's hvc0 does,
 * takes none away. A console gets at most {@value #MAX_BACKLOG} bytes later than the other; it loses the rest.
 */
public final class InputDevices implements Saveable {

    private static final int MAX_BACKLOG = 64 << 10;

    /** Null on a board without one. */
    private final Htif htif;
    /** Null while semihosting is off. */
    private final Semihosting semihosting;
    /** Null on a board without one, and if it gets no input. */
    private final VirtioConsole virtioConsole;
    /** Null if it gets no input. */
    private final Uart uart;
    private final Deque<Byte> forVirtio = new ArrayDeque<>();
    private final Deque<Byte> forUart = new ArrayDeque<>();

    InputDevices(Htif htif, Semihosting semihosting, VirtioConsole virtioConsole, Uart uart, InputTarget target) {
        this.htif = htif;
        this.semihosting = semihosting;
        this.virtioConsole = target == InputTarget.SERIAL ? null : virtioConsole;
        this.uart = target == InputTarget.VIRTIO ? null : uart;
    }

    private boolean isHtifAwaited() {
        return htif != null && htif.isAwaited();
    }

    private boolean isSemihostingAwaited() {
        return semihosting != null && semihosting.isAwaited();
    }

    private boolean isVirtioConsoleAwaited() {
        return virtioConsole != null && virtioConsole.isAwaited() && forVirtio.isEmpty();
    }

    private boolean isUartAwaited() {
        return uart != null && uart.isAwaited() && forUart.isEmpty();
    }

    /** Returns whether the program waits for a byte of the host. */
    public boolean isAwaited() {
        return isHtifAwaited() || isSemihostingAwaited() || isVirtioConsoleAwaited() || isUartAwaited();
    }

    /** Returns whether the program waits by reading a status over and over. */
    public boolean isPolled() {
        return isHtifAwaited() || isSemihostingAwaited() || isUartAwaited() && uart.isPolled();
    }

    /** Returns whether the program has asked for a byte that the host has not answered. */
    public boolean isUnanswered() {
        return htif != null && htif.isUnanswered() || virtioConsole != null && virtioConsole.isUnanswered()
                || uart != null && uart.isUnanswered();
    }

    /** Answers a UART that asks for a byte. Returns false if the host has to answer. */
    boolean answerUart() {
        if (uart != null && !forUart.isEmpty()) {
            uart.receive(forUart.poll() & 0xff);
            return true;
        }
        return uart == null;                           // no answer ever comes
    }

    /** Answers a virtio console that asks for a byte. Returns false if the host has to answer. */
    boolean answerVirtioConsole() {
        if (virtioConsole != null && !forVirtio.isEmpty()) {
            virtioConsole.receive(forVirtio.poll() & 0xff);
            return true;
        }
        return virtioConsole == null;
    }

    /** Gives the program a byte. */
    public void receive(int value) {
        if (isHtifAwaited()) {
            htif.receive(value);
            return;
        }
        if (isSemihostingAwaited()) {
            semihosting.receive(value);
            return;
        }
        boolean toUart = isUartAwaited();
        if (isVirtioConsoleAwaited()) {
            virtioConsole.receive(value);
        } else if (virtioConsole != null) {
            keep(forVirtio, value);
        }
        if (toUart) {
            uart.receive(value);
        } else if (uart != null && virtioConsole != null) {
            keep(forUart, value);
        }
    }

    private static void keep(Deque<Byte> backlog, int value) {
        if (backlog.size() < MAX_BACKLOG) {
            backlog.add((byte) value);
        }
    }

    /** Tells the program that no more bytes come, if it can be told. */
    public void endInput() {
        if (semihosting != null) {
            semihosting.endInput();
        }
    }

    /** Has the waiting devices ask the host again after this many ticks. */
    public void askAgainIn(long ticks) {
        if (isHtifAwaited()) {
            htif.askAgainIn(ticks);
            return;
        }
        if (isSemihostingAwaited()) {
            return;                                    // the hart makes its call again
        }
        if (isVirtioConsoleAwaited()) {
            virtioConsole.askAgainIn(ticks);
        }
        if (isUartAwaited()) {
            uart.askAgainIn(ticks);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putBytes(bytes(forVirtio));
        out.putBytes(bytes(forUart));
    }

    private static byte[] bytes(Deque<Byte> backlog) {
        byte[] bytes = new byte[backlog.size()];
        int at = 0;
        for (byte value : backlog) {
            bytes[at++] = value;
        }
        return bytes;
    }

    @Override
    public void restore(StateReader in) {
        restore(forVirtio, in.getBytes(), virtioConsole != null && uart != null);
        restore(forUart, in.getBytes(), virtioConsole != null && uart != null);
    }

    private static void restore(Deque<Byte> backlog, byte[] bytes, boolean keeps) {
        StateReader.requireThat(bytes.length <= (keeps ? MAX_BACKLOG : 0),
                "a console is " + bytes.length + " bytes of input behind the other one");
        backlog.clear();
        for (byte value : bytes) {
            backlog.add(value);
        }
    }
}
