package ferrite.board.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The token of a debug port: an option, the first line of a file, or a variable of the environment, in this order. */
final class TokenOptions {

    /** The variable of the environment that holds the token. */
    static final String VARIABLE = "FERRITE_TOKEN";

    private static final int MAX_LENGTH = 256;
    private static final int MAX_FILE_BYTES = 4096;

    private final Function<String, String> environment;

    @Option(names = "--token", paramLabel = "T", description = "the token that a client of the debug port has to name "
            + "first. Warning: the list of processes shows it to all users of this host; --token-file, and "
            + VARIABLE + " in the environment, do not")
    private String token;

    @Option(names = "--token-file", paramLabel = "FILE", description = "the file whose first line is the token")
    private Path file;

    private String read;

    TokenOptions() {
        this(System::getenv);
    }

    TokenOptions(Function<String, String> environment) {
        this.environment = environment;
    }

    /** Tells whether one of the options was given. */
    boolean isGiven() {
        return token != null || file != null;
    }

    /** Returns the name of the option that was given. */
    String option() {
        return token != null ? "--token" : "--token-file";
    }

    /**
     * Returns the token of the options; null without one.
     *
     * @throws UsageException if it is no token
     * @throws InputException if the file cannot be read
     */
    String given() throws InputException {
        if (token != null && file != null) {
            throw new UsageException("--token and --token-file: one token is enough");
        }
        if (file != null && read == null) {
            read = checked("--token-file " + file, firstLine(file));
        }
        return file != null ? read : token == null ? null : checked("--token", token);
    }

    /** Returns the token of the environment; null without one. */
    String ofEnvironment() {
        String value = environment.apply(VARIABLE);
        return value == null || value.isEmpty() ? null : checked(VARIABLE, value);
    }

    private static String checked(String source, String value) {
        if (!value.matches("(?U)[^\\s\\p{Cntrl}]{1," + MAX_LENGTH + "}")) {
            throw new UsageException(source + ": one word of 1 to " + MAX_LENGTH + " characters is expected");
        }
        return value;
    }

    private static String firstLine(Path file) throws InputException {
        if (file.toString().isEmpty() || !Files.isRegularFile(file)) {
            throw new InputException("--token-file " + file + ": there is no such file");
        }
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InputException(String.format(Locale.ROOT, "--token-file %s: it has more than %d bytes; a "
                        + "file with one line, the token, would be right", file, MAX_FILE_BYTES));
            }
            return Files.readString(file).lines().findFirst().orElse("");
        } catch (InputException e) {
            throw e;
        } catch (IOException e) {
            throw new InputException("--token-file " + file + " cannot be read: " + HostFiles.reason(e));
        }
    }
}
