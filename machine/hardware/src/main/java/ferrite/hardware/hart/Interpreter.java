package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;

/**
 * The interpreter for machine code, which executes pages of decoded instructions.
 *
 * <p>The frequent instructions are cases of one loop, which spends a tick for each. The loop ends when no tick is left,
 * when the next page of code is not in the fast path, or at an instruction that is executed {@link OutOfLine}. No case
 * of the loop changes anything that its local variables depend on.
 */
final class Interpreter {

    private static final int PAGE_MASK = 0xffff_f000;
    /** Offset that turns an unsigned comparison into a signed one, when added to both sides. */
    private static final int MIN = Integer.MIN_VALUE;

    private final Hart hart;
    private final Clock clock;
    private final Mmu mmu;
    private final OutOfLine outOfLine;
    /** Buffer for one decoded instruction, for code whose page cannot be cached. */
    private final long[] single = new long[CodePage.SLOTS];
    /** Null unless machine code is translated. */
    private Translations translations;

    Interpreter(Hart hart, Clock clock, Mmu mmu) {
        this.hart = hart;
        this.clock = clock;
        this.mmu = mmu;
        this.outOfLine = new OutOfLine(hart);
    }

    /** Translates machine code from now on, or no more if {@code translator} is null. */
    void translate(Translator translator, boolean eager) {
        translations = translator == null ? null
                : new Translations(hart, clock, mmu, this, translator, eager);
    }

    long translatedTicks() {
        return translations == null ? 0 : translations.translatedTicks();
    }

    /**
     * Executes at least one instruction if a tick is left, and no more instructions than ticks.
     *
     * @throws Trap of the instruction at the hart's pc, whose tick is spent
     */
    void run() {
        UntakenBranches.keep();
        int pc = hart.pc;
        int slot = pc >>> 1 & CodePage.SLOTS - 1;
        CodePage page = page(pc);
        if (page == null || page.slots[slot] == CodePage.EMPTY && !Decoded.fill(page, slot)) {
            runSingle(pc, slot);
        } else if (translations != null) {
            translations.run(page, slot);
        } else if (Decoded.isEntry(page.slots[slot])) {
            runOne(slot, Decoded.instruction(page.slots[slot]));
        } else {
            loop(page.slots, clock.budget);
        }
    }

    private CodePage page(int pc) {
        UntakenBranches.keep();
        FastPath path = mmu.fastPath(hart.mode);
        int line = FastPath.slot(pc);
        if (path.fetchTag[line] == (pc & PAGE_MASK) && path.fetchPage[line].isLive()) {
            return path.fetchPage[line];
        }
        clock.budget--;                                // the tick, in case the fetch traps
        CodePage page = mmu.fetchPage(pc, hart.mode);
        clock.budget++;
        return page;
    }

    private void runSingle(int pc, int slot) {
        if (hart.stopsAtBreakpoint()) {
            return;
        }
        clock.budget--;                                // the tick, in case the fetch traps
        int bits = mmu.fetch(pc, hart.mode);
        clock.budget++;
        runOne(slot, Decoded.of(bits));
    }

    /** Executes one instruction, whatever its slot holds. */
    void runOne(int slot, long decoded) {
        single[slot] = decoded;
        try {
            loop(single, 1);
        } finally {
            single[slot] = CodePage.EMPTY;
        }
    }

    /**
     * Executes decoded instructions.
     *
     * @param slots the decoded instructions of the page at the hart's pc
     * @param limit the maximum number of ticks to spend, at most the clock's budget
     */
    void loop(long[] slots, int limit) {
        UntakenBranches.keep();
        FastPath code = mmu.fastPath(hart.mode);
        FastPath data = mmu.fastPath(hart.dataMode());
        int[] x = hart.x;
        int[] fetchTag = code.fetchTag;
        int[] loadTag = data.loadTag;
        int[] storeTag = data.storeTag;
        int[][] loadPage = data.loadPage;
        int[][] storePage = data.storePage;
        int reserve = clock.budget - limit;
        int left = limit;
        int page = hart.pc & PAGE_MASK;
        int slot = hart.pc >>> 1 & CodePage.SLOTS - 1;
        int at;
        long decoded;
        loop:
        for (;;) {
            if (left == 0) {
                leave(page + 2 * slot, reserve);
                return;
            }
            if (slot < 0 || slot >= slots.length) {
                int pc = page + 2 * slot;
                int line = pc >>> 12 & FastPath.SLOTS - 1;
                if (fetchTag[line] != (pc & PAGE_MASK)) {
                    leave(pc, reserve + left);
                    return;
                }
                slots = code.fetchPage[line].slots;
                page = pc & PAGE_MASK;
                slot = pc >>> 1 & CodePage.SLOTS - 1;
            }
            left--;
            decoded = slots[slot];
            at = slot;
            int low = (int) decoded;
            int immediate = (int) (decoded >> 32);
            int rs1 = x[low >>> 14 & 63];
            int rs2 = x[low >>> 20 & 63];
            slot += low >>> 26;
            switch (low & 0xff) {
                case Op.LUI -> x[low >>> 8 & 63] = immediate;
                case Op.AUIPC -> x[low >>> 8 & 63] = page + 2 * at + immediate;
                case Op.JAL -> {
                    x[low >>> 8 & 63] = page + 2 * slot;
                    slot = at + immediate;
                }
                case Op.JALR -> {
                    x[low >>> 8 & 63] = page + 2 * slot;
                    slot = (rs1 + immediate & ~1) - page >> 1;
                }
                case Op.BEQ -> {
                    if (rs1 == rs2) {
                        slot = at + immediate;
                    }
                }
                case Op.BNE -> {
                    if (rs1 != rs2) {
                        slot = at + immediate;
                    }
                }
                case Op.BLT -> {
                    if (rs1 < rs2) {
                        slot = at + immediate;
                    }
                }
                case Op.BGE -> {
                    if (rs1 >= rs2) {
                        slot = at + immediate;
                    }
                }
                case Op.BLTU -> {
                    if (rs1 + MIN < rs2 + MIN) {
                        slot = at + immediate;
                    }
                }
                case Op.BGEU -> {
                    if (rs1 + MIN >= rs2 + MIN) {
                        slot = at + immediate;
                    }
                }
                case Op.LB -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (loadTag[line] != (va & (PAGE_MASK | 0))) {
                        break loop;
                    }
                    x[low >>> 8 & 63] = (byte) (loadPage[line][va >>> 2 & Ram.PAGE_WORDS - 1] >>> (va << 3));
                }
                case Op.LH -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (loadTag[line] != (va & (PAGE_MASK | 1))) {
                        break loop;
                    }
                    x[low >>> 8 & 63] = (short) (loadPage[line][va >>> 2 & Ram.PAGE_WORDS - 1] >>> (va << 3));
                }
                case Op.LW -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (loadTag[line] != (va & (PAGE_MASK | 3))) {
                        break loop;
                    }
                    x[low >>> 8 & 63] = loadPage[line][va >>> 2 & Ram.PAGE_WORDS - 1];
                }
                case Op.LBU -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (loadTag[line] != (va & (PAGE_MASK | 0))) {
                        break loop;
                    }
                    x[low >>> 8 & 63] = loadPage[line][va >>> 2 & Ram.PAGE_WORDS - 1] >>> (va << 3) & 0xff;
                }
                case Op.LHU -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (loadTag[line] != (va & (PAGE_MASK | 1))) {
                        break loop;
                    }
                    x[low >>> 8 & 63] = loadPage[line][va >>> 2 & Ram.PAGE_WORDS - 1] >>> (va << 3) & 0xffff;
                }
                case Op.SB -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (storeTag[line] == (va & (PAGE_MASK | 0))) {
                        insert(storePage[line], va, 0xff, rs2);
                    } else if (!data.storeToCode(va, 1, rs2)) {
                        break loop;
                    }
                }
                case Op.SH -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (storeTag[line] == (va & (PAGE_MASK | 1))) {
                        insert(storePage[line], va, 0xffff, rs2);
                    } else if (!data.storeToCode(va, 2, rs2)) {
                        break loop;
                    }
                }
                case Op.SW -> {
                    int va = rs1 + immediate;
                    int line = va >>> 12 & FastPath.SLOTS - 1;
                    if (storeTag[line] == (va & (PAGE_MASK | 3))) {
                        storePage[line][va >>> 2 & Ram.PAGE_WORDS - 1] = rs2;
                    } else if (!data.storeToCode(va, 4, rs2)) {
                        break loop;
                    }
                }
                case Op.ADDI -> x[low >>> 8 & 63] = rs1 + immediate;
                case Op.SLTI -> x[low >>> 8 & 63] = rs1 < immediate ? 1 : 0;
                case Op.SLTIU -> x[low >>> 8 & 63] = rs1 + MIN < immediate + MIN ? 1 : 0;
                case Op.XORI -> x[low >>> 8 & 63] = rs1 ^ immediate;
                case Op.ORI -> x[low >>> 8 & 63] = rs1 | immediate;
                case Op.ANDI -> x[low >>> 8 & 63] = rs1 & immediate;
                case Op.SLLI -> x[low >>> 8 & 63] = rs1 << immediate;
                case Op.SRLI -> x[low >>> 8 & 63] = rs1 >>> immediate;
                case Op.SRAI -> x[low >>> 8 & 63] = rs1 >> immediate;
                case Op.ADD -> x[low >>> 8 & 63] = rs1 + rs2;
                case Op.SUB -> x[low >>> 8 & 63] = rs1 - rs2;
                case Op.SLL -> x[low >>> 8 & 63] = rs1 << rs2;
                case Op.SLT -> x[low >>> 8 & 63] = rs1 < rs2 ? 1 : 0;
                case Op.SLTU -> x[low >>> 8 & 63] = rs1 + MIN < rs2 + MIN ? 1 : 0;
                case Op.XOR -> x[low >>> 8 & 63] = rs1 ^ rs2;
                case Op.SRL -> x[low >>> 8 & 63] = rs1 >>> rs2;
                case Op.SRA -> x[low >>> 8 & 63] = rs1 >> rs2;
                case Op.OR -> x[low >>> 8 & 63] = rs1 | rs2;
                case Op.AND -> x[low >>> 8 & 63] = rs1 & rs2;
                case Op.MUL -> x[low >>> 8 & 63] = rs1 * rs2;
                case Op.MULH -> x[low >>> 8 & 63] = Multiplication.mulh(rs1, rs2);
                case Op.MULHSU -> x[low >>> 8 & 63] = Multiplication.mulhsu(rs1, rs2);
                case Op.MULHU -> x[low >>> 8 & 63] = Multiplication.mulhu(rs1, rs2);
                case Op.DIV -> x[low >>> 8 & 63] = Multiplication.div(rs1, rs2);
                case Op.DIVU -> x[low >>> 8 & 63] = Multiplication.divu(rs1, rs2);
                case Op.REM -> x[low >>> 8 & 63] = Multiplication.rem(rs1, rs2);
                case Op.REMU -> x[low >>> 8 & 63] = Multiplication.remu(rs1, rs2);
                case Op.FENCE, Op.FENCE_I -> { } // accesses are in order, and the slots agree with memory
                default -> {
                    break loop;
                }
            }
        }
        leave(page + 2 * at, reserve + left);
        if (decoded == CodePage.EMPTY || Decoded.isEntry(decoded)) {
            clock.budget++;                            // no instruction was executed yet
        } else {
            outOfLine.execute(decoded);
        }
    }

    private void leave(int pc, int budget) {
        hart.pc = pc;
        clock.budget = budget;
    }

    private static void insert(int[] words, int va, int mask, int value) {
        int index = va >>> 2 & Ram.PAGE_WORDS - 1;
        words[index] = words[index] & ~(mask << (va << 3)) | (value & mask) << (va << 3);
    }
}
