package ferrite.kernel.driver;

import ferrite.kernel.base.LoadedCode;
import java.util.List;

/** Loads drivers from files of the host, which only the board can reach. */
public interface ModuleSource {

    /** A file that is no driver. The message is a sentence with the reason. */
    final class ModuleException extends Exception {

        private static final long serialVersionUID = 1;

        public ModuleException(String message) {
            super(message);
        }
    }

    /** Makes a driver from a file, with its own class loader, which is {@link LoadedCode}. */
    Driver load(String file) throws ModuleException;

    /** Returns the loaded drivers whose classes a driver has. */
    List<Driver> dependencies(Driver driver);

    /** Forgets a driver, which will not be called again. */
    void unload(Driver driver);

    /** Returns a source that refuses every file. */
    static ModuleSource none() {
        return new ModuleSource() {
            @Override
            public Driver load(String file) throws ModuleException {
                throw new ModuleException("this machine cannot read files of the host");
            }

            @Override
            public List<Driver> dependencies(Driver driver) {
                return List.of();
            }

            @Override
            public void unload(Driver driver) { }
        };
    }
}
