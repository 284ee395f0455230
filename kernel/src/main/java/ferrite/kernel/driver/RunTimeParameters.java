package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.ModuleUse;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.List;

/** The parameters of drivers in {@code /sys/module}. RAM holds a list of those that were set at run time. */
final class RunTimeParameters implements SysfsTree {

    private static final int VALUE_BYTES = 64;
    private static final int SIZE = 16 + VALUE_BYTES;

    static final Struct STRUCT = Struct.of("kernel_param", SIZE);

    private static final Embedded LIST = STRUCT.list("list", 0);
    private static final Pointer DRIVER = STRUCT.pointer("module", 8, "char");
    private static final Pointer NAME = STRUCT.pointer("name", 12, "char");
    private static final Text VALUE = STRUCT.text("value", 16, VALUE_BYTES);
    private static final int MAX_SET = 4096;
    private static final int FOR_READING = 0444;
    private static final int FOR_WRITING = 0644;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final KernelLog log;
    private final DriverCore core;
    private final ModuleUse use;
    private final long root;

    RunTimeParameters(KernelBase base, Kmalloc kmalloc, DriverCore core) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.log = base.log();
        this.core = core;
        this.use = new ModuleUse(base);
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.KERNEL_PARAMS.at(root));
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.PARAM_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.PARAM_LOCK.at(root), flags);
    }

    // ---- values that were set ----

    private List<Long> all() {
        return ListHead.nodes(memory, RootLayout.KERNEL_PARAMS.at(root), MAX_SET);
    }

    private long find(String driver, String name) {
        for (long record : all()) {
            if (StringTable.read(memory, DRIVER.get(memory, record)).equals(driver)
                    && StringTable.read(memory, NAME.get(memory, record)).equals(name)) {
                return record;
            }
        }
        return 0;
    }

    /** Returns the value that was set at run time, or null. */
    String valueOf(String driver, String name) {
        int flags = lock();
        long record = find(driver, name);
        String value = record == 0 ? null : VALUE.get(memory, record);
        unlock(flags);
        return value;
    }

    private int keep(String driver, String name, String value) {
        long made = kmalloc.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (made == 0) {
            return -Errno.ENOMEM;
        }
        DRIVER.set(memory, made, strings.intern(driver));
        NAME.set(memory, made, strings.intern(name));
        VALUE.set(memory, made, value);
        int flags = lock();
        long old = find(driver, name);
        if (old != 0) {
            ListHead.delete(memory, LIST.at(old));
        }
        ListHead.addTail(memory, LIST.at(made), RootLayout.KERNEL_PARAMS.at(root));
        unlock(flags);
        kmalloc.kfree(old);
        return 0;
    }

    /** Forgets the values of a driver that is removed. */
    void forget(Driver driver) {
        for (Parameter parameter : driver.parameters()) {
            int flags = lock();
            long record = find(driver.name(), parameter.name());
            if (record != 0) {
                ListHead.delete(memory, LIST.at(record));
            }
            unlock(flags);
            kmalloc.kfree(record);
        }
    }

    // ---- files ----

    /** Lists {@code NAME/parameters/PARAMETER} of the drivers that have parameters. */
    @Override
    public List<Sysfs.Node> list(List<String> path) {
        List<Driver> all = core.drivers().stream().filter(driver -> !driver.parameters().isEmpty()).toList();
        Driver driver = path.isEmpty() ? null : core.find(path.get(0));
        return switch (path.size()) {
            case 0 -> all.stream().map(each -> Sysfs.Node.directory(each.name())).toList();
            case 1 -> all.contains(driver) ? List.of(Sysfs.Node.directory("parameters")) : null;
            case 2 -> all.contains(driver) && path.get(1).equals("parameters") ? parameters(driver) : null;
            default -> null;
        };
    }

    private static List<Sysfs.Node> parameters(Driver driver) {
        return driver.parameters().stream().map(parameter -> Sysfs.Node.file(parameter.name(),
                parameter.set() == null ? FOR_READING : FOR_WRITING)).toList();
    }

    @Override
    public String show(List<String> path) {
        return core.parametersOf(core.find(path.get(0))).get(path.get(2)) + "\n";
    }

    @Override
    public int store(List<String> path, String value) {
        String module = path.get(0);
        String name = path.get(2);
        Parameter parameter = core.find(module).parameters().stream().filter(each -> each.name().equals(name))
                .findFirst().orElseThrow();
        if (value.length() >= VALUE_BYTES) {
            return -Errno.EINVAL;
        }
        try {
            parameter.check().accept(value);
        } catch (IllegalArgumentException e) {
            log.print(module + ": " + name + ": " + e.getMessage());
            return -Errno.EINVAL;
        }
        int result = parameter.set().applyAsInt(value);
        return result < 0 ? result : keep(module, name, value);
    }

    @Override
    public long owner(List<String> path) {
        return use.textOf(path.get(0));
    }
}
