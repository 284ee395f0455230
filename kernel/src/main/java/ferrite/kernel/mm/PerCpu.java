package ferrite.kernel.mm;

import static ferrite.kernel.mm.PerCpuChunkLayout.BASE;
import static ferrite.kernel.mm.PerCpuChunkLayout.FREE_LINES;
import static ferrite.kernel.mm.PerCpuChunkLayout.LAST;
import static ferrite.kernel.mm.PerCpuChunkLayout.LINE;
import static ferrite.kernel.mm.PerCpuChunkLayout.LINES;
import static ferrite.kernel.mm.PerCpuChunkLayout.TAKEN;
import static ferrite.kernel.mm.PerCpuChunkLayout.UNIT;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.UnlinkedSymbol;
import ferrite.kernel.base.Word;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Per-CPU variables (LDD3 pages 228-230): each hart has a copy in cache lines of its own. A variable is the address of
 * hart 0's copy; the copy of hart n is n units further. Static variables ({@code DEFINE_PER_CPU}) come from the same
 * allocator when their driver is linked, and are found by name after a restart.
 *
 * <pre>{@code
 * long mine = kernel.perCpu().getCpuVar(packets);    // no other task runs on this hart until putCpuVar
 * memory.store32(mine, memory.load32(mine) + 1);
 * kernel.perCpu().putCpuVar();
 * }</pre>
 */
public final class PerCpu {

    private static final int RECORD_BYTES = 16;

    /** The record of a static variable. */
    static final Struct STRUCT = Struct.of("pcpu_static", RECORD_BYTES);

    private static final Pointer NEXT = STRUCT.pointer("next", 0, "struct pcpu_static");
    private static final Pointer NAME = STRUCT.pointer("name", 4, "char");
    private static final Word MODULE = STRUCT.u32("module", 8);
    private static final Pointer VARIABLE = STRUCT.pointer("variable", 12, "void");
    private static final int MAX_ENTRIES = 1 << 16;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final SpinLock locks;
    private final SpinLock preemption;
    private final Kmalloc kmalloc;
    private final Vmalloc vmalloc;
    private final StringTable strings;
    private final Violations violations;
    private final MemoryStates states;
    private final ResourceTracker tracker;
    private final long root;
    private final int harts;

    PerCpu(KernelBase base, Kmalloc kmalloc, Vmalloc vmalloc) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.locks = base.locks();
        this.preemption = base.driverLocks();
        this.kmalloc = kmalloc;
        this.vmalloc = vmalloc;
        this.strings = base.strings();
        this.violations = base.violations();
        this.states = base.states();
        this.tracker = base.tracker();
        this.root = base.root();
        this.harts = base.harts();
    }

    // ---- making ----

    /**
     * Makes a driver's static variable, zeroed; {@code DEFINE_PER_CPU}. The driver's {@code link} calls it, and the
     * variable lives as long as the driver. A kernel that attaches gets the same variable again.
     *
     * @param text of the driver
     * @param name of the variable, unique in the driver
     * @return the variable
     * @throws UnlinkedSymbol if there is no memory for it: {@code insmod} refuses the driver
     */
    public long define(TextTable.Module text, String name, int bytes, int align) {
        ReadableMemory view = violations.peek();
        int seen = 0;
        for (long record = RootLayout.PER_CPU_STATICS.get(view, root); record != 0 && seen++ < MAX_ENTRIES;
                record = NEXT.get(view, record)) {
            if (MODULE.get(view, record) == text.index()
                    && StringTable.read(view, NAME.get(view, record)).equals(name)) {
                return VARIABLE.get(view, record);
            }
        }
        long record = kmalloc.kzalloc(RECORD_BYTES, Gfp.GFP_KERNEL);
        long variable = record == 0 ? 0 : allocate(bytes, align);
        if (variable == 0) {
            kmalloc.kfree(record);
            throw new UnlinkedSymbol("no memory for the per-CPU variable " + name + " of " + bytes + " bytes");
        }
        NAME.set(memory, record, strings.intern(name));
        MODULE.set(memory, record, text.index());
        VARIABLE.set(memory, record, variable);
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        NEXT.set(memory, record, RootLayout.PER_CPU_STATICS.get(memory, root));
        RootLayout.PER_CPU_STATICS.set(memory, root, record);
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        return variable;
    }

    /** Frees the static variables of a driver that is unloaded. May sleep. */
    public void forget(int module) {
        long record = takeStatic(module);
        while (record != 0) {
            release(VARIABLE.get(memory, record));
            kmalloc.kfree(record);
            record = takeStatic(module);
        }
    }

    private long takeStatic(int module) {
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        long link = RootLayout.PER_CPU_STATICS.at(root);
        long record = memory.loadAddress(link);
        while (record != 0 && MODULE.get(memory, record) != module) {
            link = NEXT.at(record);
            record = memory.loadAddress(link);
        }
        if (record != 0) {
            memory.storeAddress(link, NEXT.get(memory, record));
        }
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        return record;
    }

    /**
     * Allocates a per-CPU variable, zeroed on every hart and aligned to a cache line (LDD3 page 229). Task context; may
     * sleep. Returns 0 if there is no memory.
     */
    public long allocPercpu(int bytes) {
        return __allocPercpu(bytes, LINE);
    }

    /**
     * Allocates a variable with an alignment, see {@link #allocPercpu}. Task context; may sleep.
     *
     * @param bytes of each copy, up to {@value PerCpuChunkLayout#UNIT}
     * @param align of each copy, a power of two up to a page
     */
    public long __allocPercpu(int bytes, int align) {
        context.mightSleep("alloc_percpu", "allocate before the atomic section begins");
        return tracker.took(ResourceTracker.Kind.PER_CPU, allocate(bytes, align), bytes);
    }

    private long allocate(int bytes, int align) {
        if (bytes <= 0 || bytes > UNIT || align <= 0 || align > AddressSpace.PAGE_SIZE
                || Integer.bitCount(align) != 1) {
            return 0;
        }
        int lines = (bytes + LINE - 1) / LINE;
        int step = Math.max(1, align / LINE);
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        long variable = 0;
        for (long chunk = RootLayout.PER_CPU_CHUNKS.get(memory, root); chunk != 0 && variable == 0;
                chunk = PerCpuChunkLayout.NEXT.get(memory, chunk)) {
            variable = FREE_LINES.get(memory, chunk) < lines ? 0 : take(chunk, lines, step);
        }
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        if (variable == 0) {
            variable = fromNewChunk(lines, step);
        }
        if (variable != 0) {
            zero(variable, lines * LINE);
            for (int hart = 0; hart < harts; hart++) {
                states.perCpuAllocated(perCpuPtr(variable, hart), bytes, lines * LINE);
            }
        }
        return variable;
    }

    private void zero(long variable, int bytes) {
        for (int hart = 0; hart < harts; hart++) {
            memory.fill(perCpuPtr(variable, hart), 0, bytes);
        }
    }

    private long take(long chunk, int lines, int step) {
        for (int first = 0; first + lines <= LINES; first += step) {
            int run = 0;
            while (run < lines && !bit(TAKEN.at(chunk), first + run)) {
                run++;
            }
            if (run == lines) {
                for (int line = first; line < first + lines; line++) {
                    set(TAKEN.at(chunk), line, true);
                }
                set(LAST.at(chunk), first + lines - 1, true);
                FREE_LINES.add(memory, chunk, -lines);
                return BASE.get(memory, chunk) + (long) first * LINE;
            }
        }
        return 0;
    }

    private boolean bit(long map, int index) {
        return (memory.load8(map + index / 8) >> index % 8 & 1) != 0;
    }

    private void set(long map, int index, boolean on) {
        int bits = memory.load8(map + index / 8);
        memory.store8(map + index / 8, on ? bits | 1 << index % 8 : bits & ~(1 << index % 8));
    }

    /**
     * Makes a chunk and takes the variable before other tasks see the chunk. Only the last free releases a chunk, so
     * one that never held a variable would stay for ever.
     */
    private long fromNewChunk(int lines, int step) {
        long chunk = kmalloc.kzalloc(PerCpuChunkLayout.BYTES, Gfp.GFP_KERNEL);
        long base = chunk == 0 ? 0 : vmalloc.own("pcpu_create_chunk", (long) harts * UNIT);
        if (base == 0) {
            kmalloc.kfree(chunk);
            return 0;
        }
        states.perCpuPages(base, harts * UNIT);
        BASE.set(memory, chunk, base);
        FREE_LINES.set(memory, chunk, LINES);
        long variable = take(chunk, lines, step);
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        PerCpuChunkLayout.NEXT.set(memory, chunk, RootLayout.PER_CPU_CHUNKS.get(memory, root));
        RootLayout.PER_CPU_CHUNKS.set(memory, root, chunk);
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        return variable;
    }

    // ---- giving back ----

    /** Frees a variable; 0 is legal. Any context. A wrong address is reported and frees nothing. */
    public void freePercpu(long variable) {
        if (variable == 0) {
            return;
        }
        if (isStatic(variable) || !release(variable)) {
            violations.of(Rule.PERCPU_BAD_FREE, "free_percpu of 0x" + Long.toHexString(variable)
                    + ", which is not from alloc_percpu or is free already")
                    .line("instead", Rule.PERCPU_BAD_FREE.right()).address("address", variable).report();
        } else {
            tracker.gaveBack(ResourceTracker.Kind.PER_CPU, variable);
        }
    }

    private boolean isStatic(long variable) {
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        long record = RootLayout.PER_CPU_STATICS.get(memory, root);
        while (record != 0 && VARIABLE.get(memory, record) != variable) {
            record = NEXT.get(memory, record);
        }
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        return record != 0;
    }

    private boolean release(long variable) {
        boolean maySleep = !context.isAtomic();
        int flags = locks.lockIrqSave(RootLayout.PER_CPU_LOCK.at(root));
        long link = RootLayout.PER_CPU_CHUNKS.at(root);
        long chunk = memory.loadAddress(link);
        while (chunk != 0 && !isInFirstUnit(chunk, variable)) {
            link = PerCpuChunkLayout.NEXT.at(chunk);
            chunk = memory.loadAddress(link);
        }
        int lines = chunk == 0 ? 0 : giveBack(chunk, variable - BASE.get(memory, chunk));
        boolean right = lines > 0;
        for (int hart = 0; right && hart < harts; hart++) {
            states.perCpuFreed(perCpuPtr(variable, hart), lines * LINE);
        }
        boolean empty = right && FREE_LINES.get(memory, chunk) == LINES && maySleep;
        if (empty) {
            memory.storeAddress(link, PerCpuChunkLayout.NEXT.get(memory, chunk));
        }
        locks.unlockIrqRestore(RootLayout.PER_CPU_LOCK.at(root), flags);
        if (empty) {
            states.changed(BASE.get(memory, chunk), harts * UNIT);
            vmalloc.disown(BASE.get(memory, chunk));
            kmalloc.kfree(chunk);
        }
        return right;
    }

    private boolean isInFirstUnit(long chunk, long variable) {
        long base = BASE.get(memory, chunk);
        return variable >= base && variable < base + UNIT;
    }

    /** Frees the lines of a variable. Returns their number; 0 if no variable begins there. */
    private int giveBack(long chunk, long offset) {
        int first = (int) offset / LINE;
        boolean begins = offset % LINE == 0 && bit(TAKEN.at(chunk), first)
                && (first == 0 || !bit(TAKEN.at(chunk), first - 1) || bit(LAST.at(chunk), first - 1));
        if (!begins) {
            return 0;
        }
        int line = first;
        boolean last = false;
        while (!last) {
            last = bit(LAST.at(chunk), line);
            set(TAKEN.at(chunk), line, false);
            set(LAST.at(chunk), line, false);
            line++;
        }
        FREE_LINES.add(memory, chunk, line - first);
        return line - first;
    }

    // ---- using ----

    /**
     * Returns the number of this hart. The caller stays on it until {@link #putCpu} and must not sleep. Any context.
     */
    public int getCpu() {
        preemption.preemptDisable("get_cpu");
        return cpu.hartId();
    }

    /** Ends {@link #getCpu}. */
    public void putCpu() {
        put("put_cpu", "get_cpu");
    }

    /**
     * Returns this hart's copy, for the caller alone until {@link #putCpuVar}. The caller must not sleep until then.
     * Any context.
     */
    public long getCpuVar(long variable) {
        preemption.preemptDisable("get_cpu_var");
        return perCpuPtr(variable, cpu.hartId());
    }

    /** Ends {@link #getCpuVar}. */
    public void putCpuVar() {
        put("put_cpu_var", "get_cpu_var");
    }

    private void put(String call, String get) {
        if ((context.preemptCount() & TaskLayout.PREEMPT_MASK) == 0) {
            violations.of(Rule.PERCPU_PREEMPTIBLE, call + " without " + get + ": preemption is on")
                    .line("instead", "call " + get + " first, and " + call + " once for each").report();
            return;
        }
        preemption.preemptEnable();
    }

    /** Returns the copy of any hart, which may be using it at the same time. Any context. */
    public long perCpuPtr(long variable, int hart) {
        return variable + (long) hart * UNIT;
    }

    /**
     * Returns this hart's copy. The caller cannot be moved: preemption or interrupts are off, or it may run on this
     * hart alone. Otherwise the call is reported.
     */
    public long thisCpuPtr(long variable) {
        requireStaying("this_cpu_ptr", "use get_cpu_var and put_cpu_var");
        return perCpuPtr(variable, cpu.hartId());
    }

    /** Returns the number of this hart. The caller cannot be moved, see {@link #thisCpuPtr}. */
    public int smpProcessorId() {
        requireStaying("smp_processor_id", "use get_cpu and put_cpu");
        return cpu.hartId();
    }

    /** Linux's {@code debug_smp_processor_id}. */
    private void requireStaying(String call, String instead) {
        boolean stays = context.isAtomic()
                || Integer.bitCount(TaskLayout.ALLOWED.get(memory, cpu.tp())) == 1 || harts == 1;
        if (!stays) {
            violations.of(Rule.PERCPU_PREEMPTIBLE, call + " with preemption on: another hart may run the next line")
                    .line("why", "the task may move to another hart between reading the hart's number and the access; "
                            + "then two harts change one copy").line("instead", instead).text("call", call).report();
        }
    }

    // ---- looking ----

    /** Returns the pages of all chunks. */
    public long pages(ReadableMemory view) {
        long pages = 0;
        int seen = 0;
        for (long chunk = RootLayout.PER_CPU_CHUNKS.get(view, root); chunk != 0 && seen++ < MAX_ENTRIES;
                chunk = PerCpuChunkLayout.NEXT.get(view, chunk)) {
            pages += (long) harts * UNIT >>> AddressSpace.PAGE_SHIFT;
        }
        return pages;
    }
}
