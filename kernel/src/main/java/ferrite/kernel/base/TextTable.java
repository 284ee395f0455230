package ferrite.kernel.base;

import ferrite.hardware.hart.Gate;
import java.util.ArrayList;
import java.util.List;

/**
 * Text addresses: where Java callbacks "are", so that RAM can hold them. Each module gets a page of the gate and gives out addresses in
 * it in the order in which it asks, which is the order of its code; so the same kernel gives the same addresses, on every run and to every
 * kernel that attaches to a machine.
 */
public final class TextTable {

    private static final int MODULE_BYTES = 0x1000;
    private static final int ENTRY_BYTES = 4;

    private record Entry(String name, Object callback) { }

    private final List<List<Entry>> modules = new ArrayList<>();

    /** One module's part of the text. */
    @DriverApi
    public final class Module {

        private final int index;

        private Module(int index) {
            this.index = index;
        }

        /** Its place among all modules. */
        public int index() {
            return index;
        }

        /** Gives the next address to a callback. */
        public long add(String name, Object callback) {
            List<Entry> entries = modules.get(index);
            if (entries.size() == MODULE_BYTES / ENTRY_BYTES) {
                throw new IllegalStateException("a module has at most " + MODULE_BYTES / ENTRY_BYTES + " callbacks");
            }
            entries.add(new Entry(name, callback));
            return Gate.TEXT + (long) index * MODULE_BYTES + (long) (entries.size() - 1) * ENTRY_BYTES;
        }
    }

    /** The text of the next module. */
    public Module newModule() {
        modules.add(new ArrayList<>());
        return new Module(modules.size() - 1);
    }

    /** The text of the module with a given index, all before it standing empty: for a kernel that attaches. */
    public Module module(int index) {
        while (modules.size() <= index) {
            modules.add(new ArrayList<>());
        }
        return new Module(index);
    }

    /** Takes everything away that a module had; its addresses are not given out again. */
    public void clear(int index) {
        modules.get(index).clear();
    }

    /** The index of the module that a text address belongs to. */
    public static int moduleOf(long address) {
        return (int) Math.floorDiv(address - Gate.TEXT, MODULE_BYTES);
    }

    /** Where a module's text begins. */
    public static long address(int index) {
        return Gate.TEXT + (long) index * MODULE_BYTES;
    }

    /**
     * What is at a text address.
     *
     * @throws KernelBug when it is not the address of such a callback: a jump to nowhere
     */
    public <T> T at(long address, Class<T> type) {
        Entry entry = find(address);
        if (entry == null || !type.isInstance(entry.callback)) {
            throw new KernelBug("jump to 0x" + Long.toHexString(address) + ", where there is no " + type.getSimpleName());
        }
        return type.cast(entry.callback);
    }

    private Entry find(long address) {
        long offset = address - Gate.TEXT;
        long module = Math.floorDiv(offset, MODULE_BYTES);
        long index = Math.floorMod(offset, MODULE_BYTES) / ENTRY_BYTES;
        boolean known = module >= 0 && module < modules.size() && offset % ENTRY_BYTES == 0 && index < modules.get((int) module).size();
        return known ? modules.get((int) module).get((int) index) : null;
    }

    /** The name of what is at a text address, or null. */
    public String name(long address) {
        Entry entry = find(address);
        return entry == null ? null : entry.name;
    }
}
