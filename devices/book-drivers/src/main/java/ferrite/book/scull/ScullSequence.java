package ferrite.book.scull;

import ferrite.book.quanta.ScullGlobalsLayout;
import ferrite.kernel.fs.SeqOperations;

/** {@code /proc/scullseq}: a record for each device (LDD3 pages 87-91). A record is a device's number plus 1. */
final class ScullSequence implements SeqOperations {

    private final ScullDriver driver;

    ScullSequence(ScullDriver driver) {
        this.driver = driver;
    }

    @Override
    public long start(long seq, long position) {
        return position < ScullGlobalsLayout.NR_DEVS.get(driver.calls().memory(), driver.globals()) ? position + 1 : 0;
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
