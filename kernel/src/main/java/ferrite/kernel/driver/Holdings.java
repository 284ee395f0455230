package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.LoadedCode;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaEngine;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The resources that loaded drivers hold: each piece of memory, mapping or DMA channel that a driver's code took and
 * has not given back, with the task and the line that took it. They are in a hash table in RAM, which costs nothing
 * while no driver is loaded. Any context.
 */
@Plumbing
public final class Holdings implements ResourceTracker {

    private static final int BUCKETS = AddressSpace.PAGE_SIZE / 4;
    private static final int MAX_ENTRIES = 1 << 20;

    private static final int SIZE = 32;

    static final Struct STRUCT = Struct.of("holding", SIZE);

    private static final Pointer NEXT = STRUCT.pointer("next", 0, "struct holding");
    private static final ULong KEY = STRUCT.ulong("key", 4);
    /** Number of a {@link Kind}, and {@link #IN_PROBE}. */
    private static final Word KIND = STRUCT.u32("kind", 8);
    private static final Word BYTES = STRUCT.u32("bytes", 12);
    private static final Word MODULE = STRUCT.u32("module", 16);
    private static final Pointer SITE = STRUCT.pointer("site", 20, "char");
    private static final Pointer TASK_NAME = STRUCT.pointer("task", 24, "char");
    private static final Word PID = STRUCT.u32("pid", 28);

    /** Part of the kind of a resource that a probe took. */
    private static final int IN_PROBE = 1 << 31;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final StringTable strings;
    /** The modules of loaded drivers, by the class loaders of their code. A cache, filled when a driver is loaded. */
    private final Map<ClassLoader, Integer> modules = new IdentityHashMap<>();
    private final long root;
    private final StackWalker walker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    /** The allocator of entries; null while no driver has been loaded. */
    private Kmalloc kmalloc;
    /** A cache of the table's address; 0 while no driver has been loaded. */
    private long table;
    /** Null except during an init or probe. */
    private Attempt attempt;

    /** @param root address of the root page, see {@link RootLayout} */
    public Holdings(KernelMemory memory, KernelCpu cpu, StringTable strings, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.strings = strings;
        this.root = root;
    }

    /** Finds the table again. Only looks. */
    void attach(ReadableMemory view, Kmalloc allocator) {
        kmalloc = allocator;
        table = RootLayout.HOLDINGS.get(view, root);
    }

    /** Makes the table, once. Returns false if there is no memory for it. */
    boolean start(Kmalloc allocator) {
        kmalloc = allocator;
        if (table == 0) {
            table = kmalloc.kzalloc(AddressSpace.PAGE_SIZE, Gfp.GFP_KERNEL);
            RootLayout.HOLDINGS.set(memory, root, table);
        }
        return table != 0;
    }

    /** Begins to record the resources that a class loader's code takes. */
    void watch(ClassLoader code, int module) {
        modules.put(code, module);
    }

    /** Ends {@link #watch}. */
    void forget(ClassLoader code) {
        modules.remove(code);
    }

    /**
     * Finds the class loader of the loaded driver that is calling; null if only kernel code is on the stack. Resources
     * that a copy engine's driver takes belong to that driver, not to the driver that asked for the copy.
     */
    private ClassLoader caller() {
        return walker.walk(frames -> frames.takeWhile(frame -> !CallSite.isTrap(frame)
                && frame.getDeclaringClass() != DmaEngine.class)
                .map(frame -> frame.getDeclaringClass().getClassLoader()).filter(LoadedCode.class::isInstance)
                .findFirst().orElse(null));
    }

    /** Begins to note the resources that the current task takes. The run does not change. */
    void beginAttempt(boolean isProbe) {
        attempt = new Attempt(cpu.tp(), isProbe, new LinkedHashMap<>());
    }

    /** Ends {@link #beginAttempt}. Returns the resources that were taken and not given back. */
    List<Held> endAttempt() {
        List<Held> left = List.copyOf(attempt.taken.values());
        attempt = null;
        return left;
    }

    private boolean isInProbe() {
        return attempt != null && attempt.isProbe && attempt.task == cpu.tp();
    }

    @Override
    public long took(Kind kind, long key, int bytes) {
        if (attempt != null && key != 0 && attempt.task == cpu.tp()) {
            attempt.taken.put(List.of(kind, key), held(kind, key, bytes));
        }
        if (table != 0 && key != 0) {
            ClassLoader caller = caller();
            long entry = caller == null ? 0 : kmalloc.kzalloc(SIZE, Gfp.GFP_ATOMIC);
            if (entry != 0) {
                record(entry, caller, kind, key, bytes);
            }
        }
        return key;
    }

    private Held held(Kind kind, long key, int bytes) {
        return new Held(kind, key, bytes, name(memory, kind, key), CallSite.ofCaller(),
                TaskLayout.COMM.get(memory, cpu.tp()), TaskLayout.PID.get(memory, cpu.tp()));
    }

    private static String name(ReadableMemory view, Kind kind, long key) {
        return kind == Kind.DEVICE_FILE || kind == Kind.PROC_FILE ? StringTable.read(view, key) : null;
    }

    private void record(long entry, ClassLoader caller, Kind kind, long key, int bytes) {
        KEY.set(memory, entry, key);
        KIND.set(memory, entry, kind.ordinal() | (isInProbe() ? IN_PROBE : 0));
        BYTES.set(memory, entry, bytes);
        MODULE.set(memory, entry, modules.getOrDefault(caller, -1));
        SITE.set(memory, entry, strings.intern(CallSite.ofCaller()));
        TASK_NAME.set(memory, entry, TaskLayout.NAME.get(memory, cpu.tp()));
        PID.set(memory, entry, TaskLayout.PID.get(memory, cpu.tp()));
        int flags = locks.lockIrqSave(RootLayout.HOLDINGS_LOCK.at(root));
        NEXT.set(memory, entry, memory.loadAddress(bucket(key)));
        memory.storeAddress(bucket(key), entry);
        locks.unlockIrqRestore(RootLayout.HOLDINGS_LOCK.at(root), flags);
    }

    @Override
    public void gaveBack(Kind kind, long key) {
        if (attempt != null) {
            attempt.taken.remove(List.of(kind, key));
        }
        if (table == 0 || key == 0) {
            return;
        }
        int flags = locks.lockIrqSave(RootLayout.HOLDINGS_LOCK.at(root));
        long link = bucket(key);
        long entry = memory.loadAddress(link);
        while (entry != 0
                && !(KEY.get(memory, entry) == key && (KIND.get(memory, entry) & ~IN_PROBE) == kind.ordinal())) {
            link = NEXT.at(entry);
            entry = memory.loadAddress(link);
        }
        if (entry != 0) {
            memory.storeAddress(link, NEXT.get(memory, entry));
        }
        locks.unlockIrqRestore(RootLayout.HOLDINGS_LOCK.at(root), flags);
        kmalloc.kfree(entry);
    }

    private long bucket(long key) {
        return table + 4 * ((key >>> 3) % BUCKETS);
    }

    /**
     * A resource that a driver holds.
     *
     * @param name of a device file or a file of /proc; null for other kinds
     */
    public record Held(Kind kind, long key, int bytes, String name, String site, String task, int pid) {

        /** Returns whether the resource is memory of {@code bytes}. */
        boolean isMemory() {
            return kind != Kind.MAPPING && kind != Kind.INTERRUPT && kind != Kind.REGION && kind != Kind.PORTS
                    && kind != Kind.CHRDEV_REGION;
        }

        /** Describes the resource for people. */
        public String text() {
            return what() + ", taken at " + site + " by task " + pid + " '" + task + "'";
        }

        private String what() {
            return switch (kind) {
                case CHANNEL -> kind.words() + " " + ResourceTracker.channelOf(key);
                case THREAD, CHRDEV_MAJOR -> kind.words() + " " + key;
                case INTERRUPT -> kind.words() + " " + bytes;
                case DEVICE_FILE, PROC_FILE -> kind.words() + name;
                default -> (bytes == 0 ? "" : Integer.toUnsignedString(bytes) + " ") + kind.words() + " 0x"
                        + Long.toHexString(key);
            };
        }
    }

    /** The resources that a task takes during one init or probe. */
    private record Attempt(long task, boolean isProbe, Map<List<?>, Held> taken) { }

    /** Lists the resources that a module holds, in order of address. */
    public List<Held> of(ReadableMemory view, int module) {
        return of(view, module, 0);
    }

    /** Lists the resources that a module took in probes and still holds, in order of address. */
    List<Held> ofProbes(ReadableMemory view, int module) {
        return of(view, module, IN_PROBE);
    }

    /**
     * A task reads with the lock held: other drivers take and give back resources meanwhile.
     *
     * @param wanted bits of the kind that the entries have
     */
    private List<Held> of(ReadableMemory view, int module, int wanted) {
        int flags = view == memory ? locks.lockIrqSave(RootLayout.HOLDINGS_LOCK.at(root)) : 0;
        List<Held> held = collect(view, module, wanted);
        if (view == memory) {
            locks.unlockIrqRestore(RootLayout.HOLDINGS_LOCK.at(root), flags);
        }
        held.sort((one, other) -> Long.compare(one.key, other.key));
        return held;
    }

    private List<Held> collect(ReadableMemory view, int module, int wanted) {
        List<Held> held = new ArrayList<>();
        int seen = 0;
        for (int bucket = 0; table != 0 && bucket < BUCKETS; bucket++) {
            for (long entry = view.loadAddress(table + 4L * bucket); entry != 0 && seen++ < MAX_ENTRIES;
                    entry = NEXT.get(view, entry)) {
                if (MODULE.get(view, entry) == module && (KIND.get(view, entry) & wanted) == wanted) {
                    Kind kind = Kind.values()[KIND.get(view, entry) & ~IN_PROBE];
                    long key = KEY.get(view, entry);
                    held.add(new Held(kind, key, BYTES.get(view, entry), name(view, kind, key),
                            StringTable.read(view, SITE.get(view, entry)),
                            StringTable.read(view, TASK_NAME.get(view, entry)), PID.get(view, entry)));
                }
            }
        }
        return held;
    }
}
