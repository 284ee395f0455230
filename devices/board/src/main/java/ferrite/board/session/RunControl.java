package ferrite.board.session;

/** A run that a debugger can halt. Called by whoever has the turn. */
interface RunControl {

    /** Whether the machine is to stand still before its next access. */
    void setHalted(boolean stand);

    /** Whether somebody will be there who can let a halted machine run on. */
    boolean expectsDebugger();
}
