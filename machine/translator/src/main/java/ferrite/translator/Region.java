package ferrite.translator;

import ferrite.hardware.bus.CodePage;
import ferrite.hardware.bus.TranslatedCode;
import ferrite.hardware.hart.Translator;
import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A region before its translation: the instructions that are reached from its head by branches, calls, and jumps with
 * known targets, until there are enough. With a trace, the most frequent come first, and what was not executed stays
 * out. Without one, the nearest come first. Offsets are relative to the virtual page of the head.
 */
final class Region {

    static final int PAGE_BYTES = 4096;
    /** Maximum number of instructions between two checks of the budget. It fits into the operand of {@code iinc}. */
    static final int MAX_BLOCK = 64;
    /** Length of a way without a check of the budget after which the next block checks it. */
    private static final int MAX_WAY = 40;
    /** How many times more often than its head a region's code is executed, for which it uses another region. */
    private static final int MORE_FREQUENT = 4;
    /** Pages on either side of the head's page that a region may reach. */
    private static final int MAX_PAGES_AWAY = 32;

    private static final TreeSet<Integer> NONE = new TreeSet<>();

    private final Translator.Source source;
    private final int base;
    private final int limit;
    private final int head;
    private final TreeMap<Integer, CodePage> pages = new TreeMap<>();
    private final TreeMap<Integer, GuestCode> code = new TreeMap<>();
    private final TreeSet<Integer> leaders = new TreeSet<>();
    private final TreeSet<Integer> returns = new TreeSet<>();
    /** The leaders at which the budget is compared. */
    private final TreeSet<Integer> gates = new TreeSet<>();
    /**
     * The gates at which execution can enter the region: its head, loops and functions, and where it goes on after a
     * call or the interpreter. Another entry would be a second way into the loops around it, which hampers the JVM's
     * compiler.
     */
    private final TreeSet<Integer> entries = new TreeSet<>();
    /** The most instructions from each leader to the next gate or end of the region. */
    private final TreeMap<Integer, Integer> longest = new TreeMap<>();
    /** The known targets of each jump through a register. */
    private final TreeMap<Integer, TreeSet<Integer>> targets = new TreeMap<>();
    /** The loads and stores that often miss the fast path. */
    private final TreeSet<Integer> misses = new TreeSet<>();
    /** Code that is still to be collected, the most frequent first. */
    private final PriorityQueue<Open> open = new PriorityQueue<>(Comparator.comparingInt(Open::rank).reversed()
            .thenComparingInt(Open::order));
    /** Whether a trace says which code is frequent. */
    private final boolean traced;
    private int opened;
    private int size;

    /** Code that is still to be collected: where it begins, and its place in the order. */
    private record Open(int offset, int rank, int order) { }

    private Region(Translator.Source source, int pc, int limit) {
        this.source = source;
        this.base = pc & -PAGE_BYTES;
        this.limit = limit;
        this.head = pc - base;
        this.traced = source.executions(pc) > 0;
        addGate(pc - base, false);
        while (!open.isEmpty() && size < limit) {
            follow(open.remove().offset);
        }
        leaders.removeIf(offset -> !code.containsKey(offset));
        returns.retainAll(leaders);
        targets.values().forEach(known -> known.retainAll(leaders));
        gates.retainAll(leaders);
        entries.retainAll(leaders);
        leaders.descendingSet().forEach(this::measure);
        code.keySet().stream().filter(offset -> source.oftenMisses(base + offset)).forEach(misses::add);
    }

    /**
     * Collects the region at {@code pc}.
     *
     * @param limit the estimated size at which it ends, in bytes of JVM code
     * @return the region, or null if the instruction at {@code pc} is not translated
     */
    static Region at(Translator.Source source, int pc, int limit) {
        Region region = new Region(source, pc, limit);
        return region.leaders.contains(pc & PAGE_BYTES - 1) ? region : null;
    }

    /**
     * Adds code. With a trace, what was not executed stays out, and so do the loops of other regions. Without one,
     * called functions come last.
     */
    private void addLeader(int offset, boolean called) {
        if (isElsewhere(offset)) {
            return;
        }
        int rank = traced ? source.executions(base + offset) : called ? 1 : 2;
        if (leaders.add(offset) && rank > 0) {
            open.add(new Open(offset, rank, opened++));
        }
    }

    /** Tells whether a frequent loop has its own region. A change of regions costs less than a copy then. */
    private boolean isElsewhere(int offset) {
        return traced && source.executions(base + offset) > MORE_FREQUENT * source.executions(base + head)
                && source.isEntry(base + offset);
    }

    private void addGate(int offset, boolean called) {
        entries.add(offset);
        gates.add(offset);
        addLeader(offset, called);
    }

    /** Adds the target of a jump or of a branch. A target behind it begins a loop. */
    private void addTarget(int from, int target) {
        if (target <= from || !samePage(from, target)) {
            gates.add(target);
            if (target <= from) {
                entries.add(target);
            }
        }
        addLeader(target, false);
    }

    static boolean samePage(int a, int b) {
        return (a & -PAGE_BYTES) == (b & -PAGE_BYTES);
    }

    /**
     * Adds the instructions from a leader to the end of straight code. A limit inside it would end the region there in
     * each pass of a loop, and the code after the end would become a region with nearly all of the same code.
     */
    private void follow(int from) {
        int at = from;
        for (int length = 0; ; length++) {
            if (code.containsKey(at) || at != from && leaders.contains(at)) {
                addLeader(at, false);
                return;
            }
            GuestCode instruction = at != from && isElsewhere(at) ? null : decode(at);
            if (instruction == null) {
                return;
            }
            if (!GuestCode.isTranslated(instruction.row())) {
                if (resumes(instruction.row())) {
                    addGate(instruction.next(), false);
                }
                return;
            }
            code.put(at, instruction);
            size += Sizes.of(instruction);
            if (instruction.isJump() || instruction.isBranch()) {
                addTargets(instruction);
                return;
            }
            at = instruction.next();
            if ((at & PAGE_BYTES - 1) == 0 || length == MAX_BLOCK - 2) {
                addTarget(instruction.offset(), at);
                return;
            }
        }
    }

    /** Tells whether execution usually continues after an instruction that is not translated. */
    private static boolean resumes(Instruction row) {
        return row != Instruction.MRET && row != Instruction.SRET;
    }

    private void addTargets(GuestCode jump) {
        if (jump.isCall()) {
            returns.add(jump.next());
            addGate(jump.next(), false);
        }
        if (jump.isBranch()) {
            addTarget(jump.offset(), jump.next());
        }
        if (jump.isCall() && jump.row() != Instruction.JALR) {
            addGate(jump.target(), true);
        } else if (jump.row() != Instruction.JALR) {
            addTarget(jump.offset(), jump.target());
        } else if (traced || !jump.isReturn()) {
            TreeSet<Integer> known = new TreeSet<>();
            source.targets(base + jump.offset()).forEach(target -> known.add(target - base));
            targets.put(jump.offset(), known);
            known.forEach(target -> addGate(target, jump.isCall()));
        }
    }

    /** Returns the instruction at an offset, or null if it cannot be in a region. */
    private GuestCode decode(int offset) {
        CodePage page = page(offset & -PAGE_BYTES);
        if (page == null) {
            return null;
        }
        int slot = slot(offset);
        int bits = page.halfword(slot);
        if (Decoder.isCompressed(bits)) {
            int word = Decoder.expand(bits);
            Instruction row = Decoder.decode(word);
            return row == null ? null : new GuestCode(offset, row, word, 2);
        }
        if (slot == CodePage.SLOTS - 1) {
            return null;                               // the next virtual page may be any physical page
        }
        int word = bits | page.halfword(slot + 1) << 16;
        Instruction row = Decoder.decode(word);
        return row == null ? null : new GuestCode(offset, row, word, 4);
    }

    private CodePage page(int pageOffset) {
        if (Math.abs(pageOffset / PAGE_BYTES) > MAX_PAGES_AWAY) {
            return null;
        }
        CodePage page = pages.get(pageOffset);
        if (page == null) {
            page = source.at(base + pageOffset);
            if (page == null || pages.containsValue(page)) {
                return null;                           // an alias would make one page two parts
            }
            pages.put(pageOffset, page);
        }
        return page;
    }

    private static int slot(int offset) {
        return offset >>> 1 & CodePage.SLOTS - 1;
    }

    /** Finds the longest way from a leader, after all leaders behind it in memory. */
    private void measure(int leader) {
        List<GuestCode> block = block(leader);
        GuestCode last = block.get(block.size() - 1);
        int ways = 0;
        if (!last.isJump()) {
            ways = way(last.next());
        }
        if (last.isBranch() || last.row() == Instruction.JAL) {
            ways = Math.max(ways, way(last.target()));
        }
        longest.put(leader, block.size() + ways);
        if (block.size() + ways > MAX_WAY) {
            gates.add(leader);
        }
    }

    private int way(int target) {
        return gates.contains(target) ? 0 : longest.getOrDefault(target, 0);
    }

    // ---- the collected region ----

    /** Returns the instructions by offset. */
    TreeMap<Integer, GuestCode> code() {
        return code;
    }

    /** Tells whether all instructions still are those that were collected. */
    boolean isUnchanged() {
        return pages.values().stream().allMatch(CodePage::isLive)
                && code.values().stream().allMatch(instruction -> instruction.equals(decode(instruction.offset())));
    }

    /** Tells whether a load or store often misses the fast path. */
    boolean oftenMisses(GuestCode access) {
        return misses.contains(access.offset());
    }

    /** Returns the offsets at which basic blocks begin. */
    TreeSet<Integer> leaders() {
        return leaders;
    }

    /** Returns the leaders at which the budget is compared. */
    TreeSet<Integer> gates() {
        return gates;
    }

    /** Returns the most instructions from a leader to the next gate. */
    int longest(int leader) {
        return longest.get(leader);
    }

    /** Returns the offsets after calls. */
    TreeSet<Integer> returns() {
        return returns;
    }

    /** Returns the offsets in the region to which a jump through a register may go. */
    TreeSet<Integer> targets(GuestCode jump) {
        TreeSet<Integer> known = new TreeSet<>(targets.getOrDefault(jump.offset(), NONE));
        if (jump.isReturn()) {
            known.addAll(returns);
        }
        return known;
    }

    /** Returns the instructions of the block at a leader. */
    List<GuestCode> block(int leader) {
        List<GuestCode> block = new ArrayList<>();
        GuestCode next = code.get(leader);
        while (next != null) {
            block.add(next);
            boolean ends = next.isJump() || next.isBranch() || leaders.contains(next.next());
            next = ends || block.size() == MAX_BLOCK ? null : code.get(next.next());
        }
        return block;
    }

    /** Returns the instructions by page, that of the head first. */
    List<TranslatedCode.Part> parts() {
        List<TranslatedCode.Part> parts = new ArrayList<>();
        parts.add(part(0));
        pages.keySet().stream().filter(offset -> offset != 0).map(this::part)
                .filter(part -> !part.starts().isEmpty()).forEach(parts::add);
        return parts;
    }

    private TranslatedCode.Part part(int offset) {
        BitSet starts = new BitSet();
        code.subMap(offset, offset + PAGE_BYTES).keySet().forEach(at -> starts.set(slot(at)));
        BitSet at = new BitSet();
        entries.subSet(offset, offset + PAGE_BYTES).forEach(entry -> at.set(slot(entry)));
        return new TranslatedCode.Part(pages.get(offset), offset, starts, at);
    }
}
