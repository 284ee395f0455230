package ferrite.book.scullv;

import ferrite.book.base.Numbers;
import ferrite.book.quanta.MappedFiles;
import ferrite.book.quanta.QuantumDriver;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.FileOperations;
import java.util.List;

/**
 * {@code scullv}: scull with quanta of vmalloc, 16 pages by default, which need not be contiguous (LDD3 page 227).
 * Programs map them: each page is found by its address (page 433), with any order.
 */
public final class ScullvDriver extends QuantumDriver {

    private static final int PAGE_BYTES = 4096;
    private static final int ORDER = 4;
    private static final int MAX_ORDER = 9;

    @Override
    public String name() {
        return "scullv";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter("scullv_devs", 4, "the number of devices", 1, 64),
                Numbers.parameter("scullv_order", ORDER, "a quantum has 2^order pages", 0, MAX_ORDER),
                Numbers.parameter("scullv_qset", 500, "quanta of a set", 1, 32 << 10));
    }

    @Override
    protected FileOperations operations(TextTable.Module text) {
        return new MappedFiles(this, text, name(), (area, offset) -> kernel().vmallocToPage(area + offset));
    }

    @Override
    protected int devices(DriverParameters parameters) {
        return Numbers.of(parameters, "scullv_devs");
    }

    @Override
    protected int quantum(DriverParameters parameters) {
        return PAGE_BYTES << Numbers.of(parameters, "scullv_order");
    }

    @Override
    protected int qset(DriverParameters parameters) {
        return Numbers.of(parameters, "scullv_qset");
    }

    @Override
    public long allocate(int bytes) {
        return kernel().vzalloc(bytes);
    }

    @Override
    public void free(long quantum, int bytes) {
        kernel().vfree(quantum);
    }
}
