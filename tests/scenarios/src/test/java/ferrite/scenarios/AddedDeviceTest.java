package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The section "To add a device" of devices/README.md, followed to the letter in a copy of the sources. */
@Timeout(120)
class AddedDeviceTest {

    private static final Path DEVICES = Path.of("../../devices");
    private static final String BOARD_TEST = "board/src/test/java/ferrite/board/wiring/BoardTest.java";
    private static final List<String> SOURCES = List.of("peripherals/src/main/java", "board/src/main/java", BOARD_TEST);

    /** A block of code, after the path of the file that it is or changes. */
    private static final Pattern BLOCK = Pattern.compile("`([\\w/-]+\\.java)`[^`]*:\n\n```(java|diff)\n(.*?)```",
            Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile("```\n\\$ ferrite run -c '(.*?)'\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @Test
    void theDeviceInTheReadmeIsAddedToTheBoardAndWorks() throws Exception {
        String readme = Files.readString(DEVICES.resolve("README.md"));
        String recipe = readme.substring(readme.indexOf("## To add a device\n"));
        for (String sources : SOURCES) {
            copy(sources);
        }
        List<MatchResult> blocks = BLOCK.matcher(recipe).results().toList();
        assertThat(blocks).as("every block follows the path of a file")
                .hasSize((int) recipe.lines().filter(line -> line.matches("```(java|diff)")).count());
        for (MatchResult block : blocks) {
            follow(directory.resolve(block.group(1)), block.group(2).equals("diff"), block.group(3));
        }
        assertThat(packagesOfMain()).allMatch(folder -> Files.exists(folder.resolve("package-info.java")));
        theMapHasEachAddress(directory.resolve("board/src/main/java/ferrite/board/layout/FerriteLayout.java"));
        Path classes = compile();
        theBoardsOwnTestAgrees(classes);
        Matcher command = COMMAND.matcher(recipe);
        assertThat(command.find()).isTrue();
        Program.Ended ended = run(classes, "run", "-c", command.group(1));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).isEqualTo(command.group(2));
        assertThat(ended.status()).isZero();
    }

    private void copy(String sources) throws IOException {
        try (Stream<Path> files = Files.walk(DEVICES.resolve(sources))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = directory.resolve(DEVICES.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    /** Makes a new file, or changes a file of the copy. */
    private static void follow(Path file, boolean isDiff, String block) throws IOException {
        if (isDiff) {
            Files.writeString(file, changed(file, block));
        } else {
            assertThat(file).doesNotExist();
            Files.createDirectories(file.getParent());
            Files.writeString(file, block);
        }
    }

    private static String changed(Path file, String diff) throws IOException {
        String text = Files.readString(file);
        for (String hunk : diff.split("(?m)^@@\n")) {
            assertThat(hunk.lines()).as(hunk).allMatch(line -> line.matches("[ +-].*"));
            String before = lines(hunk, " -");
            int at = text.indexOf("\n" + before) + 1;
            assertThat(at).as("in " + file.getFileName() + ":\n" + before)
                    .isPositive().isEqualTo(text.lastIndexOf("\n" + before) + 1);
            text = text.substring(0, at) + lines(hunk, " +") + text.substring(at + before.length());
        }
        return text;
    }

    /** Returns the lines of a hunk that have one of these marks, without their marks. */
    private static String lines(String hunk, String marks) {
        StringBuilder lines = new StringBuilder();
        hunk.lines().filter(line -> marks.indexOf(line.charAt(0)) >= 0)
                .forEach(line -> lines.append(line.substring(1)).append('\n'));
        return lines.toString();
    }

    /** Checks the drawing of the board's memory map, which no compiler reads. */
    private static void theMapHasEachAddress(Path layout) throws IOException {
        String text = Files.readString(layout);
        List<MatchResult> addresses = Pattern.compile(" = (0xf\\w+)L;").matcher(text).results().toList();
        assertThat(addresses).isNotEmpty().allMatch(address -> text.contains("\n *  " + address.group(1) + "  "));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            return found.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    /** Returns the folders that must have a package-info.java. */
    private List<Path> packagesOfMain() throws IOException {
        return files().stream().filter(file -> !file.endsWith(BOARD_TEST)).map(Path::getParent).distinct().toList();
    }

    private Path compile() throws IOException {
        Path classes = Files.createDirectories(directory.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(messages, manager, null, List.of("-d", classes.toString(), "-classpath",
                    System.getProperty("java.class.path"), "-proc:none", "-Xlint:all,-classfile,-path", "-Werror"),
                    null, manager.getJavaFileObjectsFromPaths(files())).call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        return classes;
    }

    /** Runs the board's test of its memory map, with all classes from a loader that takes the copy's before others. */
    private static void theBoardsOwnTestAgrees(Path classes) throws Exception {
        List<URL> places = new ArrayList<>(List.of(classes.toUri().toURL()));
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            places.add(Path.of(place).toUri().toURL());
        }
        try (URLClassLoader loader = new URLClassLoader(places.toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader())) {
            Class<?> test = loader.loadClass("ferrite.board.wiring.BoardTest");
            Constructor<?> constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            Method method = test.getDeclaredMethod("everythingIsWhereTheMapSays");
            method.setAccessible(true);
            method.invoke(constructor.newInstance());
        }
    }

    /** Runs {@code ferrite} with the compiled copy in place of its own classes. */
    private Program.Ended run(Path classes, String... words) throws IOException, InterruptedException {
        String main;
        try (JarFile jar = new JarFile(FerriteJar.path().toFile())) {
            main = jar.getManifest().getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
        }
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-cp", classes + File.pathSeparator + System.getProperty("java.class.path"), main));
        command.addAll(List.of(words));
        return Program.start(directory, command).end();
    }
}
