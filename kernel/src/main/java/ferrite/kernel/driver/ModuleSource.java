package ferrite.kernel.driver;

import ferrite.kernel.base.LoadedCode;

/** Where drivers come from that are not linked into the kernel: files of the host, to which only the board has a way. */
public interface ModuleSource {

    /** A file that is no driver; the message is a sentence that says why. */
    final class ModuleException extends Exception {

        private static final long serialVersionUID = 1;

        public ModuleException(String message) {
            super(message);
        }
    }

    /** Makes a driver out of a file, with classes of its own. Its class loader is {@link LoadedCode}. */
    Driver load(String file) throws ModuleException;

    /** The driver will not be called again. */
    void unload(Driver driver);

    /** No drivers but those that are linked in. */
    static ModuleSource none() {
        return new ModuleSource() {
            @Override
            public Driver load(String file) throws ModuleException {
                throw new ModuleException("this machine has no way to the host's files");
            }

            @Override
            public void unload(Driver driver) { }
        };
    }
}
