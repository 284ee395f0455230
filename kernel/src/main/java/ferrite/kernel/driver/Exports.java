package ferrite.kernel.driver;

import ferrite.hardware.hart.Gate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The symbols of the kernel's calls: for each row of {@link KernelCalls} its declaration in C and its address in the
 * gate. Debuggers show them, and native drivers import them. The declarations are the lines of {@code exports.txt}
 * beside this class. An address follows from the place in the list, so a new call is added at the end.
 */
public final class Exports {

    /** Bytes of text from a call's address to the next one's. */
    public static final int BYTES = 16;

    /** A call, with its declaration in C. */
    public record Export(String declaration, long address) {

        /** The C name, which is the symbol. */
        public String name() {
            String start = declaration.substring(0, declaration.indexOf('('));
            return start.substring(Math.max(start.lastIndexOf(' '), start.lastIndexOf('*')) + 1);
        }
    }

    private static final String FILE = "exports.txt";

    private Exports() { }

    /** Returns all calls, by address. */
    public static List<Export> all() {
        List<Export> exports = new ArrayList<>();
        for (String declaration : declarations().lines().toList()) {
            exports.add(new Export(declaration, Gate.CALLS + (long) exports.size() * BYTES));
        }
        return exports;
    }

    private static String declarations() {
        try (InputStream in = Exports.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException("no declarations of the kernel's calls: " + FILE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
