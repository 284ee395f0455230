package ferrite.scenarios;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles a driver's source into a jar, as a driver's author does. */
final class DriverJar {

    private DriverJar() { }

    /** @param className the name in the manifest; null for a manifest without that line */
    static Path build(Path directory, String simpleName, String source, String className) throws IOException {
        return build(directory, simpleName, source, className, Map.of());
    }

    /** @param depends the jars of other drivers, by the drivers' names, which this one depends on */
    static Path build(Path directory, String simpleName, String source, String className, Map<String, Path> depends)
            throws IOException {
        Path classes = Files.createDirectories(directory.resolve(simpleName + "-classes"));
        Path file = Files.writeString(directory.resolve(simpleName + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = Stream.concat(Stream.of(System.getProperty("java.class.path")),
                depends.values().stream().map(Path::toString)).collect(Collectors.joining(File.pathSeparator));
        StringWriter messages = new StringWriter();
        boolean compiled = compiler.getTask(messages, null, null,
                List.of("-d", classes.toString(), "-classpath", path), null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file)).call();
        if (!compiled) {
            throw new IllegalStateException(messages.toString());
        }
        return ofClasses(directory, simpleName, className, depends);
    }

    /** Makes a jar of the classes that {@link #build} has compiled. */
    static Path ofClasses(Path directory, String simpleName, String className, Map<String, Path> depends)
            throws IOException {
        Map<String, String> lines = new TreeMap<>();
        if (className != null) {
            lines.put("Ferrite-Driver", className);
        }
        if (!depends.isEmpty()) {
            lines.put("Ferrite-Depends", String.join(", ", depends.keySet()));
        }
        return pack(directory.resolve(simpleName + "-classes"), directory.resolve(simpleName + ".jar"), lines);
    }

    /** Makes a jar of compiled classes, with these lines in its manifest. */
    static Path pack(Path classes, Path jar, Map<String, String> lines) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        lines.forEach(manifest.getMainAttributes()::putValue);
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out,
                manifest); Stream<Path> found = Files.walk(classes)) {
            for (Path one : found.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(one).toString().replace('\\', '/')));
                entries.write(Files.readAllBytes(one));
            }
        }
        return jar;
    }
}
