package ferrite.kernel.sched;

/** What the task system asks of the floors above it. */
public interface TaskServices {

    /** Makes the lookaside cache that the records of tasks come from, with objects of so many bytes. Boot. */
    void makeRecordCache(int bytes);

    /** Allocates a zeroed record. May sleep. Returns 0 when there is no memory. */
    long allocRecord();

    /** Frees a record. */
    void freeRecord(long task);

    /**
     * Says what is known of an address at which an access faulted, as a clause, or null; reports the rule that was broken. Only looks.
     *
     * @param cause what was tried, as Linux names it
     */
    String explainFault(String cause, long va);

    /** Closes the files of the current task, which ends. Task context; may sleep. */
    void closeFiles();
}
