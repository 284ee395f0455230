package ferrite.hardware.debug;

import ferrite.hardware.hart.Hart;

/** Describes what the software on a hart is doing, for a debugger. It only inspects. */
@FunctionalInterface
public interface HartDescriber {

    /** Describes a hart in a few words, such as the name of its task; empty if there is nothing to say. */
    String describe(int hart);

    /** Returns the address at which a debugger shows a hart: its pc, unless Java code runs on it. */
    default int shownPc(Hart hart) {
        return hart.pc();
    }

    /** Returns the address to which the shown code returns: ra, unless Java code runs on the hart. */
    default int shownReturnAddress(Hart hart) {
        return hart.register(1);
    }
}
