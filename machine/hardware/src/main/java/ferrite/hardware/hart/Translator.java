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

        /** Tells whether a region of the owner has an entry at {@code pc}. */
        boolean isEntry(int pc);
    }

    /**
     * Prepares for the first region, which will be wanted soon. It does not wait, because the work is done in the
     * background.
     *
     * @param more work for the background that the caller would like to be done first. It may be left out
     */
    default void prepare(Runnable more) { }

    /** Returns a connected region that has an entry at {@code pc}, or null if that instruction is not translated. */
    TranslatedRegion translate(Source source, int pc);
}
