package ferrite.testkit;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/** A driver that keeps an object and a page from its beginning on, and two more for each read of /dev/keeping. */
final class KeepingDriver implements Driver, FileOperations {

    private KernelCalls kernel;
    private long operations;

    @Override
    public String name() {
        return "keeping";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("keeping_operations", this);
    }

    @Override
    public int init() {
        keep();
        return kernel.cdevAdd("keeping", operations, 0);
    }

    private void keep() {
        kernel.kmalloc(100, Gfp.GFP_KERNEL);
        kernel.__getFreePage(Gfp.GFP_KERNEL);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        keep();
        kernel.kfree(kernel.kmalloc(200, Gfp.GFP_KERNEL));
        return 0;
    }
}
