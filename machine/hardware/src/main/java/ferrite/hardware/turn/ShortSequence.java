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
 * #spendWithIrqsOff}. Single owner: the strand that has the turn.
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

    /**
     * Tells whether the next ticks of this hart are the caller's, with nothing before or between them, and one more to
     * enable interrupts.
     */
    public boolean canSpendWithIrqsOff(int ticks) {
        return clock.budget > ticks && strands.haveTurn();
    }

    /**
     * Ends a sequence that disables interrupts, and restores them. If they are on, none is pending that this hart would
     * take, because it would have ended the budget. So they stay as they are, and one tick more is spent to enable
     * them.
     */
    public void spendWithIrqsOff(int ticks) {
        clock.budget -= irqsEnabled() ? ticks + 1 : ticks;
    }

    /** Returns whether interrupts are on. */
    public boolean irqsEnabled() {
        return (turn.hart().csrs().mstatus() & Csrs.MSTATUS_SIE) != 0;
    }

    /** Returns the address of the current task. */
    public long currentTask() {
        return turn.hart().currentTask();
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
     *
     * <p>A page with a fast path for stores need not have one for loads. A load would find the same translation then,
     * and neither PTEs nor PMP can permit stores without loads.
     */
    public int[] page(long va) {
        int slot = FastPath.slot(va);
        return FastPath.matches(memory.storeTag[slot], va, 7) ? memory.storePage[slot] : null;
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
