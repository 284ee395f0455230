package ferrite.board;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/** A driver that stores past the end of an object, many times at one line, for each read of /dev/broken. */
public final class BrokenDriver implements Driver, FileOperations {

    public static final int TIMES = 5;
    public static final int ALLOCATION_LINE = 38;
    public static final int STORE_LINE = 40;
    private static final int BYTES = 40;

    private KernelCalls kernel;
    private long operations;

    @Override
    public String name() {
        return "broken";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("broken_operations", this);
    }

    @Override
    public int init() {
        return kernel.cdevAdd("broken", operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long object = kernel.kmalloc(BYTES, Gfp.GFP_KERNEL);
        for (int i = 0; i < TIMES; i++) {
            kernel.memory().store8(object + BYTES + i, 0);
        }
        kernel.kfree(object);
        return 0;
    }
}
