package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.ModuleUse;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;

/**
 * The loaded drivers that use others (LDD3 pages 28-29). A driver whose functions others call, or whose classes they
 * have, stays loaded as long as these. RAM has a record of each pair. Task context.
 */
final class ModuleDependencies {

    private static final int MAX_MODULES = 256;

    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final ModuleUse use;
    private final long root;

    ModuleDependencies(KernelBase base, Kmalloc kmalloc, ModuleUse use) {
        this.memory = base.memory();
        this.kmalloc = kmalloc;
        this.use = use;
        this.root = base.root();
    }

    /**
     * Notes that a driver uses another one, once for each pair. May sleep.
     *
     * @param source the record of the driver that uses the other one
     * @param text   a text address of the other one; nothing is noted if that is linked in
     * @return 0, -EBUSY if the other one is not ready yet, being removed or gone, or -ENOMEM
     */
    int add(long source, long text) {
        long target = use.find(text);
        if (target != 0 && (target == source || isUser(memory, target, source))) {
            return 0;
        }
        if (!use.tryGetLive(text)) {
            return -Errno.EBUSY;
        }
        long record = target == 0 ? 0 : kmalloc.kzalloc(ModuleUseLayout.SIZE, Gfp.GFP_KERNEL);
        if (record != 0) {
            ModuleUseLayout.SOURCE.set(memory, record, source);
            use.addSource(target, record);
        } else if (target != 0) {
            use.put(text);
            return -Errno.ENOMEM;
        }
        return 0;
    }

    private static boolean isUser(ReadableMemory view, long target, long source) {
        return uses(view, target).stream().anyMatch(record -> ModuleUseLayout.SOURCE.get(view, record) == source);
    }

    private static List<Long> uses(ReadableMemory view, long target) {
        return ListHead.nodes(view, ModuleLayout.SOURCES.at(target), MAX_MODULES);
    }

    /** Forgets which drivers a driver uses. None of them is unloaded before it is put. */
    void removeAll(long source) {
        List<Long> taken = new ArrayList<>();
        List<Long> used = new ArrayList<>();
        int flags = use.lock();
        for (long target : ListHead.nodes(memory, RootLayout.MODULES.at(root), MAX_MODULES)) {
            for (long record : uses(memory, target)) {
                if (ModuleUseLayout.SOURCE.get(memory, record) == source) {
                    ListHead.delete(memory, record);
                    taken.add(record);
                    used.add(Modules.textOf(memory, target));
                }
            }
        }
        use.unlock(flags);
        taken.forEach(kmalloc::kfree);
        used.forEach(use::put);
    }

    /** Lists the names of the drivers that use a driver, the newest first. */
    static List<String> sources(ReadableMemory view, long target) {
        List<String> names = new ArrayList<>();
        for (long record : uses(view, target)) {
            names.add(StringTable.read(view, ModuleLayout.NAME.get(view, ModuleUseLayout.SOURCE.get(view, record))));
        }
        return names;
    }
}
