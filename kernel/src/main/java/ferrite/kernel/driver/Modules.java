package ferrite.kernel.driver;

import static ferrite.kernel.base.ModuleLayout.FILE;
import static ferrite.kernel.base.ModuleLayout.PARAMETERS;
import static ferrite.kernel.base.ModuleLayout.STATE;
import static ferrite.kernel.base.ModuleLayout.TEXT;
import static ferrite.kernel.base.ModuleLayout.USERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.UnlinkedSymbol;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.ModuleUse;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loaded drivers: {@code insmod}, {@code rmmod}, {@code lsmod} (LDD3 chapter 2). RAM holds a record of each, with its
 * file, parameters and users. A kernel that attaches loads the files again. Task context; all may sleep.
 */
public final class Modules {

    private static final int MAX_MODULES = 256;

    private final KernelCalls door;
    private final Subsystems subsystems;
    private final TextTable text;
    private final KernelLog log;
    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final DriverCore core;
    private final ModuleSource source;
    private final Holdings holdings;
    private final ModuleUse use;
    private final ModuleDependencies dependencies;
    private final long root;
    /** The drivers' objects, by the address of their records: made anew from the files when a kernel attaches. */
    private final Map<Long, Driver> drivers = new LinkedHashMap<>();

    Modules(KernelBase base, Subsystems subsystems, KernelCalls door, DriverCore core, ModuleSource source,
            Holdings holdings) {
        this.door = door;
        this.subsystems = subsystems;
        this.memory = base.memory();
        this.kmalloc = subsystems.memory().kmalloc();
        this.text = base.text();
        this.strings = base.strings();
        this.log = base.log();
        this.core = core;
        this.source = source;
        this.holdings = holdings;
        this.use = new ModuleUse(base);
        this.dependencies = new ModuleDependencies(base, kmalloc, use);
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.MODULES.at(root));
    }

    /** Loads the files of all modules again. Only looks. */
    void attach(ReadableMemory view) {
        holdings.attach(view, kmalloc);
        for (long record : ListHead.nodes(view, RootLayout.MODULES.at(root), MAX_MODULES)) {
            String file = StringTable.read(view, FILE.get(view, record));
            try {
                Driver driver = source.load(file);
                holdings.watch(driver.getClass().getClassLoader(), TEXT.get(view, record));
                driver.link(door, text.module(TEXT.get(view, record)));
                drivers.put(record, driver);
                if (STATE.get(view, record) == ModuleLayout.LIVE) {
                    core.add(driver, StringTable.read(view, PARAMETERS.get(view, record)));
                }
            } catch (ModuleSource.ModuleException | UnlinkedSymbol e) {
                throw new IllegalStateException("the loaded driver " + file
                        + " cannot be loaded again: " + e.getMessage(), e);
            }
        }
    }

    // ---- insmod ----

    /**
     * Loads a driver and probes its devices.
     *
     * @param parameters words of the form NAME=VALUE
     * @return null if the driver is loaded; otherwise the reason, as the end of a sentence
     */
    public String insert(String file, List<String> parameters) {
        Driver driver;
        try {
            driver = source.load(file);
        } catch (ModuleSource.ModuleException e) {
            return e.getMessage();
        }
        String problem = check(driver, parameters);
        if (problem == null) {
            problem = insert(driver, file, String.join(" ", parameters));
        }
        if (problem != null) {
            source.unload(driver);
        }
        return problem;
    }

    private String check(Driver driver, List<String> parameters) {
        if (core.find(driver.name()) != null || use.textOf(driver.name()) != 0) {
            return exists(driver);
        }
        for (String word : parameters) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            Parameter parameter = driver.parameters().stream().filter(known -> known.name().equals(name))
                    .findFirst().orElse(null);
            if (parameter == null || equals < 0) {
                return "'" + word + "' is not NAME=VALUE of a parameter; " + driver.name() + " has " + names(driver);
            }
            try {
                parameter.check().accept(word.substring(equals + 1));
            } catch (IllegalArgumentException e) {
                return name + ": " + e.getMessage();
            }
        }
        return null;
    }

    private static String exists(Driver driver) {
        return "a driver named " + driver.name() + " is already loaded or linked in";
    }

    private static String names(Driver driver) {
        List<String> names = driver.parameters().stream().map(Parameter::name).toList();
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    /** A kernel that attached knows nothing of the texts of drivers that were unloaded before. */
    private TextTable.Module newText() {
        int index = Math.max(RootLayout.NEXT_TEXT.get(memory, root), text.nextIndex());
        RootLayout.NEXT_TEXT.set(memory, root, index + 1);
        return text.module(index);
    }

    private String insert(Driver driver, String file, String parameters) {
        long record = kmalloc.kzalloc(ModuleLayout.SIZE, Gfp.GFP_KERNEL);
        if (record == 0 || !holdings.start(kmalloc)) {
            kmalloc.kfree(record);
            return Errno.message(Errno.ENOMEM);
        }
        TextTable.Module module = newText();
        ModuleLayout.NAME.set(memory, record, strings.intern(driver.name()));
        FILE.set(memory, record, strings.intern(file));
        PARAMETERS.set(memory, record, strings.intern(parameters));
        TEXT.set(memory, record, module.index());
        STATE.set(memory, record, ModuleLayout.COMING);
        if (!use.add(record)) {
            kmalloc.kfree(record);
            return exists(driver);
        }
        drivers.put(record, driver);
        holdings.watch(driver.getClass().getClassLoader(), module.index());
        String problem = link(record, driver, module);
        int result = problem == null ? driver.init(core.parametersOf(driver, parameters)) : 0;
        if (problem == null && result >= 0) {
            core.add(driver, parameters);
            core.probe(driver);                        // as in Linux, where init registers the driver, and so probes
            use.setState(record, ModuleLayout.LIVE);
            log.info(driver.name() + ": loaded from " + file);
            return null;
        }
        use.setState(record, ModuleLayout.GOING);
        takeBack(driver.name(), module.index(), "its init failed");
        subsystems.memory().perCpu().forget(module.index());
        forget(record, driver);
        return problem != null ? problem : "its init failed: " + Errno.message(result);
    }

    /** Links a driver, and counts it as a user of the drivers that it needs. Returns null or the reason it failed. */
    private String link(long record, Driver driver, TextTable.Module module) {
        try {
            driver.link(door, module);
        } catch (UnlinkedSymbol e) {
            return e.getMessage();
        } catch (NoClassDefFoundError e) {
            return "it needs the class " + e.getMessage().replace('/', '.')
                    + ", which is not in its jar: name the driver that has it in Ferrite-Depends of the manifest";
        }
        List<Long> needed = new ArrayList<>();
        for (Driver other : source.dependencies(driver)) {
            needed.add(use.textOf(other.name()));
        }
        needed.addAll(text.imports(module.index()));
        for (long address : needed) {
            int result = dependencies.add(record, address);
            if (result < 0) {
                return "a driver that it uses is not ready: " + Errno.message(result);
            }
        }
        return null;
    }

    private void forget(long record, Driver driver) {
        dependencies.removeAll(record);
        drivers.remove(record);
        holdings.forget(driver.getClass().getClassLoader());
        text.clear(TEXT.get(memory, record));
        use.remove(record);
        kmalloc.kfree(record);
    }

    // ---- rmmod ----

    /** The result of removing a driver: a refusal, or the resources that it had not given back. */
    public record Removal(String refusal, List<String> stillHeld) { }

    /** Removes a driver from its devices, and unloads it. Of several tasks that do so at once, one succeeds. */
    public Removal remove(String name) {
        int flags = use.lock();                        // one lock for both, so that no other task frees the record
        long record = ModuleUse.find(memory, root, name);
        int result = record == 0 ? -Errno.ENOENT : use.beginRemoval(record);
        String refusal = result < 0 ? refusal(name, record, result) : null;
        use.unlock(flags);
        if (refusal != null) {
            return new Removal(refusal, List.of());
        }
        Driver driver = drivers.get(record);
        core.unregister(driver);
        driver.exit();
        int module = TEXT.get(memory, record);
        List<String> held = takeBack(name, module, "the driver was removed");
        subsystems.memory().perCpu().forget(module);
        forget(record, driver);
        source.unload(driver);
        log.info(name + ": unloaded" + (held.isEmpty() ? "" : ", without freeing " + held.size() + " resources"));
        return new Removal(null, held);
    }

    /** Returns kmod's sentence for a driver that cannot be removed. The list is locked. */
    private String refusal(String name, long record, int error) {
        if (record == 0) {
            return core.find(name) == null ? "Module " + name + " is not currently loaded"
                    : "Module " + name + " is builtin";
        }
        List<String> sources = ModuleDependencies.sources(memory, record);
        if (!sources.isEmpty()) {
            return "Module " + name + " is in use by: " + String.join(" ", sources);
        }
        return error == -Errno.EAGAIN ? "Module " + name + " is in use: " + USERS.get(memory, record) + " open files"
                : "could not remove module " + name + ": " + Errno.message(error);
    }

    /** Takes from a driver each resource that it has not given back, and reports it. Returns a description of each. */
    private List<String> takeBack(String name, int module, String when) {
        List<String> held = new ArrayList<>();
        for (Holdings.Held one : holdings.of(memory, module)) {
            held.add(one.text());
            core.binding().report(name, one, when);
            switch (one.kind()) {
                case CHANNEL -> subsystems.dma().isa().takeBack(ResourceTracker.channelOf(one.key()));
                case ENGINE_CHANNEL -> subsystems.dma().engine().takeBack(one.key());
                case TIMER -> subsystems.tasks().timers().delete(one.key());
                case INTERRUPT -> subsystems.interrupts().freeAction(one.key());
                case REGION -> subsystems.files().regions().memory().release(one.key(),
                        one.bytes() & 0xffff_ffffL);
                case PORTS -> subsystems.files().regions().ports().release(one.key(), one.bytes());
                case DEVICE_FILE -> subsystems.files().devices().unregister(one.name());
                case PROC_FILE -> subsystems.files().proc().entries().remove(one.name());
                case CHRDEV_REGION -> subsystems.files().devices().regions().unregister((int) one.key(), one.bytes());
                case CHRDEV_MAJOR -> subsystems.files().devices().regions().unregisterChrdev((int) one.key());
                case CDEV -> subsystems.files().devices().delete(one.key());
                case CLASS -> subsystems.files().devices().classes().destroyClass(one.key());
                case CLASS_DEVICE -> subsystems.files().devices().classes().destroy(one.key());
                case MISC_DEVICE -> subsystems.files().devices().misc().deregister(one.key());
                case THREAD -> subsystems.tasks().tasks().askToStop((int) one.key());
                default -> { }                         // memory stays where devices may still reach it
            }
        }
        return held;
    }

    /** Returns the first text address of a record's driver. */
    static long textOf(ReadableMemory view, long record) {
        return TextTable.address(TEXT.get(view, record));
    }

    // ---- looking ----

    /**
     * A loaded driver, as {@code lsmod} shows it.
     *
     * @param file   as {@code insmod} was given it
     * @param users  open files and drivers that use it
     * @param usedBy the names of these drivers, the newest first
     * @param state  {@code Live}, {@code Loading} or {@code Unloading}
     */
    public record Loaded(String name, String file, long heldBytes, int users, List<String> usedBy, String state,
            long textAddress) { }

    /** Returns the state's name; damaged memory may have any number. */
    private static String state(int state) {
        return switch (state) {
            case ModuleLayout.LIVE -> "Live";
            case ModuleLayout.COMING -> "Loading";
            case ModuleLayout.GOING -> "Unloading";
            default -> "Unformed";
        };
    }

    /** Lists all loaded drivers, the newest first as in Linux. */
    public List<Loaded> all(ReadableMemory view) {
        int flags = view == memory ? use.lock() : 0;
        List<Loaded> all = new ArrayList<>();
        for (long record : ListHead.nodes(view, RootLayout.MODULES.at(root), MAX_MODULES)) {
            int module = TEXT.get(view, record);
            long bytes = holdings.of(view, module).stream().filter(Holdings.Held::isMemory)
                    .mapToLong(Holdings.Held::bytes).sum();
            all.add(0, new Loaded(StringTable.read(view, ModuleLayout.NAME.get(view, record)),
                    StringTable.read(view, FILE.get(view, record)), bytes,
                    USERS.get(view, record), ModuleDependencies.sources(view, record),
                    state(STATE.get(view, record)), TextTable.address(module)));
        }
        if (view == memory) {
            use.unlock(flags);
        }
        return all;
    }
}
