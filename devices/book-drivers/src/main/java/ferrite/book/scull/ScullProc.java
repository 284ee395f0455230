package ferrite.book.scull;

import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.SeqOperations;

/**
 * {@code /proc/scullmem}, which is made at once (LDD3 page 84), and {@code /proc/scullseq}, which has a record for each
 * device (pages 87-91). Both have the same text.
 */
final class ScullProc implements SeqOperations {

    private static final String AT_ONCE = "scullmem";
    private static final String BY_RECORD = "scullseq";

    private final ScullDriver driver;
    private final KernelCalls kernel;
    private final KernelMemory memory;

    ScullProc(ScullDriver driver) {
        this.driver = driver;
        this.kernel = driver.calls();
        this.memory = kernel.memory();
    }

    /** Makes the files. Returns 0 or -ENOMEM. Task context; may sleep. */
    int create(long show, long operations) {
        return kernel.procCreateSingleData(AT_ONCE, 0, show, 0) == 0
                || kernel.procCreateSeqData(BY_RECORD, 0, operations, 0) == 0 ? -Errno.ENOMEM : 0;
    }

    /** Removes the files; one that was not made is no mistake. Task context; may sleep. */
    void remove() {
        kernel.removeProcEntry(AT_ONCE);
        kernel.removeProcEntry(BY_RECORD);
    }

    private int count() {
        return ScullGlobalsLayout.NR_DEVS.get(memory, driver.globals());
    }

    /** Makes the text of {@code scullmem}. */
    int showAll(long seq) {
        int result = 0;
        for (int i = 0; i < count() && result == 0; i++) {
            result = driver.memoryOfDevices().show(seq, driver.device(i), i);
        }
        return result;
    }

    // ---- the records of scullseq: devices by number, plus 1 ----

    @Override
    public long start(long seq, long position) {
        return position < count() ? position + 1 : 0;
    }

    @Override
    public long next(long seq, long record, long position) {
        return start(seq, position);
    }

    @Override
    public int show(long seq, long record) {
        int number = (int) record - 1;
        return driver.memoryOfDevices().show(seq, driver.device(number), number);
    }
}
