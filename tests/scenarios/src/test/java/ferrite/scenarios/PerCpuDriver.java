package ferrite.scenarios;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;

/** A driver without a device that holds a static per-CPU variable and an object, for inspectors to find. */
final class PerCpuDriver implements Driver {

    private KernelCalls kernel;
    /** The variable {@code test_packets}. */
    long variable;
    /** An object of 40 bytes. */
    long object;

    @Override
    public String name() {
        return "test";
    }

    @Override
    public List<String> compatible() {
        return List.of();
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        variable = kernel.definePerCpu(text, "test_packets", 8, 8);
    }

    @Override
    public int init() {
        object = kernel.kmalloc(40, Gfp.GFP_KERNEL);
        return object == 0 ? -1 : 0;
    }

    @Override
    public int probe(Device device) {
        return -1;
    }

    @Override
    public void remove(Device device) { }
}
