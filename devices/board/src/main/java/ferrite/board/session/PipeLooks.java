package ferrite.board.session;

import ferrite.board.wiring.InputDevices;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.Turn;

/**
 * The moments at which a pipe is looked at for a program that has asked for a byte, and is busy since. They are no
 * events of the machine, so a pipe without bytes changes nothing about the run.
 */
final class PipeLooks {

    /** The time after which a busy program gets the bytes of a pipe, in ticks: a second. */
    private static final long BUSY_TICKS = Clock.TICKS_PER_SECOND;
    /** The time between two looks, in ticks: a millisecond. */
    private static final long LOOK_TICKS = Clock.TICKS_PER_SECOND / 1000;

    private final Turn turn;
    private final Clock clock;
    private final InputDevices devices;
    private long patience = BUSY_TICKS;
    /** The tick from which a program that is still busy gets the bytes that have arrived. */
    private long busyUntil;
    private boolean scheduled;
    private boolean due;

    PipeLooks(Turn turn, Clock clock, InputDevices devices) {
        this.turn = turn;
        this.clock = clock;
        this.devices = devices;
    }

    /** Notes that the program has asked for a byte, or that none had arrived. */
    void asked() {
        busyUntil = clock.now() + patience;
        schedule();
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            turn.inputs().at(0, clock.now() + LOOK_TICKS, this::look);
        }
    }

    /** Looks at the program. One that has begun to poll is not busy any more. */
    private void look() {
        scheduled = false;
        if (devices.isAwaited() && (devices.isPolled() || clock.now() >= busyUntil)) {
            due = true;
            turn.stop(Turn.Stop.HALTED);               // the run's loop takes the byte
        } else if (devices.isAwaited()) {
            schedule();
        }
    }

    /** Returns whether the program is to get a byte now, once. */
    boolean isDue() {
        boolean wasDue = due;
        due = false;
        return wasDue;
    }

    /** Notes that the program has been busy for long. It gets bytes soon after they arrive, until every hart waits. */
    void isBusyForLong() {
        patience = LOOK_TICKS;
    }

    /** Notes that every hart waits, so that the program is not busy. */
    void waits() {
        patience = BUSY_TICKS;
    }

    /** Forgets the scheduled looks, because the machine has returned to another moment. */
    void forget() {
        turn.inputs().drop();
        scheduled = false;
        due = false;
        patience = BUSY_TICKS;
    }
}
