package ferrite.board.plug;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.example.timer.Timer;

/** Jars whose manifests name a class of the test's class path as a model. */
public final class DeviceJar {

    private DeviceJar() { }

    /** Makes the jar of {@link Timer}. */
    public static Path ofTimer(Path directory) throws IOException {
        return naming(directory.resolve("timer.jar"), "Ferrite-Device", Timer.class.getName());
    }

    public static Path naming(Path jar, String attribute, String className) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue(attribute, className);
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
        return jar;
    }
}
