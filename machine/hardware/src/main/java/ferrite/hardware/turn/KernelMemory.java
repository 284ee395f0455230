package ferrite.hardware.turn;

import ferrite.hardware.bus.HostMemoryExhausted;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.FastPath;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Mmu;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntBinaryOperator;

/**
 * Memory as the Java kernel accesses it: loads, stores and atomic operations of the hart that has the turn. Accesses
 * use virtual addresses, that hart's MMU and S-mode privilege (law 2).
 *
 * <p>Every access spends one tick, and a bulk operation one per word. Before each of them other harts may run, events
 * may fire and interrupts may be taken. A faulting access traps. Single owner: the strand that has the turn.
 */
public final class KernelMemory implements ReadableMemory {

    final Turn turn;
    final Clock clock;
    /** Null if accesses are not checked. */
    private final AccessCheck check;
    private final List<KernelMemory> views = new ArrayList<>();
    private Mmu mmu;
    int[] loadTag;
    int[] storeTag;
    int[][] loadPage;
    int[][] storePage;

    public KernelMemory(Turn turn, Clock clock) {
        this(turn, clock, null);
        turn.onSelect(this::select);
    }

    private KernelMemory(Turn turn, Clock clock, AccessCheck check) {
        this.turn = turn;
        this.clock = clock;
        this.check = check;
    }

    /**
     * Makes the view of this memory for code whose accesses are to be checked. It replaces the previous one. Checks
     * cost no time of the machine. The view refuses each access by a thread that does not have the turn; this memory
     * refuses it at a checkpoint.
     */
    public KernelMemory checkedBy(AccessCheck newCheck) {
        KernelMemory view = new KernelMemory(turn, clock, newCheck);
        views.clear();
        views.add(view);
        if (turn.hart() != null) {
            view.select(turn.hart());
        }
        return view;
    }

    private void select(Hart hart) {
        views.forEach(view -> view.select(hart));
        mmu = hart.mmu();
        FastPath path = mmu.fastPath(PrivilegeMode.S);
        loadTag = path.loadTag;
        loadPage = path.loadPage;
        storeTag = path.storeTag;
        storePage = path.storePage;
    }

    @Override
    public int load8(long va) {
        if (check != null) {
            check(va, 1, false);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(loadTag[slot], va, 0)) {
            return loadPage[slot][Ram.wordIndex(va)] >>> ((int) va & 3) * 8 & 0xff;
        }
        return loadSlow(va, 1);
    }

    @Override
    public int load16(long va) {
        if (check != null) {
            check(va, 2, false);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(loadTag[slot], va, 1)) {
            return loadPage[slot][Ram.wordIndex(va)] >>> ((int) va & 2) * 8 & 0xffff;
        }
        return loadSlow(va, 2);
    }

    @Override
    public int load32(long va) {
        if (check != null) {
            check(va, 4, false);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(loadTag[slot], va, 3)) {
            return loadPage[slot][Ram.wordIndex(va)];
        }
        return loadSlow(va, 4);
    }

    public void store8(long va, int value) {
        if (check != null) {
            check(va, 1, true);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 0)) {
            insert(storePage[slot], va, ((int) va & 3) * 8, 0xff, value);
        } else {
            storeSlow(va, 1, value);
        }
    }

    public void store16(long va, int value) {
        if (check != null) {
            check(va, 2, true);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 1)) {
            insert(storePage[slot], va, ((int) va & 2) * 8, 0xffff, value);
        } else {
            storeSlow(va, 2, value);
        }
    }

    private static void insert(int[] page, long va, int shift, int mask, int value) {
        int index = Ram.wordIndex(va);
        page[index] = page[index] & ~(mask << shift) | (value & mask) << shift;
    }

    public void store32(long va, int value) {
        if (check != null) {
            check(va, 4, true);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 3)) {
            storePage[slot][Ram.wordIndex(va)] = value;
        } else {
            storeSlow(va, 4, value);
        }
    }

    public void storeAddress(long va, long value) {
        store32(va, (int) value);
    }

    /** Stores two words, the low one first. */
    public void store64(long va, long value) {
        store32(va, (int) value);
        store32(va + 4, (int) (value >>> 32));
    }

    /** Executes AMOSWAP.W: stores a word and returns the old one, in one step. */
    public int amoSwap32(long va, int value) {
        return amo32(va, value, (old, operand) -> operand);
    }

    /** Executes AMOADD.W: adds to a word and returns the old one, in one step. */
    public int amoAdd32(long va, int value) {
        return amo32(va, value, Integer::sum);
    }

    /** Executes AMOOR.W: sets bits of a word and returns the old one, in one step. */
    public int amoOr32(long va, int bits) {
        return amo32(va, bits, (old, operand) -> old | operand);
    }

    /** Executes AMOAND.W: keeps bits of a word and returns the old one, in one step. */
    public int amoAnd32(long va, int bits) {
        return amo32(va, bits, (old, operand) -> old & operand);
    }

    /** Executes AMOXOR.W: inverts bits of a word and returns the old one, in one step. */
    public int amoXor32(long va, int bits) {
        return amo32(va, bits, (old, operand) -> old ^ operand);
    }

    /** Executes LR.W and SC.W until one succeeds: stores a word if the old one has a value. Returns the old one. */
    public int compareAndSwap32(long va, int expected, int value) {
        return amo32(va, value, (old, operand) -> old == expected ? operand : old);
    }

    private int amo32(long va, int operand, IntBinaryOperator operation) {
        if (check != null) {
            check(va, 4, true);
        }
        spendOne();
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 3)) {
            int[] page = storePage[slot];
            int index = Ram.wordIndex(va);
            int old = page[index];
            page[index] = operation.applyAsInt(old, operand);
            return old;
        }
        return amo32Slow(va, operand, operation);
    }

    private int amo32Slow(long va, int operand, IntBinaryOperator operation) {
        for (;;) {
            try {
                return mmu.amo(va, operand, operation, PrivilegeMode.S);
            } catch (Trap trap) {
                turn.fault(trap);
            } catch (HostMemoryExhausted full) {
                turn.fail(full);
                throw full;
            }
        }
    }

    // ---- bulk operations: loops of word accesses for the hardware, array copies on the host ----

    @Override
    public void read(long va, byte[] into, int at, int length) {
        if (check != null) {
            check(va, length, false);
        }
        readUnchecked(va, into, at, length);
    }

    private void readUnchecked(long va, byte[] into, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = affordablePiece(va + done, length - done);
            try {
                mmu.read(va + done, into, at + done, piece, PrivilegeMode.S);
                done += piece;
                spendWords(piece);
            } catch (Trap trap) {
                turn.fault(trap);
            } catch (HostMemoryExhausted full) {
                turn.fail(full);
                throw full;
            }
        }
    }

    public void write(long va, byte[] from, int at, int length) {
        if (check != null) {
            check(va, length, true);
        }
        writeUnchecked(va, from, at, length);
    }

    private void writeUnchecked(long va, byte[] from, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = affordablePiece(va + done, length - done);
            try {
                mmu.write(va + done, from, at + done, piece, PrivilegeMode.S);
                done += piece;
                spendWords(piece);
            } catch (Trap trap) {
                turn.fault(trap);
            } catch (HostMemoryExhausted full) {
                turn.fail(full);
                throw full;
            }
        }
    }

    /** Copies memory, with a load and a store for each word. */
    public void copy(long to, long from, int length) {
        if (check != null) {
            turn.strands().requireTurn();
            check.checkCopy(to, from, length);
        }
        byte[] buffer = new byte[Math.min(length, Ram.PAGE_BYTES)];
        for (int done = 0; done < length; done += buffer.length) {
            int piece = Math.min(buffer.length, length - done);
            readUnchecked(from + done, buffer, 0, piece);
            writeUnchecked(to + done, buffer, 0, piece);
        }
    }

    /** Fills memory with a byte value. */
    public void fill(long va, int value, int length) {
        byte[] pattern = new byte[Math.min(length, Ram.PAGE_BYTES)];
        Arrays.fill(pattern, (byte) value);
        for (int done = 0; done < length; done += pattern.length) {
            write(va + done, pattern, 0, Math.min(pattern.length, length - done));
        }
    }

    /**
     * Executes {@link #store32} for {@code words} words in one page. It is one array operation of the host if nothing
     * can come between the words.
     */
    public void fill32(long va, int value, int words) {
        if (check != null) {
            check(va, 4 * words, true);
        }
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 3) && clock.budget >= words && words <= wordsLeftInPage(va)) {
            clock.budget -= words;
            int from = Ram.wordIndex(va);
            Arrays.fill(storePage[slot], from, from + words, value);
            return;
        }
        for (int i = 0; i < words; i++) {
            store32(va + 4L * i, value);
        }
    }

    /**
     * Executes {@link #load32} up to the first word with another value. Returns the index of that word, or {@code
     * words} if there is none.
     */
    public int findOther32(long va, int value, int words) {
        int slot = FastPath.slot(va);
        if (FastPath.matches(loadTag[slot], va, 3) && clock.budget >= words && words <= wordsLeftInPage(va)) {
            int[] page = loadPage[slot];
            int from = Ram.wordIndex(va);
            int same = 0;
            while (same < words && page[from + same] == value) {
                same++;
            }
            clock.budget -= Math.min(words, same + 1);
            return same;
        }
        int same = 0;
        while (same < words && load32(va + 4L * same) == value) {
            same++;
        }
        return same;
    }

    /** Loads consecutive words from {@code va} into the whole array. All of them must be in one page. */
    public void load32s(long va, int[] words) {
        if (check != null) {
            check(va, 4 * words.length, false);
        }
        int slot = FastPath.slot(va);
        if (FastPath.matches(loadTag[slot], va, 3) && clock.budget >= words.length
                && words.length <= wordsLeftInPage(va)) {
            clock.budget -= words.length;
            System.arraycopy(loadPage[slot], Ram.wordIndex(va), words, 0, words.length);
            return;
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = load32(va + 4L * i);
        }
    }

    /** Stores consecutive words at {@code va}. All of them must be in one page. */
    public void store32s(long va, int... words) {
        if (check != null) {
            check(va, 4 * words.length, true);
        }
        int slot = FastPath.slot(va);
        if (FastPath.matches(storeTag[slot], va, 3) && clock.budget >= words.length
                && words.length <= wordsLeftInPage(va)) {
            clock.budget -= words.length;
            System.arraycopy(words, 0, storePage[slot], Ram.wordIndex(va), words.length);
            return;
        }
        for (int i = 0; i < words.length; i++) {
            store32(va + 4L * i, words[i]);
        }
    }

    private static int wordsLeftInPage(long va) {
        return Ram.PAGE_BYTES - ((int) va & Ram.PAGE_BYTES - 1) >> 2;
    }

    /** Stores text as ISO 8859-1, cut to fit, with its NUL. */
    public void storeString(long va, String text, int limit) {
        byte[] bytes = new byte[Math.min(text.length(), limit - 1) + 1];
        for (int i = 0; i < bytes.length - 1; i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        write(va, bytes, 0, bytes.length);
    }

    /**
     * Returns the number of bytes for the next step of a bulk operation: those in one page that the budget can pay for.
     *
     * <p>On a watched page the step is one word. The budget depends on where the controller stops the machine, and a
     * monitor that saw larger steps would make that visible.
     */
    private int affordablePiece(long va, int length) {
        if (clock.budget <= 0) {
            turn.checkpoint();
        }
        int inPage = (int) Math.min(length, Ram.PAGE_BYTES - (va & (Ram.PAGE_BYTES - 1)));
        return (int) Math.min(inPage, mmu.isWatched(va, PrivilegeMode.S) ? 4 : 4L * clock.budget);
    }

    private void check(long va, int bytes, boolean store) {
        turn.strands().requireTurn();
        check.check(va, bytes, store);
    }

    private void spendWords(int bytes) {
        clock.budget -= (bytes + 3) / 4;
    }

    // ---- budget and slow paths ----

    private void spendOne() {
        if (--clock.budget < 0) {
            spendOneSlow();
        }
    }

    private void spendOneSlow() {
        clock.budget++;                                // there was no tick left to spend
        turn.checkpoint();
        clock.budget--;
    }

    private int loadSlow(long va, int width) {
        for (;;) {
            try {
                return mmu.load(va, width, PrivilegeMode.S);
            } catch (Trap trap) {
                turn.fault(trap);
            } catch (HostMemoryExhausted full) {
                turn.fail(full);
                throw full;
            }
        }
    }

    private void storeSlow(long va, int width, int value) {
        for (;;) {
            try {
                mmu.store(va, width, value, PrivilegeMode.S);
                return;
            } catch (Trap trap) {
                turn.fault(trap);
            } catch (HostMemoryExhausted full) {
                turn.fail(full);
                throw full;
            }
        }
    }
}
