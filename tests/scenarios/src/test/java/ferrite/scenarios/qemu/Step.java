package ferrite.scenarios.qemu;

/** A few instructions that stand together; when one of them traps, the program goes on with the next step. */
@FunctionalInterface
interface Step {

    /** Puts the instructions down for a program in the slot at this address. They fit into what {@link Program} leaves of a step's 64 bytes. */
    void emit(Code code, int slot);
}
