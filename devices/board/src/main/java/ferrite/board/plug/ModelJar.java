package ferrite.board.plug;

import ferrite.hardware.model.DeviceModel;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;

/**
 * The model of a device in a jar: {@code Ferrite-Device} in the manifest names the class. Each machine loads the jar
 * with a class loader of its own, so that two machines share nothing. A model knows the hardware alone: the kernel's
 * classes, and those of the board, are hidden from it.
 */
final class ModelJar extends URLClassLoader {

    private static final String ATTRIBUTE = "Ferrite-Device";
    private static final List<String> HIDDEN = List.of("ferrite.kernel.", "ferrite.peripherals.", "ferrite.board.",
            "ferrite.debugport.", "ferrite.console.", "ferrite.firmware.");

    private final Path jar;

    private ModelJar(Path jar) throws IOException {
        super(jar.getFileName().toString(), new URL[] {jar.toUri().toURL()}, DeviceModel.class.getClassLoader());
        this.jar = jar;
    }

    static ModelJar open(Path jar) throws JarCode.Unusable {
        JarCode.manifest(jar, ATTRIBUTE, "model");
        try {
            return new ModelJar(jar);
        } catch (IOException e) {
            throw new JarCode.Unusable("it cannot be read: " + e.getMessage());
        }
    }

    DeviceModel model() throws JarCode.Unusable {
        return JarCode.create(this, JarCode.manifest(jar, ATTRIBUTE, "model").getValue(ATTRIBUTE).strip(),
                DeviceModel.class, jar.getFileName().toString());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (HIDDEN.stream().anyMatch(name::startsWith)) {
            throw new ClassNotFoundException(name + ", which a model of a device does not have: it knows "
                    + "ferrite.hardware alone");
        }
        return super.loadClass(name, resolve);
    }
}
