package ferrite.book.quanta;

import static ferrite.book.quanta.AsyncWorkLayout.IOCB;
import static ferrite.book.quanta.AsyncWorkLayout.RESULT;
import static ferrite.book.quanta.AsyncWorkLayout.WORK;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.KiocbLayout;
import ferrite.kernel.sched.Jiffies;
import ferrite.kernel.work.WorkFunction;

/**
 * The operations of devices with quanta of pages: programs can map them, and read and write them asynchronously (LDD3
 * pages 439-441).
 */
final class PageFiles extends MappedFiles {

    /** The book's HZ/100. */
    private static final int DELAY = Jiffies.HZ / 100;

    private final int pageBytes;
    private final long deferred;

    PageFiles(QuantumDriver driver, TextTable.Module text, int pageBytes) {
        super(driver, text, driver.name(), (quantum, offset) -> driver.kernel().virtToPage(quantum));
        this.pageBytes = pageBytes;
        this.deferred = text.add(driver.name() + "_do_deferred_op", (WorkFunction) this::complete);
    }

    /**
     * Maps single pages only: in a larger block the first page alone has a reference count, so that the others cannot
     * be given to programs (LDD3 page 432).
     */
    @Override
    public int mmap(long file, long area) {
        return ScullDevLayout.QUANTUM.get(memory, dev(file)) > pageBytes ? -Errno.ENODEV : super.mmap(file, area);
    }

    @Override
    public int aioRead(long iocb, long to, int count, long position) {
        return defer(iocb, read(KiocbLayout.KI_FILP.get(memory, iocb), to, count, position));
    }

    @Override
    public int aioWrite(long iocb, long from, int count, long position) {
        return defer(iocb, write(KiocbLayout.KI_FILP.get(memory, iocb), from, count, position));
    }

    /** Tells the result later, unless a caller waits for it or there is no memory. The bytes are copied already. */
    private int defer(long iocb, int result) {
        long stuff = kernel.isSyncKiocb(iocb) ? 0 : kernel.kmalloc(AsyncWorkLayout.SIZE, Gfp.GFP_KERNEL);
        if (stuff == 0) {
            return result;
        }
        IOCB.set(memory, stuff, iocb);
        RESULT.set(memory, stuff, result);
        kernel.initDelayedWork(WORK.at(stuff), deferred);
        kernel.scheduleDelayedWork(WORK.at(stuff), DELAY);
        return -Errno.EIOCBQUEUED;
    }

    private void complete(long work) {
        long stuff = WORK.containerOf(work);
        kernel.aioComplete(IOCB.get(memory, stuff), RESULT.get(memory, stuff), 0);
        kernel.kfree(stuff);
    }
}
