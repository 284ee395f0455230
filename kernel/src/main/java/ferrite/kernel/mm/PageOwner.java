package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
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

    /** An allocation, or a free, which has no flags and no order. */
    static final Struct OWNER = Struct.of("page_owner", 32);

    private static final Pointer SITE = OWNER.pointer("site", 0, "char");
    private static final Pointer TASK_NAME = OWNER.pointer("comm", 4, "char");
    private static final Word PID = OWNER.u32("pid", 8);
    private static final Word GFP = OWNER.u32("gfp_mask", 12);
    private static final Word HART = OWNER.u32("cpu", 16);
    private static final Word ORDER = OWNER.u32("order", 20);
    private static final U64 TIME = OWNER.u64("ts_nsec", 24);

    /** The record of a frame. */
    static final Struct EXT = Struct.of("page_ext", SIZE);

    private static final Embedded ALLOCATED = EXT.embedded("allocated", 0, OWNER);
    private static final Embedded FREED = EXT.embedded("freed", 32, OWNER);

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
            long ext = ext(memMap.pageToPfn(page));
            long record = ALLOCATED.at(ext);
            GFP.set(memory, record, gfp);
            ORDER.set(memory, record, order);
            set(record);
            SITE.set(memory, FREED.at(ext), 0);
        }
    }

    /** Records the current task and the caller of a free. */
    void freed(long page) {
        if (base != 0) {
            set(FREED.at(ext(memMap.pageToPfn(page))));
        }
    }

    /** Returns the caller's line of source, interned, for records elsewhere; 0 if owners are not recorded. */
    public long site() {
        return base == 0 ? 0 : strings.intern(CallSite.ofCaller());
    }

    private void set(long record) {
        SITE.set(memory, record, strings.intern(CallSite.ofCaller()));
        TASK_NAME.set(memory, record, TaskLayout.NAME.get(memory, cpu.tp()));
        PID.set(memory, record, TaskLayout.PID.get(memory, cpu.tp()));
        HART.set(memory, record, cpu.hartId());
        TIME.set(memory, record, cpu.time());
    }

    private long ext(long pfn) {
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
        return base == 0 ? null : read(view, ALLOCATED.at(ext(headPfn)), ALLOCATED.at(ext(headPfn)));
    }

    /**
     * Returns the task that freed the block at a frame. Null if the block has not been freed since its allocation, or
     * nothing was recorded.
     */
    public Owner freedBy(ReadableMemory view, long headPfn) {
        return base == 0 ? null : read(view, FREED.at(ext(headPfn)), ALLOCATED.at(ext(headPfn)));
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
            long record = ALLOCATED.at(ext(candidate));
            boolean held = SITE.get(view, record) != 0 && ORDER.get(view, record) >= order;
            if (held && TIME.get(view, record) > time) {
                last = candidate;
                time = TIME.get(view, record);
            }
        }
        return last;
    }

    /** Returns the order of the last recorded block at a frame. */
    int orderOf(ReadableMemory view, long headPfn) {
        return ORDER.get(view, ALLOCATED.at(ext(headPfn)));
    }

    private static Owner read(ReadableMemory view, long record, long allocation) {
        long site = SITE.get(view, record);
        return site == 0 ? null : new Owner(StringTable.read(view, site),
                StringTable.read(view, TASK_NAME.get(view, record)),
                PID.get(view, record), GFP.get(view, allocation), HART.get(view, record), TIME.get(view, record));
    }
}
