package ferrite.kernel.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random lines, understood by this grammar and by the {@code sh} of the host. */
class PosixTest {

    private static final int LINES = Integer.getInteger("ferrite.posix.lines", 400);
    private static final List<String> PIECES = List.of("a", "b1", " ", " ", "  ", "'", "\"", "\\", "$?", "$", "#", " #",
            ";", "&&", "||", "\t", "'x y'", "\"p  q\"", "\\;", "'#'", "%", "ä", "\\\\", "''", "\\\"", "=", "true ",
            "false ", "! ", "; show ", " && show ", " || show ", " show ", "|", " | show ", "2", "\\a");

    /** Stands for a line whose output depends on the order of tasks. */
    private static final String DIFFERS = "differs";

    @TempDir
    private Path directory;

    /**
     * Executes lists as a shell does. The only commands are {@code show}, which prints each argument in brackets and
     * succeeds, {@code true} and {@code false}; every other one fails with 127.
     */
    private static String execute(List<AndOr> lists) {
        StringBuilder out = new StringBuilder();
        int status = 0;
        for (AndOr list : lists) {
            for (AndOr.Step step : list.steps()) {
                if (step.runsAfter(status)) {
                    int result = execute(step.pipeline(), status, out);
                    status = !step.pipeline().isNot() ? result : result == 0 ? 1 : 0;
                }
            }
        }
        return out.append(status).toString();
    }

    /** Nothing in a pipeline reads, so only the last command's output remains. */
    private static int execute(Pipeline pipeline, int before, StringBuilder out) {
        SimpleCommand last = pipeline.commands().get(pipeline.commands().size() - 1);
        List<String> words = new Expansion(before, glob -> List.of()).arguments(last.words());
        switch (words.get(0)) {
            case "show" -> {
                words.subList(1, words.size()).forEach(word -> out.append('[').append(word).append(']'));
                out.append('\n');
                return 0;
            }
            case "true" -> {
                return 0;
            }
            case "false" -> {
                return 1;
            }
            default -> {
                return 127;
            }
        }
    }

    @Test
    void randomLinesMeanWhatTheyMeanToTheShellOfTheHost() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "this host has no /bin/sh");
        long seed = Long.getLong("ferrite.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        while (lines.size() < LINES) {
            StringBuilder line = new StringBuilder("show ");
            for (int i = random.nextInt(9); i >= 0; i--) {
                line.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            String typed = line.toString();
            String meaning = understood(typed);
            if (!meaning.equals(DIFFERS) && !typed.matches(".*;\\s*;.*")) {
                lines.add(typed);
                expected.add(meaning);
            }
        }
        List<String> shown = runByHost(lines);
        for (int i = 0; i < LINES; i++) {
            boolean refused = expected.get(i).equals("refused");
            boolean hostRefuses = shown.get(i).endsWith("\n2") || shown.get(i).equals("2");
            if (refused ? !hostRefuses && !isNotHere(lines.get(i)) : !shown.get(i).equals(expected.get(i))) {
                assertThat(expected.get(i)).as("seed " + seed + ", line <" + lines.get(i) + ">")
                        .isEqualTo(shown.get(i));
            }
        }
    }

    private static String understood(String line) {
        try {
            List<AndOr> lists = Parser.parse(line);
            return lists.stream().anyMatch(AndOr::inBackground) ? DIFFERS : execute(lists);
        } catch (SyntaxError refused) {
            return "refused";
        }
    }

    /** Tells whether the line has a form that the host's shell has, and this one has not: variables. */
    private static boolean isNotHere(String line) {
        return line.matches(".*\\$[a-z0-9A-Z#$!'\"{(].*") || line.matches(".*(^|[;&|]\\s*|!\\s*)[a-z]\\w*=.*");
    }

    /**
     * Lets one process of the host run all lines, each in a shell of its own. That shell waits for what a line has left
     * in the background, which would print among the output of later lines: lines that only this grammar refuses do so.
     */
    private List<String> runByHost(List<String> lines) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder(
                "show() { for w; do printf '[%s]' \"$w\"; done; echo; }\nPATH=/none\n");
        for (String line : lines) {
            script.append("( eval '").append(line.replace("'", "'\\''")).append("'; s=$?; wait; exit $s ) 2>&-\n")
                  .append("printf '%s\\0' $?\n");
        }
        Path file = Files.writeString(directory.resolve("script"), script);
        Process sh = new ProcessBuilder("/bin/sh", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(sh.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return List.of(out.split("\0"));
    }
}
