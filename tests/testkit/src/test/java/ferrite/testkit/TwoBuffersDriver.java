package ferrite.testkit;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/** A driver that allocates an object and then pages for each read of /dev/two. Its error path may be wrong. */
final class TwoBuffersDriver implements Driver, FileOperations {

    private final boolean leaks;
    private KernelCalls kernel;
    private long operations;

    /** @param leaks whether the object is kept when there are no pages */
    TwoBuffersDriver(boolean leaks) {
        this.leaks = leaks;
    }

    @Override
    public String name() {
        return "two";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("two_operations", this);
    }

    @Override
    public int init() {
        return kernel.cdevAdd("two", operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
        if (object == 0) {
            return -Errno.ENOMEM;
        }
        long pages = kernel.__getFreePages(Gfp.GFP_KERNEL, 1);
        if (pages == 0) {
            if (!leaks) {
                kernel.kfree(object);
            }
            return -Errno.ENOMEM;
        }
        kernel.freePages(pages, 1);
        kernel.kfree(object);
        return 0;
    }
}
