package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.SeqOperations;
import ferrite.kernel.fs.SeqShow;

/** Files of {@code /proc}, and text that is made record by record (LDD3 pages 82-91). */
@DriverApi
public interface ProcCalls {

    /**
     * Makes {@code /proc/NAME}. Task context; may sleep.
     *
     * @param mode       permissions; 0 stands for 0444
     * @param operations text address of {@link FileOperations}
     * @return the entry; 0 if there is a file with the name, or without memory
     */
    @CName("proc_create")
    long procCreate(String name, int mode, long operations);

    /**
     * Makes {@code /proc/NAME}, as proc_create. Task context; may sleep.
     *
     * @param data stored in {@link FileLayout#DATA} of each file that is opened
     */
    @CName("proc_create_data")
    long procCreateData(String name, int mode, long operations, long data);

    /**
     * Makes {@code /proc/NAME} with the operations of a seq_file. Task context; may sleep.
     *
     * @param operations text address of {@link SeqOperations}
     * @param data       the private word of each seq_file
     * @return as proc_create
     */
    @CName("proc_create_seq_data")
    long procCreateSeqData(String name, int mode, long operations, long data);

    /**
     * Makes {@code /proc/NAME} with a function that makes its whole text. Task context; may sleep.
     *
     * @param show text address of {@link SeqShow}
     * @param data the private word of each seq_file
     * @return as proc_create
     */
    @CName("proc_create_single_data")
    long procCreateSingleData(String name, int mode, long show, long data);

    /**
     * Removes {@code /proc/NAME}: waits for operations in progress, and releases the files that are open, which have
     * no operations afterwards. No operation of the file may call it. Task context; may sleep.
     */
    @CName("remove_proc_entry")
    void removeProcEntry(String name);

    // ---- operations of a file that is a seq_file ----

    /**
     * Makes an open file a seq_file, and its address the private word. Task context; may sleep.
     *
     * @param operations text address of {@link SeqOperations}
     * @return 0 or -ENOMEM
     */
    @CName("seq_open")
    int seqOpen(long file, long operations);

    /**
     * Makes an open file a seq_file with one record. Task context; may sleep.
     *
     * @param show text address of {@link SeqShow}
     * @param data the private word of the seq_file
     * @return 0 or -ENOMEM
     */
    @CName("single_open")
    int singleOpen(long file, long show, long data);

    /** Reads text of a seq_file, as a read operation. Task context; may sleep. */
    @CName("seq_read")
    int seqRead(long file, long to, int count, long position);

    /** Moves the position of a seq_file, as an llseek operation; SEEK_END is -EINVAL. Task context; may sleep. */
    @CName("seq_lseek")
    long seqLseek(long file, long offset, int whence);

    /** Frees a seq_file, in a release operation. Task context; may sleep. Returns 0. */
    @CName("seq_release")
    int seqRelease(long file);

    /** Frees the seq_file of single_open, in a release operation. Task context; may sleep. Returns 0. */
    @CName("single_release")
    int singleRelease(long file);

    // ---- text of a record ----

    /** Adds text to a record. Task context, also under the locks of start. */
    @CName("seq_printf")
    void seqPrintf(long seq, String message);

    /** Adds text to a record. Task context, also under the locks of start. */
    @CName("seq_puts")
    void seqPuts(long seq, String text);

    /**
     * Adds text to a record, with an octal escape for each of some characters (LDD3 page 90). Task context, also under
     * the locks of start.
     *
     * @param escaped these characters, such as blank, tab and newline
     */
    @CName("seq_escape")
    void seqEscape(long seq, String text, String escaped);

    /** Adds a byte to a record. Task context, also under the locks of start. */
    @CName("seq_putc")
    void seqPutc(long seq, int character);

    /** Adds bytes to a record. Task context, also under the locks of start. Returns 0, or -1 if they do not fit. */
    @CName("seq_write")
    int seqWrite(long seq, long from, int bytes);
}
