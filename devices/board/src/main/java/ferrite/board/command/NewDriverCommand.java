package ferrite.board.command;

import ferrite.board.options.BuiltInDrivers;
import ferrite.board.stdio.Streams;
import ferrite.book.BookDrivers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ferrite new driver}: writes a project with a device, its driver and their tests. */
@Command(name = "driver", mixinStandardHelpOptions = true,
        description = "Write a complete project into a new folder NAME: a device of your own, its driver, tests, and a "
                + "README. It builds, and its tests pass, with 'mvn verify'.",
        footer = {"", "Examples:", "  ferrite new driver gadget"})
final class NewDriverCommand implements Callable<Integer> {

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]{0,15}");
    /** Words that no package of Java can be named. */
    private static final List<String> WORDS_OF_JAVA = List.of(
            "abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const",
            "continue", "default", "do", "double", "else", "enum", "extends", "false", "final", "finally",
            "float", "for", "goto", "if", "implements", "import", "instanceof", "int", "interface", "long",
            "native", "new", "null", "package", "private", "protected", "public", "return", "short", "static",
            "strictfp", "super", "switch", "synchronized", "this", "throw", "throws", "transient", "true",
            "try", "void", "volatile", "while");
    /** Files in /dev. */
    private static final List<String> FILES_OF_THE_KERNEL = List.of("console", "full", "hwrng", "kmsg", "null",
            "random", "stderr", "stdout", "urandom", "zero");

    @Parameters(paramLabel = "NAME", description = "the driver's name: 1 to 16 small letters and digits")
    private String name;

    @Override
    public Integer call() throws IOException {
        checkName();
        Path folder = Path.of(name);
        DriverProject project = new DriverProject(name);
        try {
            project.write(folder);
        } catch (FileAlreadyExistsException e) {
            throw new UsageException(folder + " exists already; another name, or another folder, would be right");
        }
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        out.println("A device, its driver and their tests are in " + folder + ". Build and test them:");
        out.println();
        out.println("  cd " + folder + " && mvn verify");
        out.println();
        out.println("and run them:");
        out.println();
        out.println("  " + project.runLine());
        out.flush();
        return 0;
    }

    private void checkName() {
        if (!NAME.matcher(name).matches()) {
            throw new UsageException("'" + name + "' is no name of a driver here: 1 to 16 small letters and digits, "
                    + "the first one a letter, would be right, for example gadget");
        }
        if (WORDS_OF_JAVA.contains(name)) {
            throw new UsageException("'" + name + "' is a word of Java, and cannot name a package; " + name
                    + "1 would be right");
        }
        boolean isTaken = BuiltInDrivers.create().stream().anyMatch(driver -> driver.name().equals(name))
                || BookDrivers.names().contains(name) || FILES_OF_THE_KERNEL.contains(name);
        if (isTaken) {
            throw new UsageException("'" + name + "' is the name of a driver, or of a file in /dev, of Ferrite's own; "
                    + "my" + name + " would be right");
        }
    }
}
