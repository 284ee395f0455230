package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.clock.Clock;

/**
 * What a {@link TranslatedRegion} needs of its hart: registers, the fast paths, and the slow paths of loads and stores.
 *
 * <p>A slow path leaves the hart as the interpreter does at that instruction, so traps, devices and watches find the
 * exact pc and clock. Registers that the region holds in local variables are the exception: the region puts them into
 * the hart when it ends, also by an exception.
 */
public final class RegionRun {

    private static final int PAGE_MASK = 0xffff_f000;

    /** The hart's registers x0 to x31. */
    public final int[] x;
    /** Tags and pages of the fast path for data, in the present mode. */
    public long[] loadTag;
    public long[] storeTag;
    public int[][] loadPage;
    public int[][] storePage;
    /** The budget when the region begins. */
    public int budget;
    /** Whether the region must end after the access that it has just made, with {@link #leave}. */
    public boolean leaves;

    private final Hart hart;
    private final Clock clock;
    private final Mmu mmu;
    private FastPath code;
    private FastPath data;
    private TranslatedRegion region;
    private Throwable failure;
    private int random;
    /** Whether this object has neither a hart nor memory, and its slow paths do nothing. */
    private final boolean rehearses;

    RegionRun(Hart hart, Clock clock, Mmu mmu) {
        this.hart = hart;
        this.clock = clock;
        this.mmu = mmu;
        this.x = hart.x;
        this.rehearses = false;
    }

    /** Creates the state for {@link #rehearse}. */
    RegionRun() {
        hart = null;
        clock = null;
        mmu = null;
        x = new int[Decoded.PLACES];
        data = new FastPath();
        loadTag = data.loadTag;
        storeTag = data.storeTag;
        loadPage = data.loadPage;
        storePage = data.storePage;
        rehearses = true;
    }

    /**
     * Executes one block of a region, with every access on its slow path, and without any effect. The JVM's compiler
     * leaves out branches that were never taken, and drops the code when one is taken first, so that would happen at
     * each end of a slice.
     */
    void rehearse(TranslatedRegion newRegion, int entry, int ticks) {
        budget = ticks;
        for (int i = 1; i < 32; i++) {
            random = random * 1664525 + 1013904223;
            x[i] = (random >>> 28 & 3) == 0 ? 0 : random >> (random >>> 27);
        }
        newRegion.run(this, 0, entry);
    }

    /** Prepares for regions in the present mode. */
    void begin() {
        code = mmu.fastPath(hart.mode);
        data = mmu.fastPath(hart.dataMode());
        loadTag = data.loadTag;
        storeTag = data.storeTag;
        loadPage = data.loadPage;
        storePage = data.storePage;
        leaves = false;
    }

    /** Executes a region from one of its entries, which is at the hart's pc. */
    void enter(TranslatedRegion newRegion, int base, int entry) {
        region = newRegion;
        budget = clock.budget;
        newRegion.run(this, base, entry);
    }

    FastPath code() {
        return code;
    }

    // ---- for the region ----

    /** Ends the region: the next instruction is at {@code pc}. Throws the exception of a slow path. */
    public void end(int pc, int newBudget) {
        if (rehearses) {
            failure = null;
            return;
        }
        hart.pc = pc;
        clock.budget = newBudget;
        if (failure != null) {
            Throwable thrown = failure;
            failure = null;
            if (thrown instanceof RuntimeException) {
                throw (RuntimeException) thrown;
            }
            throw (Error) thrown;                      // a region calls nothing that throws a checked exception
        }
    }

    /** Keeps an exception of a slow path until the registers are in the hart. */
    public void fail(Throwable thrown) {
        failure = thrown;
    }

    /** Returns the pc at which the region ends after a slow path. */
    public int pc() {
        return rehearses ? 0 : hart.pc;
    }

    /** Returns the budget with which the region ends after a slow path. */
    public int budgetLeft() {
        return rehearses ? 0 : clock.budget;
    }

    /** Tells whether the fast path for fetches still leads from an address to the page of a part of the region. */
    public boolean continues(TranslatedRegion from, int part, int va) {
        if (rehearses) {
            return false;
        }
        int line = FastPath.slot(va);
        return code.fetchTag[line] == FastPath.tag(va & 0xffff_ffffL, 0) && code.fetchPage[line] == from.page(part);
    }

    // ---- slow paths. pc is that of the instruction, with bit 0 set if it has 16 bits; its tick is not in the budget

    public int loadByte(int va, int pc, int left) {
        return (byte) load(va, 1, pc, left);
    }

    public int loadHalf(int va, int pc, int left) {
        return (short) load(va, 2, pc, left);
    }

    public int loadWord(int va, int pc, int left) {
        return load(va, 4, pc, left);
    }

    public int loadByteUnsigned(int va, int pc, int left) {
        return load(va, 1, pc, left);
    }

    public int loadHalfUnsigned(int va, int pc, int left) {
        return load(va, 2, pc, left);
    }

    public void storeByte(int va, int value, int pc, int left) {
        store(va, 1, value, pc, left);
    }

    public void storeHalf(int va, int value, int pc, int left) {
        store(va, 2, value, pc, left);
    }

    public void storeWord(int va, int value, int pc, int left) {
        store(va, 4, value, pc, left);
    }

    private int load(int va, int width, int pc, int left) {
        if (rehearses) {
            return 0;
        }
        hart.pc = pc & ~1;
        clock.budget = left;
        int value = hart.load(va, width);
        decide(pc, left);
        return value;
    }

    private void store(int va, int width, int value, int pc, int left) {
        if (rehearses) {
            return;
        }
        hart.pc = pc & ~1;
        clock.budget = left;
        if (data.storeToCode(va, width, value)) {
            leaves = !region.isValid();
            hart.pc = next(pc);
        } else {
            hart.store(va, width, value);
            decide(pc, left);
        }
    }

    /** Decides whether the interpreter would continue with the next instruction as the region does. */
    private void decide(int pc, int left) {
        int next = next(pc);
        int line = FastPath.slot(next);
        CodePage page = code.fetchPage[line];
        leaves = clock.budget != left || !region.isValid() || code.fetchTag[line] != (next & PAGE_MASK & 0xffff_ffffL)
                || !page.isLive() || hart.interruptToTake() != 0;
        hart.pc = next;
    }

    private static int next(int pc) {
        return (pc & ~1) + 4 - 2 * (pc & 1);
    }
}
