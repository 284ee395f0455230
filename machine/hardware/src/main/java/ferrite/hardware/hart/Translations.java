package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.TranslatedCode;
import ferrite.hardware.clock.Clock;
import java.util.Set;
import java.util.TreeSet;

/**
 * Execution of one hart with translated regions. The interpreter executes everything else, and finds frequent code on
 * the way: it samples the pc at regular ticks, and follows the code from there to a loop or a function. When that is
 * frequent, a {@link Trace} finds the code around it that is executed with it, and then the region is made.
 *
 * <p>A slot with an entry holds {@link Op#ENTRY} beside its instruction, so the interpreter arrives here without a
 * search. Regions, and the choice of code for them, are a cache outside of the machine's state.
 */
final class Translations implements Translator.Source {

    /**
     * Ticks of the interpreter before the search for frequent code begins. A short program pays nothing: before that,
     * the JVM's compilers need more time for regions than these save.
     */
    private static final long MIN_TICKS = 48_000_000;
    /** Ticks of the interpreter before the translator prepares for that. */
    private static final long MIN_TICKS_TO_PREPARE = 40_000_000;
    private static final int SAMPLE_TICKS = 3000;
    /** Instructions after a sample within which a loop or a function must be found. */
    private static final int MAX_SEARCH = 200;
    /** Ticks of the interpreter that an arrival at the end of a region stands for. */
    private static final int ARRIVAL_TICKS = 50;
    /** Ticks after which code is translated. The JVM's compilers need the time of some millions for a region. */
    private static final int HOT = 750_000;
    /** Heat of code after the attempt to translate it. It may become hot again: its region is dropped some day. */
    private static final int COLD = -16 * HOT;
    private static final int HEAT_SLOTS = 1 << 14;
    /** Budget below which the end of a region says nothing about the code after it. */
    private static final int SMALL_BUDGET = 200;
    /** Stores into translated code of a page after which the page is no longer translated. */
    private static final int MAX_DROPS = 50;
    /** Regions of all harts after which all are dropped, so that their classes are unloaded. */
    private static final int MAX_REGIONS = 2000;

    /** Heads of regions that may be larger. The JVM's compiler needs more than a second for such a region. */
    private static final int MAX_NARROW = 16;

    /** Heap that must be free before the creation of an owner, which takes 8 MiB. */
    private static final int HEADROOM_BYTES = 24 << 20;
    /** Free heap that certainly has {@link #HEADROOM_BYTES} in one piece. */
    private static final int AMPLE_BYTES = 4 * HEADROOM_BYTES;

    private static final int MODE_BITS = 2;

    private final Hart hart;
    private final Clock clock;
    private final Mmu mmu;
    private final Interpreter interpreter;
    private final Translator translator;
    private final boolean eager;
    /** The owners of regions, by the modes for fetches and for data. */
    private final RegionRun[] runs = new RegionRun[1 << 2 * MODE_BITS];
    /** Whether there was no heap for an owner or a region. Then no further one is created. */
    private boolean heapIsFull;
    /** Written only so that no compiler leaves out the allocation. */
    private volatile byte[] headroom;
    private final int[] heat = new int[HEAT_SLOTS];
    private final int[] heatPc = new int[HEAT_SLOTS];
    private long interpreted;
    private boolean prepared;
    /** Empty arrays for the first owner, from another thread, or null. */
    private volatile int[][][] spare;
    /** Ticks spent in regions. */
    private long translated;
    /** A budget with which no region began: the interpreter executes the rest of it. */
    private int tooSmall;
    private int untilSample = SAMPLE_TICKS;
    /** Instructions left of the search after a sample, or 0. */
    private int search;
    /** The traces, by the modes as {@link #runs}. Null where there was none. Other modes may interrupt a trace. */
    private final Trace[] traces = new Trace[runs.length];
    /** The code to translate at the end of each trace, and the heads of the regions that are being made. */
    private final int[] traced = new int[runs.length];
    /** The regions that are being made, one in each pair of modes. No trace begins there until it is finished. */
    private final Translator.Draft[] drafts = new Translator.Draft[runs.length];
    /** The heads of regions that were too small. */
    private final Set<Integer> narrow = new TreeSet<>();
    private final Jumps jumps = new Jumps();
    private final Misses misses = new Misses();

    Translations(Hart hart, Clock clock, Mmu mmu, Interpreter interpreter, Translator translator, boolean eager) {
        this.hart = hart;
        this.clock = clock;
        this.mmu = mmu;
        this.interpreter = interpreter;
        this.translator = translator;
        this.eager = eager;
    }

    @Override
    public RegionRun owner() {
        int number = number();
        return runs[number] == null && !heapIsFull ? createOwner(number) : runs[number];
    }

    /** Creates an owner, unless the host's heap would be nearly full after that: the machine is worth more. */
    private RegionRun createOwner(int number) {
        try {
            if (freeHeap() < AMPLE_BYTES) {
                headroom = new byte[HEADROOM_BYTES];
                headroom = null;
            }
            FastPath data = mmu.fastPath(hart.dataMode());
            int[][][] pages = spare;
            spare = null;
            if (pages != null) {
                data.usePages(pages[0], pages[1]);
            }
            runs[number] = new RegionRun(hart, clock, mmu.fastPath(hart.mode), data);
        } catch (OutOfMemoryError full) {
            heapIsFull = true;
        }
        return runs[number];
    }

    /** Returns the heap that is free for certain. Memory that the garbage collector will free does not count. */
    private static long freeHeap() {
        Runtime host = Runtime.getRuntime();
        return host.maxMemory() - host.totalMemory() + host.freeMemory();
    }

    private int number() {
        return hart.mode << MODE_BITS | hart.dataMode();
    }

    /** Executes at least one instruction of a page, whose slot at the hart's pc is filled. */
    void run(CodePage page, int slot) {
        UntakenBranches.keep();
        int number = number();
        if (drafts[number] != null && drafts[number].isReady()) {
            finishDraft(number, page, slot);
        }
        long decoded = page.slots[slot];
        Trace trace = traces[number];
        if (trace != null && trace.isRunning()) {
            traceOn(trace, page, slot);
        } else if (Decoded.isEntry(decoded) || eager) {
            runEntry(page, slot);
        } else if (interpreted < MIN_TICKS) {
            interpret(page, clock.budget);
        } else if (search > 0) {
            searchOn(page, decoded);
        } else {
            interpret(page, Math.min(clock.budget, untilSample));
        }
    }

    /** Executes at least one instruction at an entry, which may be another hart's, or at any slot if {@link #eager}. */
    private void runEntry(CodePage page, int slot) {
        if (clock.budget <= tooSmall) {
            interpreter.runOne(slot, Decoded.instruction(page.slots[slot]));
            return;
        }
        tooSmall = 0;
        RegionRun run = owner();
        CodePage.Entry entry = page.entry(slot, run);
        if (entry == null && arriveAtEnd(hart.pc)) {
            entry = page.entry(slot, run);
        }
        int before = clock.budget;
        int pc = hart.pc;
        if (entry != null) {
            enter(run, page, entry);
        }
        if (clock.budget == before && hart.pc == pc) {
            tooSmall = entry == null || run.missed ? 0 : before;
            interpreter.runOne(slot, Decoded.instruction(page.slots[slot]));
        }
    }

    long translatedTicks() {
        return translated;
    }

    private void interpret(CodePage page, int limit) {
        long before = clock.now();
        try {
            interpreter.loop(page.slots, limit);
        } finally {
            noteInterpreted((int) (clock.now() - before));
        }
    }

    private void noteInterpreted(int ticks) {
        interpreted += ticks;
        untilSample -= ticks;
        if (untilSample <= 0) {
            untilSample = SAMPLE_TICKS;
            search = interpreted < MIN_TICKS ? 0 : MAX_SEARCH;
            if (!prepared && interpreted >= MIN_TICKS_TO_PREPARE) {
                prepared = true;
                if (freeHeap() >= AMPLE_BYTES) {
                    translator.prepare(() -> spare = new int[][][] {FastPath.emptyPages(), FastPath.emptyPages()});
                }
            }
        }
    }

    /** Executes one instruction of the trace, also where there is a region. */
    private void traceOn(Trace trace, CodePage page, int slot) {
        int pc = hart.pc;
        int number = number();
        long decoded = Decoded.instruction(page.slots[slot]);
        trace.note(pc);
        interpreter.runOne(slot, decoded);
        if (Decoded.op(decoded) == Op.JALR) {
            jumps.note(pc, hart.pc);
        }
        if (!trace.isRunning() && number() != number) {
            trace.begin();                             // the last instruction has left the modes
        } else if (!trace.isRunning()) {
            translate(traced[number]);
        }
    }

    @Override
    public boolean isEntry(int pc) {
        CodePage page = at(pc);
        return page != null && page.entry(slot(pc), owner()) != null;
    }

    /** Begins a trace of the code that is executed in the hart's mode. */
    private void beginTrace(int pc) {
        int number = number();
        if (traces[number] == null) {
            traces[number] = new Trace();
        }
        traced[number] = pc;
        traces[number].begin();
    }

    @Override
    public int executions(int pc) {
        Trace trace = traces[number()];
        return trace == null ? 0 : trace.executions(pc);
    }

    /** Executes one instruction of the search for the head of a loop or of a function. */
    private void searchOn(CodePage page, long decoded) {
        int pc = hart.pc;
        int op = Decoded.op(decoded);
        interpreter.loop(page.slots, 1);
        if (op == Op.JALR) {
            jumps.note(pc, hart.pc);
        }
        search--;
        boolean call = (op == Op.JAL || op == Op.JALR) && Decoded.rd(decoded) != Decoded.SINK;
        if (call || op <= Op.BGEU && Integer.compareUnsigned(hart.pc, pc) <= 0) {
            search = 0;
            if (arrive(hart.pc, SAMPLE_TICKS)) {
                beginTrace(hart.pc);
            }
        }
    }

    @Override
    public Set<Integer> targets(int pc) {
        return jumps.targets(pc);
    }

    /**
     * Executes regions, one after the other, as long as each ends at the entry of the next. The instructions of Zicsr
     * and A between them are executed too.
     */
    private void enter(RegionRun run, CodePage first, CodePage.Entry firstEntry) {
        UntakenBranches.keep();
        CodePage page = first;
        CodePage.Entry entry = firstEntry;
        for (;;) {
            TranslatedRegion region = (TranslatedRegion) entry.code();
            long before = clock.now();
            try {
                run.enter(region, region.base(page, hart.pc), entry.number());
            } finally {
                translated += clock.now() - before;
            }
            if (run.leaves || clock.budget < SMALL_BUDGET || clock.now() == before && !run.missed) {
                return;
            }
            if (run.jump != 0 && mayLearn(region) && region.learn(jumps.note(run.jump, hart.pc))) {
                makeAgain(region);
                return;
            }
            page = next(run, run.missed ? executeMissed(region, run) : at(hart.pc));
            if (page == null) {
                return;
            }
            int pc = hart.pc;
            entry = page.entry(slot(pc), run);
            if (entry == null) {
                if (eager || run.isPieceSpent() || !Op.mayBeTranslated(Decoded.op(page.slots[slot(pc)]))
                        || !arriveAtEnd(pc)) {
                    return;
                }
                entry = page.entry(slot(pc), run);
            }
            if (entry.code() != region && region.isNarrow(translated) && widen(region)) {
                return;
            }
        }
    }

    /** Has a region made again, with more code than others, once for each head. Returns whether it has begun. */
    private boolean widen(TranslatedRegion region) {
        boolean begins = drafts[number()] == null && narrow.size() < MAX_NARROW && narrow.add(region.head());
        if (begins) {
            makeAgain(region);
        }
        return begins;
    }

    @Override
    public boolean isNarrow(int pc) {
        return narrow.contains(pc);
    }

    @Override
    public boolean oftenMisses(int pc) {
        return eager ? (pc & 4) != 0 : misses.areOften(pc);
    }

    private boolean mayLearn(TranslatedRegion region) {
        return region.learns() && drafts[number()] == null;
    }

    private void makeAgain(TranslatedRegion region) {
        region.drop();
        beginTrace(region.head());
    }

    /**
     * Executes the access that has ended a region. The first access to a page has a fast path after that, and one to a
     * device has none, for which the region gets a call some day. Returns what {@link #execute} does.
     */
    private CodePage executeMissed(TranslatedRegion region, RegionRun run) {
        int pc = hart.pc;
        CodePage page = at(pc);
        if (page == null) {
            return null;
        }
        long access = Decoded.instruction(page.slots[slot(pc)]);
        int va = hart.x[Decoded.rs1(access)] + Decoded.immediate(access);
        CodePage next = execute(run, page);
        if (mayLearn(region) && !run.isFast(Decoded.op(access), va) && region.learn(misses.note(pc))) {
            makeAgain(region);
            return null;
        }
        return next;
    }

    /** Executes the instructions of Zicsr and A at the hart's pc, and returns what {@link #execute} does. */
    private CodePage next(RegionRun run, CodePage first) {
        UntakenBranches.keep();
        CodePage page = first;
        while (page != null && Op.isCsrOrAtomic(Decoded.op(page.slots[slot(hart.pc)]))) {
            page = execute(run, page);
        }
        return page;
    }

    /**
     * Executes one instruction. Returns the page of the next one, or null if the hart must look around before that, as
     * it does for an interrupt, which ends the budget, or in another mode.
     */
    private CodePage execute(RegionRun run, CodePage page) {
        int before = clock.budget;
        int slot = slot(hart.pc);
        interpreter.runOne(slot, Decoded.instruction(page.slots[slot]));
        boolean goesOn = clock.budget == before - 1 && clock.budget >= SMALL_BUDGET && owner() == run;
        return goesOn ? at(hart.pc) : null;
    }

    private static int slot(int pc) {
        return pc >>> 1 & CodePage.SLOTS - 1;
    }

    /** Counts an arrival where no region begins. Returns whether there is one now. */
    private boolean arriveAtEnd(int pc) {
        if (eager) {
            return translate(pc);
        }
        if (arrive(pc, ARRIVAL_TICKS)) {
            beginTrace(pc);
        }
        return false;
    }

    /** Counts an arrival at the possible head of a region. Returns whether it is to be translated now. */
    private boolean arrive(int pc, int ticks) {
        int at = (pc >>> 1 ^ pc >>> 13) & HEAT_SLOTS - 1;
        if (heatPc[at] != pc) {
            heatPc[at] = pc;
            heat[at] = 0;
        }
        heat[at] = Math.min(HOT, heat[at] + ticks);
        if (heat[at] < HOT || drafts[number()] != null) {
            return false;
        }
        heat[at] = COLD;
        return true;
    }

    /** Begins to translate the code at {@code pc}. Returns whether there is a region already. */
    private boolean translate(int pc) {
        if (mmu.code().translated() >= MAX_REGIONS) {
            mmu.code().dropAll();
        }
        CodePage page = at(pc);
        int slot = slot(pc);
        int number = number();
        if (heapIsFull || page == null || owner() == null || !eager && page.drops() > MAX_DROPS
                || page.entry(slot, owner()) != null || drafts[number] != null) {
            return false;
        }
        Translator.Draft draft = begin(pc);
        if (draft != null && draft.isReady()) {
            return finish(draft, pc);
        }
        drafts[number] = draft;
        traced[number] = pc;
        return false;
    }

    private Translator.Draft begin(int pc) {
        try {
            return translator.translate(this, pc);
        } catch (OutOfMemoryError full) {
            heapIsFull = true;
            return null;
        }
    }

    /** Finishes the region of the hart's modes, which may empty the slot at the hart's pc. */
    private void finishDraft(int number, CodePage page, int slot) {
        Translator.Draft draft = drafts[number];
        drafts[number] = null;
        finish(draft, traced[number]);
        if (page.slots[slot] == CodePage.EMPTY) {
            Decoded.fill(page, slot);
        }
    }

    /** Marks the entries of a region that is made. Returns whether there is one. */
    private boolean finish(Translator.Draft draft, int pc) {
        TranslatedRegion region = end(draft);
        if (region == null) {
            return false;
        }
        region.setHead(pc);
        mmu.code().noteTranslated();
        for (TranslatedCode.Part part : region.parts()) {
            part.entries().stream().forEach(at -> Decoded.markEntry(part.page(), at));
        }
        return true;
    }

    /** Returns the region, or null if there is none, also because the host has no room for it. */
    private TranslatedRegion end(Translator.Draft draft) {
        try {
            return draft.finish();
        } catch (OutOfMemoryError full) {
            heapIsFull = true;
            return null;
        }
    }

    @Override
    public CodePage at(int va) {
        FastPath code = mmu.fastPath(hart.mode);
        int line = FastPath.slot(va);
        boolean there = code.fetchTag[line] == FastPath.tag(va, 0) && code.fetchPage[line].isLive();
        return there ? code.fetchPage[line] : null;
    }
}
