package ferrite.board.wiring;

import ferrite.peripherals.htif.Htif;
import ferrite.peripherals.semihosting.Semihosting;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioConsole;

/**
 * The devices of a bare board that share the host's input. The first of them that waits for a byte gets it: HTIF,
 * semihosting, virtio console, serial line.
 */
public final class InputDevices {

    /** Null on a board without one. */
    private final Htif htif;
    /** Null while semihosting is off. */
    private final Semihosting semihosting;
    /** Null on a board without one. */
    private final VirtioConsole virtioConsole;
    private final Uart uart;

    InputDevices(Htif htif, Semihosting semihosting, VirtioConsole virtioConsole, Uart uart) {
        this.htif = htif;
        this.semihosting = semihosting;
        this.virtioConsole = virtioConsole;
        this.uart = uart;
    }

    private boolean isHtifAwaited() {
        return htif != null && htif.isAwaited();
    }

    private boolean isSemihostingAwaited() {
        return semihosting != null && semihosting.isAwaited();
    }

    private boolean isVirtioConsoleAwaited() {
        return virtioConsole != null && virtioConsole.isAwaited();
    }

    /** Returns whether the program waits for a byte. */
    public boolean isAwaited() {
        return isHtifAwaited() || isSemihostingAwaited() || isVirtioConsoleAwaited() || uart.isAwaited();
    }

    /** Returns whether the program waits by reading a status over and over. */
    public boolean isPolled() {
        return isHtifAwaited() || isSemihostingAwaited() || uart.isPolled();
    }

    /** Returns whether the program has asked for a byte that the host has not answered. */
    public boolean isUnanswered() {
        return htif != null && htif.isUnanswered() || virtioConsole != null && virtioConsole.isUnanswered()
                || uart.isUnanswered();
    }

    /** Gives the program a byte. */
    public void receive(int value) {
        if (isHtifAwaited()) {
            htif.receive(value);
        } else if (isSemihostingAwaited()) {
            semihosting.receive(value);
        } else if (isVirtioConsoleAwaited()) {
            virtioConsole.receive(value);
        } else {
            uart.receive(value);
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
        uart.askAgainIn(ticks);
    }
}
