package ferrite.hardware.hart;

import ferrite.hardware.bus.CodePage;
import java.util.Set;

/** A maker of translated regions. Translation changes how long execution takes, and nothing else. */
public interface Translator {

    /** A hart's knowledge of its code. */
    interface Source {

        /** Returns the owner of the region, whose arrays it may use as constants. */
        RegionRun owner();

        /** Returns the page of a virtual address if the hart can fetch from it without a walk, or null. */
        CodePage at(int va);

        /** Returns addresses to which the jump through a register at {@code pc} has gone, in order. */
        Set<Integer> targets(int pc);

        /** Returns how often the instruction at {@code pc} was executed in the last trace, if there was one. */
        int executions(int pc);

        /** Tells whether the load or store at {@code pc} often has no fast path. */
        boolean oftenMisses(int pc);

        /** Tells whether the region at {@code pc} was left so often for others that a larger one is worth its time. */
        boolean isNarrow(int pc);

        /** Tells whether a region of the owner has an entry at {@code pc}. */
        boolean isEntry(int pc);
    }

    /**
     * Does work for the first region, which will be wanted soon, where regions are made. So it may be done by another
     * thread.
     */
    default void prepare(Runnable work) { }

    /** A region that is being made, perhaps by another thread. */
    interface Draft {

        /** Tells whether the region is made. */
        boolean isReady();

        /**
         * Returns the region, connected, or null if its instructions have changed meanwhile. Called once, when the
         * draft is ready and the hart is in the same modes as at the beginning.
         */
        TranslatedRegion finish();
    }

    /** Begins to make a region that has an entry at {@code pc}. Returns null if that instruction is not translated. */
    Draft translate(Source source, int pc);
}
