package ferrite.translator;

/** How a region's code reaches bytes of RAM at {@link RegionLocals#VA} in {@link RegionLocals#PAGE}. */
interface PageCode {

    /** Pushes the value that is loaded. */
    void load(Access access);

    /** Stores the low bytes of a register. */
    void store(Access access, int register);
}
