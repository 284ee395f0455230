package ferrite.testkit;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import java.util.function.Consumer;

/** A driver that stores past the end of an object for each read of /dev/overrun. */
final class OverrunDriver implements Driver, FileOperations {

    private static final int BYTES = 40;

    private KernelCalls kernel;
    private long operations;
    /** The lines that the reports name. */
    private String allocation;
    private String store;

    String allocation() {
        return allocation;
    }

    String store() {
        return store;
    }

    /** Returns a value, and notes the caller's line. */
    private static int at(Consumer<String> noted, int value) {
        noted.accept("OverrunDriver.java:" + StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst())
                .orElseThrow().getLineNumber());
        return value;
    }

    @Override
    public String name() {
        return "overrun";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("overrun_operations", this);
    }

    @Override
    public int init() {
        return kernel.cdevAdd("overrun", operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long object = kernel.kmalloc(at(line -> allocation = line, BYTES), Gfp.GFP_KERNEL);
        kernel.memory().store8(object + at(line -> store = line, BYTES), 0);
        kernel.kfree(object);
        return 0;
    }
}
