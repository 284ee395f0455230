package ferrite.kernel.base;

import ferrite.hardware.hart.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Text addresses of Java callbacks, so that RAM can hold references to them. Each module has a page of the gate. It
 * assigns addresses in the order in which its code adds callbacks, so the same kernel assigns the same addresses on
 * every run, and again when it attaches to a machine.
 */
public final class TextTable {

    private static final int MODULE_BYTES = 0x1000;
    private static final int ENTRY_BYTES = 4;

    private record Entry(String name, Object callback, boolean isExported) { }

    private final List<List<Entry>> modules = new ArrayList<>();
    /** The addresses of the symbols that each module has imported. */
    private final Map<Integer, List<Long>> imports = new TreeMap<>();

    /** One module's page of text. */
    @DriverApi
    public final class Module {

        private final int index;

        private Module(int index) {
            this.index = index;
        }

        /** The module's index among all modules. */
        public int index() {
            return index;
        }

        /** Assigns the next address to a callback. */
        public long add(String name, Object callback) {
            return add(name, callback, false);
        }

        private long add(String name, Object callback, boolean isExported) {
            List<Entry> entries = modules.get(index);
            if (entries.size() == MODULE_BYTES / ENTRY_BYTES) {
                throw new IllegalStateException("a module has at most " + MODULE_BYTES / ENTRY_BYTES + " callbacks");
            }
            entries.add(new Entry(name, callback, isExported));
            return Gate.TEXT + (long) index * MODULE_BYTES + (long) (entries.size() - 1) * ENTRY_BYTES;
        }

        /**
         * Assigns the next address to a callback that other modules may import by its name.
         *
         * @throws UnlinkedSymbol if another callback is exported under this name
         */
        public long export(String name, Object callback) {
            if (symbol(name) != 0) {
                throw new UnlinkedSymbol("exports duplicate symbol " + name + ", which another driver exports too");
            }
            return add(name, callback, true);
        }

        /**
         * Returns a function that another driver exports. Called in {@code link}. That driver cannot be unloaded before
         * this one.
         *
         * @param name as in {@code EXPORT_SYMBOL}
         * @throws UnlinkedSymbol if no driver exports such a function; the driver is not loaded then
         */
        public <T> T importSymbol(String name, Class<T> type) {
            long address = symbol(name);
            if (address == 0) {
                throw new UnlinkedSymbol("Unknown symbol " + name + ": load the driver that exports it first");
            }
            Object function = find(address).callback;
            if (!type.isInstance(function)) {
                throw new UnlinkedSymbol("symbol " + name + " is no " + type.getName() + " of the driver that exports "
                        + "it: take the type from that driver, whose name is in Ferrite-Depends of the manifest");
            }
            imports.computeIfAbsent(index, any -> new ArrayList<>()).add(address);
            return type.cast(function);
        }
    }

    /** Makes the text of the next module. */
    public Module newModule() {
        modules.add(new ArrayList<>());
        return new Module(modules.size() - 1);
    }

    /**
     * Returns the text of the module with a given index, adding empty modules below it if necessary: for a kernel that
     * attaches.
     */
    public Module module(int index) {
        while (modules.size() <= index) {
            modules.add(new ArrayList<>());
        }
        return new Module(index);
    }

    /** Returns the index of {@link #newModule}'s next module. */
    public int nextIndex() {
        return modules.size();
    }

    /** Removes all callbacks of a module. No other module gets its addresses. */
    public void clear(int index) {
        modules.get(index).clear();
        imports.remove(index);
    }

    /** Returns the addresses of the symbols that a module has imported. */
    public List<Long> imports(int index) {
        return List.copyOf(imports.getOrDefault(index, List.of()));
    }

    /** Returns the address of an exported callback; 0 if there is none of this name. */
    private long symbol(String name) {
        for (int module = 0; module < modules.size(); module++) {
            List<Entry> entries = modules.get(module);
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).isExported && entries.get(i).name.equals(name)) {
                    return address(module) + (long) i * ENTRY_BYTES;
                }
            }
        }
        return 0;
    }

    /** Returns the index of a text address's module. */
    public static int moduleOf(long address) {
        return (int) Math.floorDiv(address - Gate.TEXT, MODULE_BYTES);
    }

    /** Returns the first address of a module's text. */
    public static long address(int index) {
        return Gate.TEXT + (long) index * MODULE_BYTES;
    }

    /**
     * Returns the callback at a text address.
     *
     * @throws KernelBug if no callback of this type is at the address
     */
    public <T> T at(long address, Class<T> type) {
        Entry entry = find(address);
        if (entry == null || !type.isInstance(entry.callback)) {
            throw new KernelBug("jump to 0x" + Long.toHexString(address)
                    + ", where there is no " + type.getSimpleName());
        }
        return type.cast(entry.callback);
    }

    /** A callback that has a text address. */
    public record Callback(String name, long address) { }

    /** Returns all callbacks, by address. */
    public List<Callback> callbacks() {
        List<Callback> all = new ArrayList<>();
        for (int module = 0; module < modules.size(); module++) {
            long address = address(module);
            for (Entry entry : modules.get(module)) {
                all.add(new Callback(entry.name, address));
                address += ENTRY_BYTES;
            }
        }
        return all;
    }

    /** Returns the address of the first callback that is an object of the class with this name; 0 if there is none. */
    public long ofClass(String type) {
        for (int module = 0; module < modules.size(); module++) {
            List<Entry> entries = modules.get(module);
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).callback.getClass().getName().equals(type)) {
                    return address(module) + (long) i * ENTRY_BYTES;
                }
            }
        }
        return 0;
    }

    private Entry find(long address) {
        long offset = address - Gate.TEXT;
        long module = Math.floorDiv(offset, MODULE_BYTES);
        long index = Math.floorMod(offset, MODULE_BYTES) / ENTRY_BYTES;
        boolean known = module >= 0 && module < modules.size() && offset % ENTRY_BYTES == 0
                && index < modules.get((int) module).size();
        return known ? modules.get((int) module).get((int) index) : null;
    }

    /** Returns the name of the callback at a text address, or null. */
    public String name(long address) {
        Entry entry = find(address);
        return entry == null ? null : entry.name;
    }
}
