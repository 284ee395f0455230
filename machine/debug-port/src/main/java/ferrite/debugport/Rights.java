package ferrite.debugport;

import ferrite.hardware.monitor.Effect;

/** The rights of a client of the port. Each includes the ones before it. */
public enum Rights {

    /** The client may use inspectors. It changes nothing about the run. */
    LOOK(Effect.LOOKS),

    /**
     * The client may use all of the monitor, and change memory and registers. A program of the machine's own user has
     * this right without the token.
     */
    CONTROL(Effect.USES_FILES),

    /** The client may type lines for the machine's shell, which can load drivers and open files of the host. */
    COMMAND(Effect.USES_FILES);

    private final Effect most;

    Rights(Effect most) {
        this.most = most;
    }

    /** Returns the strongest effect that a command of the monitor may have. */
    public Effect most() {
        return most;
    }

    /** Tells whether these rights include others. */
    public boolean include(Rights others) {
        return compareTo(others) >= 0;
    }
}
