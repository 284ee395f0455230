package ferrite.hardware.monitor;

/** The effect of a command, the mildest first. A client of the debug port may be held to mild ones. */
public enum Effect {

    /** It changes nothing about the run. */
    LOOKS,
    /** It halts the machine or lets it run on, sets a point, or returns the machine to an earlier state. */
    STEERS,
    /** It reads or writes a file of the host. */
    USES_FILES
}
