package ferrite.board.command;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs many {@code ferrite} command lines, one after another, in one process of their own: with the real streams, at
 * the price of one start.
 */
final class ManyCommandLines {

    private static final int TIMEOUT_SECONDS = 90;
    /** Separates the output of two command lines; no command writes it. */
    private static final String END = "\u0001\u0002end ";

    /** The outcome of a command line. */
    record Outcome(int status, String out, String err) { }

    private ManyCommandLines() { }

    /** Runs in the child. The file has the command lines, each as a number of words and the words. */
    public static void main(String[] arguments) throws IOException {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        FileOutputStream err = new FileOutputStream(FileDescriptor.err);
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(arguments[0])))) {
            int lines = in.readInt();
            for (int i = 0; i < lines; i++) {
                String[] words = new String[in.readInt()];
                for (int w = 0; w < words.length; w++) {
                    words[w] = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
                }
                byte[] end = (END + Ferrite.execute(words) + "\n").getBytes(StandardCharsets.UTF_8);
                System.err.flush();
                System.out.flush();
                out.write(end);
                err.write(end);
            }
        }
    }

    /** Runs them in a directory, with an empty standard input; fails the test if one of them hangs. */
    static List<Outcome> run(Path directory, List<List<String>> commandLines) throws IOException, InterruptedException {
        Path file = directory.resolve("command-lines");
        try (DataOutputStream to = new DataOutputStream(Files.newOutputStream(file))) {
            to.writeInt(commandLines.size());
            for (List<String> words : commandLines) {
                to.writeInt(words.size());
                for (String word : words) {
                    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                    to.writeInt(bytes.length);
                    to.write(bytes);
                }
            }
        }
        Path out = directory.resolve("command-lines.out");
        Path err = directory.resolve("command-lines.err");
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
                "-cp", System.getProperty("java.class.path"), ManyCommandLines.class.getName(), file.toString())
                .directory(directory.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        child.getOutputStream().close();
        boolean ended = child.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        child.destroyForcibly();
        List<String> outs = pieces(out);
        List<String> errs = pieces(err);
        if (!ended || outs.size() != commandLines.size() + 1 || errs.size() != outs.size() || child.exitValue() != 0) {
            int last = Math.min(errs.size(), commandLines.size()) - 1;
            fail((ended ? "the process ended in " : "there was no end of ") + commandLines.get(Math.max(0, last))
                    + "\n" + errs.get(errs.size() - 1));
        }
        return outcomes(outs, errs);
    }

    private static List<String> pieces(Path file) throws IOException {
        return List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split(END, -1));
    }

    /** Takes the pieces apart. Each piece but the first begins with the status of the one before. */
    private static List<Outcome> outcomes(List<String> outs, List<String> errs) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i + 1 < outs.size(); i++) {
            String next = outs.get(i + 1);
            outcomes.add(new Outcome(Integer.parseInt(next.substring(0, next.indexOf('\n'))), own(outs.get(i), i),
                    own(errs.get(i), i)));
        }
        return outcomes;
    }

    private static String own(String piece, int index) {
        return index == 0 ? piece : piece.substring(piece.indexOf('\n') + 1);
    }
}
