package ferrite.hardware.debug;

/** Describes what the software on a hart is doing, for a debugger. It only inspects. */
@FunctionalInterface
public interface HartDescriber {

    /** Describes a hart in a few words, such as the name of its task; empty if there is nothing to say. */
    String describe(int hart);
}
