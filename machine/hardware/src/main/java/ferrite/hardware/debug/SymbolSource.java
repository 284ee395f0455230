package ferrite.hardware.debug;

/** The ELF file with the symbols of the software on the machine, for a debugger. */
public interface SymbolSource {

    /** The software has no symbols. */
    SymbolSource NONE = new SymbolSource() {
        @Override
        public String name() {
            return "";
        }

        @Override
        public byte[] file() {
            return new byte[0];
        }

        @Override
        public long loadedAt(long va) {
            return -1;
        }
    };

    /** Returns the file's name, without directories; empty if there is none. */
    String name();

    /** Returns the bytes of the file. */
    byte[] file();

    /**
     * Returns the physical address at which a byte of the file was loaded whose virtual address is {@code va}, or -1.
     * A debugger uses it before the software has switched address translation on.
     */
    long loadedAt(long va);
}
