package ferrite.hardware.turn;

import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.FastPath;

/**
 * A short sequence of the kernel's instructions that the host executes as one piece of work, because nothing can come
 * between them: the budget covers all their ticks, and each address has a fast path. It spends the ticks that its
 * instructions spend one by one in {@link KernelMemory} and {@link KernelCpu}, so the run is the same.
 *
 * <p>The caller asks for the pages of all addresses before its first store. If one has no fast path, the caller has
 * changed nothing, and executes the instructions one by one. Otherwise it loads and stores words, and ends with {@link
 * #spend}. Single owner: the strand that has the turn.
 */
public final class ShortSequence {

    private final KernelMemory memory;
    private final Turn turn;
    private final Strands strands;
    private final Clock clock;

    public ShortSequence(KernelMemory memory) {
        this.memory = memory;
        this.turn = memory.turn;
        this.strands = turn.strands();
        this.clock = memory.clock;
    }

    /** Tells whether the next ticks of this hart are the caller's, with nothing before or between them. */
    public boolean canSpend(int ticks) {
        return clock.budget >= ticks && strands.haveTurn();
    }

    /**
     * Returns whether interrupts are on. If they are, none is pending that this hart would take, because it would have
     * ended the budget. So a sequence that disables and enables them only spends the two ticks.
     */
    public boolean irqsEnabled() {
        return (turn.hart().csrs().mstatus() & Csrs.MSTATUS_SIE) != 0;
    }

    /** Ends the sequence. */
    public void spend(int ticks) {
        clock.budget -= ticks;
    }

    /** Ends the sequence with interrupts off. Returns the state for {@link KernelCpu#irqRestore}. */
    public int spendAndSaveIrqs(int ticks) {
        clock.budget -= ticks;
        return turn.hart().csrs().clearSie();
    }

    /** Returns the number of the hart that executes the sequence. */
    public int hartId() {
        return turn.hart().id();
    }

    /**
     * Returns the words of the page of an address; null if the aligned pair of words there cannot be both loaded and
     * stored at once. The caller uses them in this sequence only.
     */
    public int[] page(long va) {
        int slot = FastPath.slot(va);
        int tag = memory.storeTag[slot];
        return memory.loadTag[slot] == tag && FastPath.matches(tag, va, 7) ? memory.storePage[slot] : null;
    }

    /** As {@link #page}, for a word that is only loaded. */
    public int[] readOnlyPage(long va) {
        int slot = FastPath.slot(va);
        return FastPath.matches(memory.loadTag[slot], va, 3) ? memory.loadPage[slot] : null;
    }

    /** Returns the index of a word in {@link #page}. */
    public static int index(long va) {
        return Ram.wordIndex(va);
    }
}
