package ferrite.kernel.sched;

/** The services that the task system needs from the floors above it. */
public interface TaskServices {

    /** Makes the lookaside cache of task records. Boot. */
    void makeRecordCache(int bytes);

    /** Allocates a zeroed record. May sleep. Returns 0 if there is no memory. */
    long allocRecord();

    /** Frees a record. */
    void freeRecord(long task);

    /** Allocates a kernel stack. May sleep. Returns its lowest address, or 0 if there is no memory. */
    long allocStack();

    /** Frees a kernel stack. May sleep. */
    void freeStack(long stack);

    /**
     * Explains the address of a faulting access, and reports the broken rule. Only looks.
     *
     * @param cause the kind of access, as Linux names it
     * @return the explanation as a clause, or null
     */
    String explainFault(String cause, long va);

    /** Closes the files of the current task, which exits, and ends its address space. Task context; may sleep. */
    void releaseAll();
}
