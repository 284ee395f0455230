package ferrite.kernel.vm;

/** What becomes of a program's access that found no page, or no permission. */
public enum FaultOutcome {
    /** The access is repeated. */
    REPEAT,
    /** No area is there: SIGSEGV with SEGV_MAPERR. */
    NO_AREA,
    /** The area does not allow it: SIGSEGV with SEGV_ACCERR. */
    NOT_ALLOWED,
    /** The area has nothing there: SIGBUS. */
    NOTHING_THERE,
    /** There is no memory: the program is killed. */
    NO_MEMORY
}
