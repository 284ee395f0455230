package ferrite.book.sleepy;

import ferrite.book.base.Processes;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import java.util.List;

/**
 * {@code sleepy}: a process that reads sleeps, and any process that writes wakes all that sleep (LDD3 page 149). Two
 * readers may both find the flag set before one of them clears it, so both may go on: the book leaves that race in.
 */
public final class SleepyDriver implements Driver, FileOperations {

    private KernelCalls kernel;
    private KernelMemory memory;
    private StaticPointer sleepy;
    private long operations;

    @Override
    public String name() {
        return "sleepy";
    }

    @Override
    public List<Struct> structs() {
        return List.of(SleepyLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        sleepy = new StaticPointer(theKernel, text, "sleepy");
        operations = text.add("sleepy_fops", this);
    }

    @Override
    public int init() {
        long record = kernel.kzalloc(SleepyLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        kernel.initWaitqueueHead(SleepyLayout.WQ.at(record));
        sleepy.set(record);
        int result = kernel.cdevAdd(name(), operations, record);
        if (result < 0) {
            kernel.kfree(record);
        }
        return result;
    }

    @Override
    public void exit() {
        kernel.cdevDel(name());
        kernel.kfree(sleepy.get());
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long record = FileLayout.DATA.get(memory, file);
        kernel.prDebug("process " + Processes.current(kernel) + " going to sleep");
        if (kernel.waitEventInterruptible(SleepyLayout.WQ.at(record),
                () -> SleepyLayout.FLAG.get(memory, record) != 0) < 0) {
            return -Errno.ERESTARTSYS;
        }
        SleepyLayout.FLAG.set(memory, record, 0);
        kernel.prDebug("awoken " + Processes.current(kernel));
        return 0;                                   // the end of the file
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long record = FileLayout.DATA.get(memory, file);
        kernel.prDebug("process " + Processes.current(kernel) + " awakening the readers...");
        SleepyLayout.FLAG.set(memory, record, 1);
        kernel.wakeUpInterruptible(SleepyLayout.WQ.at(record));
        return count;                               // succeed, to avoid another write
    }
}
