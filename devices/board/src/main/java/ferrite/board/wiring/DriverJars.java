package ferrite.board.wiring;

import ferrite.board.plug.JarCode;
import ferrite.book.BookDrivers;
import ferrite.kernel.base.LoadedCode;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.ModuleSource;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.jar.Attributes;

/**
 * Drivers in jars, where {@code Ferrite-Driver} in the manifest names the class, and those of the book by their names.
 * Each load has a class loader of its own, so that two machines, or two loads, share nothing; but a driver has the
 * classes of the loaded drivers that it names in {@code Ferrite-Depends}. The jar is the user's own code and is trusted
 * as any jar on a class path.
 */
final class DriverJars implements ModuleSource, AutoCloseable {

    private static final String ATTRIBUTE = "Ferrite-Driver";
    private static final String DEPENDS = "Ferrite-Depends";

    private final Predicate<Path> isDisk;
    /** The drivers that are loaded, and those whose classes each of them has. */
    private final Map<Driver, List<Driver>> loaded = new IdentityHashMap<>();

    /** @param isDisk tells whether a file is a disk of the machine: reading it as a jar would release its lock */
    DriverJars(Predicate<Path> isDisk) {
        this.isDisk = isDisk;
    }

    private static final class Loader extends URLClassLoader implements LoadedCode {

        private final List<Driver> dependencies;

        Loader(Path jar, List<Driver> dependencies) throws IOException {
            super(jar.getFileName().toString(), new URL[] {jar.toUri().toURL()}, Driver.class.getClassLoader());
            this.dependencies = dependencies;
        }

        /** Looks into the jar first, and then into those of the dependencies. */
        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                return super.findClass(name);
            } catch (ClassNotFoundException e) {
                for (Driver other : dependencies) {
                    try {
                        return other.getClass().getClassLoader().loadClass(name);
                    } catch (ClassNotFoundException inOther) {
                        e.addSuppressed(inOther);
                    }
                }
                throw e;
            }
        }
    }

    @Override
    public Driver load(String file) throws ModuleException {
        Driver ofTheBook = BookDrivers.create(file);
        if (ofTheBook != null) {
            return loadOfTheBook(ofTheBook.getClass().getName(), file);
        }
        Path jar = path(file);
        if (isDisk.test(jar)) {
            throw new ModuleException("it is the file of a disk");
        }
        try {
            Attributes manifest = JarCode.manifest(jar, ATTRIBUTE, "driver");
            Loader loader = new Loader(jar, dependencies(manifest.getValue(DEPENDS)));
            Driver driver = JarCode.create(loader, manifest.getValue(ATTRIBUTE).strip(), Driver.class,
                    jar.getFileName().toString());
            loaded.put(driver, loader.dependencies);
            return driver;
        } catch (JarCode.Unusable e) {
            throw new ModuleException(e.getMessage());
        } catch (IOException e) {
            throw new ModuleException("it cannot be read: " + e.getMessage());
        }
    }

    private static Path path(String file) throws ModuleException {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new ModuleException("that is no path of this host");
        }
    }

    /** Finds the loaded drivers of a list with commas or blanks, which may be null. */
    private List<Driver> dependencies(String names) throws ModuleException {
        List<Driver> found = new ArrayList<>();
        for (String name : names == null || names.isBlank() ? List.<String>of()
                : List.of(names.strip().split("[, ]+"))) {
            found.add(loaded.keySet().stream().filter(driver -> driver.name().equals(name)).findFirst()
                    .orElseThrow(() -> new ModuleException("it depends on the driver " + name
                            + ", which is not loaded: load it first")));
        }
        return List.copyOf(found);
    }

    private Driver loadOfTheBook(String className, String name) throws ModuleException {
        try {
            Driver driver = JarCode.create(new BookLoader(name), className, Driver.class, name);
            loaded.put(driver, List.of());
            return driver;
        } catch (JarCode.Unusable e) {
            throw new ModuleException(e.getMessage());
        }
    }

    @Override
    public List<Driver> dependencies(Driver driver) {
        return loaded.get(driver);
    }

    @Override
    public void unload(Driver driver) {
        loaded.remove(driver);
        try {
            if (driver.getClass().getClassLoader() instanceof Loader loader) {
                loader.close();
            }
        } catch (IOException e) {
            // the jar was only read: nothing is lost
        }
    }

    @Override
    public void close() {
        List.copyOf(loaded.keySet()).forEach(this::unload);
    }
}
