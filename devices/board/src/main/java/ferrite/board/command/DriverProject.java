package ferrite.board.command;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A project with a device, its driver and their tests. Its files are those of tests/example-driver, which every build
 * tests, under another name.
 */
final class DriverProject {

    private static final String PACKAGE = "/java/org/example/crc/";
    private static final String[] MAIN = {"CrcRegisters", "CrcEngine", "CrcDriver", "package-info"};
    private static final String[] TEST = {"CrcEngineTest", "CarelessCrcDriver"};

    private final String name;
    private final String title;

    /** @param name of the driver, small letters and digits */
    DriverProject(String name) {
        this.name = name;
        this.title = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    /** Returns the command that runs the driver, from the folder of the project. */
    String runLine() {
        String jar = "target/" + name + "-1.jar";
        return "ferrite run --device " + jar + " -c 'insmod " + jar + "; echo hello > /dev/" + name + "; cat /dev/"
                + name + "'";
    }

    /**
     * Writes the project into a folder.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the folder exists
     */
    void write(Path folder) throws IOException {
        Files.createDirectory(folder);
        write(folder, "pom.xml", pom());
        write(folder, "README.md", renamed(read("README.md")));
        write(folder, ".gitignore", "target/\n");
        for (String type : MAIN) {
            writeType(folder, "src/main", type);
        }
        for (String type : TEST) {
            writeType(folder, "src/test", type);
        }
    }

    private void writeType(Path folder, String tree, String type) throws IOException {
        write(folder, tree + "/java/com/example/" + name + "/" + renamed(type) + ".java",
                renamed(read(tree + PACKAGE + type + ".java")));
    }

    private static void write(Path folder, String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static String read(String file) throws IOException {
        try (InputStream in = DriverProject.class.getResourceAsStream("/ferrite/board/project/" + file)) {
            if (in == null) {
                throw new FileNotFoundException("this build of Ferrite has no template " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Gives a text of the example the project's names. A CRC-32 stays one. */
    private String renamed(String text) {
        return text.replace("org.example.crc", "com.example." + name).replace("Crc", title)
                .replaceAll("\\bcrc(?![A-Za-z])", name);
    }

    /** Makes the project's pom.xml of the example's: with one jar, for the device and its driver. */
    private String pom() throws IOException {
        String text = read("pom.xml");
        text = between(text, "<groupId>", "</groupId>", "com.example");
        text = between(text, "<artifactId>", "</artifactId>", name);
        text = between(text, "<name>", "</name>", title + ": a device and its driver");
        String entries = text.substring(text.indexOf("<Ferrite-Device>"), text.indexOf("</manifestEntries>",
                text.indexOf("<Ferrite-Device>"))).strip().replaceAll("\n +", "\n              ");
        text = between(text, "        <executions>", "</executions>\n", null);
        text = between(text, "<archive><manifestEntries>", "</manifestEntries></archive>", "\n              "
                + renamed(entries) + "\n          ");
        return text;
    }

    /** Replaces the text between the first two marks; null removes the marks too. */
    private static String between(String text, String begin, String end, String replacement) {
        int from = text.indexOf(begin);
        int to = text.indexOf(end, from);
        if (from < 0 || to < 0) {
            throw new IllegalStateException("the template has no " + begin + " " + end);
        }
        return replacement == null ? text.substring(0, from) + text.substring(to + end.length())
                : text.substring(0, from + begin.length()) + replacement + text.substring(to);
    }
}
