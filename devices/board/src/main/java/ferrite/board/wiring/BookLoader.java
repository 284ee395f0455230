package ferrite.board.wiring;

import ferrite.book.BookDrivers;
import ferrite.kernel.base.LoadedCode;
import java.io.IOException;
import java.io.InputStream;

/**
 * The classes of one of the book's drivers, which are in the same jar as this one. Each load has a class loader of its
 * own, as a driver in a jar has: so its resources are recorded as those of a loaded driver, and two machines share
 * nothing.
 */
final class BookLoader extends ClassLoader implements LoadedCode {

    private static final String PACKAGE = BookDrivers.class.getPackageName() + ".";

    BookLoader(String name) {
        super(name, BookDrivers.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(PACKAGE)) {
            return super.loadClass(name, resolve);
        }
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] code = in.readAllBytes();
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
