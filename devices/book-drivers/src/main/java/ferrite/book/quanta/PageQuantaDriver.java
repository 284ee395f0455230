package ferrite.book.quanta;

import ferrite.book.base.Numbers;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.FileOperations;
import java.util.List;
import java.util.stream.Stream;

/**
 * A driver of scull devices with quanta of whole pages: 2^order of them, physically contiguous (LDD3 page 223). Its
 * devices can be mapped if the order is 0.
 */
public abstract class PageQuantaDriver extends QuantumDriver {

    protected static final int PAGE_BYTES = 4096;
    protected static final int MAX_ORDER = 5;
    private static final int DEVICES = 4;
    private static final int MAX_DEVICES = 64;
    private static final int QSET = 500;
    private static final int MAX_QSET = 32 << 10;

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter(name() + "_devs", DEVICES, "the number of devices", 1, MAX_DEVICES),
                Numbers.parameter(name() + "_order", 0, "a quantum has 2^order pages", 0, MAX_ORDER),
                Numbers.parameter(name() + "_qset", QSET, "quanta of a set", 1, MAX_QSET));
    }

    @Override
    protected int devices(DriverParameters parameters) {
        return Numbers.of(parameters, name() + "_devs");
    }

    @Override
    protected int quantum(DriverParameters parameters) {
        return PAGE_BYTES << Numbers.of(parameters, name() + "_order");
    }

    @Override
    protected int qset(DriverParameters parameters) {
        return Numbers.of(parameters, name() + "_qset");
    }

    @Override
    public long allocate(int bytes) {
        return kernel().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, kernel().getOrder(bytes));
    }

    @Override
    public void free(long quantum, int bytes) {
        kernel().freePages(quantum, kernel().getOrder(bytes));
    }

    @Override
    protected FileOperations operations(TextTable.Module text) {
        return new PageFiles(this, text, PAGE_BYTES);
    }

    @Override
    public List<Struct> structs() {
        return Stream.concat(super.structs().stream(), Stream.of(AsyncWorkLayout.STRUCT)).toList();
    }

    /** Waits for the functions that complete asynchronous operations. */
    @Override
    protected void stop(long record) {
        kernel().flushScheduledWork();
    }
}
