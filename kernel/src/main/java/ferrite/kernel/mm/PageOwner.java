package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.log.StringTable;

/**
 * {@code page_ext}: the tasks that allocated and last freed each block, in a table with an entry per frame; a block's
 * entry is that of its first frame. Written while owners are recorded. A freed block keeps its last owner, so that
 * later reports can name it.
 */
public final class PageOwner {

    public static final int SIZE = 64;
    public static final int SHIFT = 6;

    private static final int SITE = 0;
    private static final int TASK_NAME = 4;
    private static final int PID = 8;
    private static final int GFP = 12;
    private static final int HART = 16;
    private static final int ORDER = 20;
    private static final int TIME = 24;
    /** The record of the last free: the same fields, except the flags. */
    private static final int FREED = 32;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final StringTable strings;
    private final MemMap memMap;
    /** Address of the table; 0 if owners are not recorded. */
    private final long base;

    PageOwner(KernelBase base, MemMap memMap) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.strings = base.strings();
        this.memMap = memMap;
        this.base = base.rootAddress(RootLayout.PAGE_EXT);
    }

    /** Records the current task, the caller and the arguments of an allocation. */
    void allocated(long page, int gfp, int order) {
        if (base != 0) {
            long record = record(memMap.pageToPfn(page));
            memory.store32(record + GFP, gfp);
            memory.store32(record + ORDER, order);
            set(record);
            memory.storeAddress(record + FREED + SITE, 0);
        }
    }

    /** Records the current task and the caller of a free. */
    void freed(long page) {
        if (base != 0) {
            set(record(memMap.pageToPfn(page)) + FREED);
        }
    }

    /** Returns the caller's line of source, interned, for records elsewhere; 0 if owners are not recorded. */
    public long site() {
        return base == 0 ? 0 : strings.intern(CallSite.ofCaller());
    }

    private void set(long record) {
        memory.storeAddress(record + SITE, strings.intern(CallSite.ofCaller()));
        memory.storeAddress(record + TASK_NAME, memory.loadAddress(cpu.tp() + TaskLayout.NAME));
        memory.store32(record + PID, memory.load32(cpu.tp() + TaskLayout.PID));
        memory.store32(record + HART, cpu.hartId());
        memory.store64(record + TIME, cpu.time());
    }

    private long record(long pfn) {
        return base + (pfn - memMap.firstPfn() << SHIFT);
    }

    /**
     * The task that allocated or freed a block.
     *
     * @param gfp   flags of the allocation
     * @param ticks virtual time
     */
    public record Owner(String site, String task, int pid, int gfp, int hart, long ticks) { }

    /** Returns the owner of the block that starts at a frame, or null if none was recorded. */
    public Owner of(ReadableMemory view, long headPfn) {
        return base == 0 ? null : read(view, record(headPfn), record(headPfn));
    }

    /**
     * Returns the task that freed the block at a frame. Null if the block has not been freed since its allocation, or
     * nothing was recorded.
     */
    public Owner freedBy(ReadableMemory view, long headPfn) {
        return base == 0 ? null : read(view, record(headPfn) + FREED, record(headPfn));
    }

    /**
     * Finds the last block that a free frame was part of.
     *
     * @return its first frame, or -1 if the frame was never part of a block or nothing was recorded
     */
    public long lastBlockOf(ReadableMemory view, long pfn) {
        long last = -1;
        long time = -1;
        for (int order = 0; order < Zones.MAX_ORDER && base != 0; order++) {
            long candidate = pfn & -1L << order;
            if (!memMap.isValid(candidate)) {
                break;
            }
            long record = record(candidate);
            boolean held = view.load32(record + SITE) != 0 && view.load32(record + ORDER) >= order;
            if (held && view.load64(record + TIME) > time) {
                last = candidate;
                time = view.load64(record + TIME);
            }
        }
        return last;
    }

    /** Returns the order of the last recorded block at a frame. */
    int orderOf(ReadableMemory view, long headPfn) {
        return view.load32(record(headPfn) + ORDER);
    }

    private static Owner read(ReadableMemory view, long record, long allocation) {
        long site = view.loadAddress(record + SITE);
        return site == 0 ? null : new Owner(StringTable.read(view, site), StringTable.read(view, view.loadAddress(record + TASK_NAME)),
                view.load32(record + PID), view.load32(allocation + GFP), view.load32(record + HART), view.load64(record + TIME));
    }
}
