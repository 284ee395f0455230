package ferrite.scenarios.qemu;

/** A few instructions that belong together. When one of them traps, the program continues with the next step. */
@FunctionalInterface
interface Step {

    /**
     * Emits the instructions for a program in the slot at this address. They fit into the space that {@link Program}
     * leaves in a step of 64 bytes.
     */
    void emit(Code code, int slot);
}
