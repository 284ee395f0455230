package ferrite.hardware.model;

/** Software's accesses to a register. Any other access is a bus fault. */
public enum RegisterAccess {

    /** Read only: the model alone sets the value. */
    RO("read-only"),
    /** Write only: the write's effect counts. The value stays, for the model. */
    WO("write-only"),
    /** Read and write: software's value stays, in the bits that are {@link Register#writable}. */
    RW("read and write"),
    /** Read, and write ones to clear: bits that the model sets, and software acknowledges. */
    W1C("read, write 1 to clear");

    private final String words;

    RegisterAccess(String words) {
        this.words = words;
    }

    boolean isReadable() {
        return this != WO;
    }

    boolean isWritable() {
        return this != RO;
    }

    @Override
    public String toString() {
        return words;
    }
}
