package ferrite.board.plug;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/** Classes in jars that a user brings, which their manifests name. */
public final class JarCode {

    private JarCode() { }

    /** A jar that cannot be used. The message is the rest of a sentence that begins with the jar. */
    public static final class Unusable extends IOException {

        private static final long serialVersionUID = 1;

        public Unusable(String message) {
            super(message);
        }
    }

    /**
     * Reads the manifest of a jar.
     *
     * @param attribute the line that names the class
     * @param kind      the kind of the class, for a person
     */
    public static Attributes manifest(Path jar, String attribute, String kind) throws Unusable {
        if (!Files.isRegularFile(jar)) {
            throw new Unusable("there is no such file");
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            if (manifest == null || manifest.getMainAttributes().getValue(attribute) == null) {
                throw new Unusable("its manifest has no " + attribute + ": that line names the " + kind + "'s class");
            }
            String halts = HaltCalls.in(jar);
            if (halts != null) {
                throw new Unusable("its " + halts + " calls Runtime.halt, which ends the whole process without a word; "
                        + "return a negative errno, or throw an exception");
            }
            return manifest.getMainAttributes();
        } catch (Unusable known) {
            throw known;
        } catch (IOException e) {
            throw new Unusable("it is not a jar");
        }
    }

    /**
     * Creates an object of the class, with the public constructor without arguments.
     *
     * @param file names the jar for a person
     */
    public static <T> T create(ClassLoader loader, String className, Class<T> type, String file) throws Unusable {
        try {
            Object object = Class.forName(className, true, loader).getConstructor().newInstance();
            if (type.isInstance(object)) {
                return type.cast(object);
            }
            throw new Unusable(className + " does not implement " + type.getName());
        } catch (ClassNotFoundException e) {
            throw new Unusable(className.equals(e.getMessage())
                    ? "its manifest names " + className + ", which is not in " + file
                    : className + " cannot be loaded: " + e.getMessage());
        } catch (SecurityException e) {                        // a package that only the JDK may fill
            throw new Unusable(className + " cannot be loaded: " + e.getMessage());
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new Unusable(className
                    + " cannot be created: it needs a public constructor without arguments that works ("
                    + (e.getCause() == null ? e : e.getCause()) + ")");
        }
    }
}
