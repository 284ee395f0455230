package ferrite.debugport;

/** The rights of a client of the port. Each includes the ones before it. */
public enum Rights {

    /** The client may use inspectors. It changes nothing about the run. */
    LOOK,

    /**
     * The client may halt the machine, let it run on, change memory and registers, and use the monitor's commands for
     * snapshots. A program of the machine's own user has this right without the token.
     */
    CONTROL,

    /** The client may type lines for the machine's shell, which can load drivers and open files of the host. */
    COMMAND;

    /** Tells whether these rights include others. */
    public boolean include(Rights others) {
        return compareTo(others) >= 0;
    }
}
