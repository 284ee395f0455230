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
 * {@code page_ext}: who allocated each block, and who freed it last, kept beside the page's record, at the block's first frame. Written while owners are
 * recorded; a freed block keeps its last owner, for those who ask about it later.
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
    /** Who freed it: the same fields, but for the flags. */
    private static final int FREED = 32;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final StringTable strings;
    private final MemMap memMap;
    /** Address of the records; 0 when owners are not recorded. */
    private final long base;

    PageOwner(KernelBase base, MemMap memMap) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.strings = base.strings();
        this.memMap = memMap;
        this.base = base.rootAddress(RootLayout.PAGE_EXT);
    }

    /** Records the current task, the caller, and what was asked for. */
    void allocated(long page, int gfp, int order) {
        if (base != 0) {
            long record = record(memMap.pageToPfn(page));
            memory.store32(record + GFP, gfp);
            memory.store32(record + ORDER, order);
            set(record);
            memory.storeAddress(record + FREED + SITE, 0);
        }
    }

    /** Records the current task and the caller as who freed the block. */
    void freed(long page) {
        if (base != 0) {
            set(record(memMap.pageToPfn(page)) + FREED);
        }
    }

    /** The caller's place in its source, interned, for other records than these; 0 when owners are not recorded. */
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
     * Who allocated a block, or freed it.
     *
     * @param gfp   flags of the allocation
     * @param ticks virtual time
     */
    public record Owner(String site, String task, int pid, int gfp, int hart, long ticks) { }

    /** The owner of the block that starts at a frame, or null when none was recorded. */
    public Owner of(ReadableMemory view, long headPfn) {
        return base == 0 ? null : read(view, record(headPfn), record(headPfn));
    }

    /** Who freed the block that started at a frame, or null when it has not been freed since it was allocated, or none was recorded. */
    public Owner freedBy(ReadableMemory view, long headPfn) {
        return base == 0 ? null : read(view, record(headPfn) + FREED, record(headPfn));
    }

    /**
     * The first frame of the block that a free frame was part of last.
     *
     * @return its frame number, or -1 when the frame was never part of one, or none was recorded
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

    /** The order of the block that started at a frame when an owner was last recorded. */
    int orderOf(ReadableMemory view, long headPfn) {
        return view.load32(record(headPfn) + ORDER);
    }

    private static Owner read(ReadableMemory view, long record, long allocation) {
        long site = view.loadAddress(record + SITE);
        return site == 0 ? null : new Owner(StringTable.read(view, site), StringTable.read(view, view.loadAddress(record + TASK_NAME)),
                view.load32(record + PID), view.load32(allocation + GFP), view.load32(record + HART), view.load64(record + TIME));
    }
}
