package ferrite.kernel.symbols;

import ferrite.kernel.base.BaseStructs;
import ferrite.kernel.base.Struct;
import ferrite.kernel.block.BlockStructs;
import ferrite.kernel.dma.DmaStructs;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverStructs;
import ferrite.kernel.fs.FsStructs;
import ferrite.kernel.irq.IrqStructs;
import ferrite.kernel.log.LogStructs;
import ferrite.kernel.mm.MmStructs;
import ferrite.kernel.net.NetStructs;
import ferrite.kernel.sched.SchedStructs;
import ferrite.kernel.shell.ShellStructs;
import ferrite.kernel.user.UserStructs;
import ferrite.kernel.vm.VmStructs;
import ferrite.kernel.work.WorkStructs;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The layouts of all records of a kernel and its drivers. */
public final class KernelStructs {

    private static final List<List<Struct>> FLOORS = List.of(BaseStructs.ALL, LogStructs.ALL, SchedStructs.ALL,
            WorkStructs.ALL, MmStructs.ALL, VmStructs.ALL, IrqStructs.ALL, DmaStructs.ALL, FsStructs.ALL,
            NetStructs.ALL, BlockStructs.ALL, DriverStructs.ALL, UserStructs.ALL, ShellStructs.ALL);

    private KernelStructs() { }

    /** Returns the layouts, floor by floor, then the drivers'. Of several with one name, the first one counts. */
    public static Collection<Struct> all(List<Driver> drivers) {
        Map<String, Struct> all = new LinkedHashMap<>();
        FLOORS.forEach(floor -> floor.forEach(struct -> all.put(struct.name(), struct)));
        drivers.forEach(driver -> driver.structs().forEach(struct -> all.putIfAbsent(struct.name(), struct)));
        return all.values();
    }
}
