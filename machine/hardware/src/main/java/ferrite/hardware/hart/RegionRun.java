package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.clock.Clock;

/**
 * What a {@link TranslatedRegion} needs of its hart: registers, the fast paths, and the slow paths of loads and stores,
 * in one pair of privilege modes for fetches and for data. These objects never change, so a region's code has them as
 * constants, and belongs to one of these.
 *
 * <p>A slow path leaves the hart as the interpreter does at that instruction, so traps, devices and watches find the
 * exact pc, clock and registers.
 */
public final class RegionRun {

    private static final int PAGE_MASK = 0xffff_f000;

    /** The hart's registers x0 to x31. */
    public final int[] x;
    /** The pages of the fast path for data, by the number of the virtual page; null without a fast path. */
    public final int[][] loads;
    public final int[][] stores;
    /** The budget when the region begins. */
    public int budget;
    /** Whether the region must end after the access that it has just made, without {@link #end}. */
    public boolean leaves;

    /** Whether the region has ended before a load or store that has no fast path. */
    public boolean missed;

    /** The address of the jump through a register to an unknown target that has ended the region, or 0. */
    public int jump;

    private final Hart hart;
    private final Clock clock;
    private final FastPath code;
    private final FastPath data;
    private TranslatedRegion region;
    /** The part of the clock's budget that the region does not get. */
    private int reserve;

    RegionRun(Hart hart, Clock clock, FastPath code, FastPath data) {
        this.hart = hart;
        this.clock = clock;
        this.code = code;
        this.data = data;
        this.x = hart.x;
        this.loads = data.loads();
        this.stores = data.stores();
    }

    /** Executes a region from one of its entries, which is at the hart's pc. */
    void enter(TranslatedRegion newRegion, int base, int entry) {
        region = newRegion;
        budget = newRegion.piece(clock.budget);
        reserve = clock.budget - budget;
        leaves = false;
        missed = false;
        jump = 0;
        newRegion.run(base, entry);
    }

    /** Tells whether the region has ended because its piece of the budget did not suffice, wherever it was then. */
    boolean isPieceSpent() {
        return reserve > 0 && clock.budget - reserve < TranslatedRegion.MIN_PIECE;
    }

    FastPath code() {
        return code;
    }

    /** Tells whether a load or store finds a fast path. */
    boolean isFast(int op, int va) {
        return data.isFast(op, va);
    }

    // ---- for the region ----

    /** Ends the region: the next instruction is at {@code pc}. */
    public void end(int pc, int newBudget) {
        hart.pc = pc;
        clock.budget = newBudget + reserve;
    }

    /** Tells whether the fast path for fetches still leads from an address to the page of a part of the region. */
    public boolean continues(TranslatedRegion from, int part, int va) {
        int line = FastPath.slot(va);
        return code.fetchTag[line] == FastPath.tag(va, 0) && code.fetchPage[line] == from.page(part);
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
        hart.pc = pc & ~1;
        clock.budget = left + reserve;
        int value = hart.load(va, width);
        decide(pc, left);
        return value;
    }

    private void store(int va, int width, int value, int pc, int left) {
        hart.pc = pc & ~1;
        clock.budget = left + reserve;
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
        leaves = clock.budget != left + reserve || !region.isValid() || code.fetchTag[line] != (next & PAGE_MASK)
                || !page.isLive() || hart.interruptToTake() != 0;
        hart.pc = next;
    }

    private static int next(int pc) {
        return (pc & ~1) + 4 - 2 * (pc & 1);
    }
}
