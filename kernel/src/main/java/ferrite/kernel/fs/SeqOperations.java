package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/**
 * {@code struct seq_operations}: the records of a file of {@code /proc} (LDD3 pages 87-91). The kernel asks for one
 * after the other, and gathers their text. It may show a record again in a larger buffer, and go on in a later read;
 * between {@link #start} and {@link #stop} it does not sleep, so a lock may be held. Task context.
 *
 * <p>A record is a word other than 0, mostly an address. {@code seq} is the address of the {@link SeqFileLayout}.
 */
@DriverApi
public interface SeqOperations {

    /** Linux's {@code SEQ_START_TOKEN}: stands for a heading before the first record. */
    long SEQ_START_TOKEN = 1;

    /** Linux's {@code SEQ_SKIP}: the text of this record is dropped. */
    int SEQ_SKIP = 1;

    /**
     * Begins at a record.
     *
     * @param position the number of the record; 0 for the first one
     * @return the record, 0 at the end, or a negative {@link ferrite.kernel.base.Errno}
     */
    long start(long seq, long position);

    /**
     * Goes to the next record.
     *
     * @param record   the last one
     * @param position the number of the next one
     * @return the next record, 0 at the end, or a negative errno
     */
    long next(long seq, long record, long position);

    /** Ends the section that {@link #start} began. The record may be 0, or a negative errno. */
    default void stop(long seq, long record) { }

    /**
     * Makes the text of a record with {@code seq_puts} and its kin.
     *
     * @return 0, {@link #SEQ_SKIP}, or a negative errno
     */
    int show(long seq, long record);
}
