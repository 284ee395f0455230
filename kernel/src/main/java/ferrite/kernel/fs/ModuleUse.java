package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;

/** {@code try_module_get} and {@code module_put}: counts the open files of each loaded driver. */
final class ModuleUse {

    private static final int MAX_MODULES = 256;

    private final KernelMemory memory;
    private final long modules;

    ModuleUse(KernelBase base) {
        this.memory = base.memory();
        this.modules = RootLayout.MODULES.at(base.root());
    }

    /** Counts an opened file, by the text address of its operations. */
    void get(long operations) {
        add(operations, 1);
    }

    /** Counts a closed file, by the text address of its operations. */
    void put(long operations) {
        add(operations, -1);
    }

    private void add(long operations, int change) {
        int module = TextTable.moduleOf(operations);
        for (long record : ListHead.nodes(memory, modules, MAX_MODULES)) {
            if (ModuleLayout.TEXT.get(memory, record) == module) {
                ModuleLayout.USERS.add(memory, record, change);
            }
        }
    }
}
