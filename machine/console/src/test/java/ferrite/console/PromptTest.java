package ferrite.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The prompt on a terminal with keys pressed by the test. */
@Timeout(30)
class PromptTest {

    private static final String CTRL_C = "\u0003";
    private static final String CTRL_D = "\u0004";
    private static final String UP = "\u001b[A";

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private Size size = new Size(100, 30);
    private Completion completion = Completion.ofFirstWords(List.of("zones", "info tlb", "info mem", "dma", "help"));
    private Path historyFile;
    @TempDir
    private Path directory;
    private final ExecutorService typist = Executors.newSingleThreadExecutor();

    @AfterEach
    void endTheTypist() {
        typist.shutdownNow();
    }

    @Test
    void linesAreReadUntilTheInputEnds() throws IOException {
        assertThat(linesOf("zones\rinfo tlb 1\r" + CTRL_D)).containsExactly("zones", "info tlb 1");
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("ferrite> ");
    }

    @Test
    void anInterruptDropsTheHalfTypedLine() throws Exception {
        PipedOutputStream keyboard = new PipedOutputStream();
        try (Prompt prompt = prompt(new PipedInputStream(keyboard))) {
            Future<String> line = typist.submit(prompt::readLine);
            awaitOnScreen("ferrite> $");
            press(keyboard, "power");
            awaitOnScreen("power");
            press(keyboard, CTRL_C);
            awaitOnScreen("power.*ferrite> $");
            press(keyboard, "zones\r");
            assertThat(line.get(10, TimeUnit.SECONDS)).isEqualTo("zones");
        }
    }

    @Test
    void theLastLineNeedsNoEnd() throws IOException {
        assertThat(linesOf("zones\rdma")).containsExactly("zones", "dma");
    }

    @Test
    void aTerminalThatDoesNotKnowItsSizeShowsWhatIsTyped() throws IOException {
        size = new Size(0, 0);
        assertThat(linesOf("zones\r" + CTRL_D)).containsExactly("zones");
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("ferrite> ").contains("zones");
    }

    @Test
    void theFirstWordIsCompleted() throws IOException {
        assertThat(linesOf("zo\t0\r" + CTRL_D)).containsExactly("zones 0");
        assertThat(linesOf("inf\ttlb\r" + CTRL_D)).containsExactly("info tlb");
    }

    @Test
    void aFurtherWordIsNotCompleted() throws IOException {
        assertThat(linesOf("help zo\t\r" + CTRL_D)).containsExactly("help zo");
    }

    @Test
    void theLineBeforeComesBack() throws IOException {
        assertThat(linesOf("zones\rdma\r" + UP + UP + "\r" + CTRL_D)).containsExactly("zones", "dma", "zones");
    }

    @Test
    void aCompletionThatGoesOnIsFollowedByNoBlank() throws IOException {
        completion = (words, word) -> words.isEmpty() ? List.of("dd") : List.of("if=/dev/disk0", "if=/dev/stdout");
        assertThat(linesOf("d\ti\td\ti\ts\t\r" + CTRL_D)).containsExactly("dd if=/dev/disk0 if=/dev/stdout ");
    }

    @Test
    void theCompletionSplitsTheLineIntoWords() throws IOException {
        completion = new Completion() {
            @Override
            public List<String> words(String text) {
                return List.of(text.substring(text.lastIndexOf('|') + 1).strip().split(" ", -1));
            }

            @Override
            public List<String> complete(List<String> words, String word) {
                return List.of(word + words.size() + "-words");
            }
        };
        assertThat(linesOf("a b|c d\t\r" + CTRL_D)).containsExactly("a b|c d1-words ");
    }

    @Test
    void tabListsTheWordsAndInsertsNothing() throws IOException {
        assertThat(linesOf("\t\tdma\r" + CTRL_D)).containsExactly("dma");
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("info").contains("zones").contains("help");
    }

    @Test
    void keysRightBeforeAndAfterAnInterruptStayInOrder() throws Exception {
        PipedOutputStream keyboard = new PipedOutputStream();
        try (Prompt prompt = prompt(new PipedInputStream(keyboard))) {
            Future<String> line = typist.submit(prompt::readLine);
            awaitOnScreen("ferrite> $");
            press(keyboard, "power" + CTRL_C + CTRL_C + "zones\r" + CTRL_C + "dma\r");
            assertThat(line.get(10, TimeUnit.SECONDS)).isEqualTo("zones");
            assertThat(screen.toString(StandardCharsets.UTF_8)).contains("power^C");
        }
    }

    @Test
    void theHistoryIsThereTheNextTime() throws IOException {
        historyFile = directory.resolve("some/where/history");
        linesOf("zones\r dma\rhelp\rhelp\r" + CTRL_D);
        assertThat(historyFile).hasContent("zones\nhelp\n");
        assertThat(linesOf(UP + UP + "\r" + CTRL_D)).containsExactly("zones");
        assertThat(linesOf("\u0012hel\r" + CTRL_D)).as("found by Ctrl-R").containsExactly("help");
    }

    @Test
    void aHistoryThatIsNoneIsLessHistory() throws IOException {
        historyFile = directory.resolve("history");
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        Files.write(historyFile, bytes);
        Files.writeString(historyFile, "\n\u001b[2Jhelp\ndma\n", StandardOpenOption.APPEND);
        assertThat(linesOf(UP + "\r" + CTRL_D)).containsExactly("dma");
        Files.delete(historyFile);
        Files.createDirectory(historyFile);
        assertThat(linesOf("zones\r" + CTRL_D)).containsExactly("zones");
        historyFile = directory.resolve("history/x");
        Files.createDirectory(historyFile);
        historyFile = historyFile.resolve("y/history");
        Files.writeString(historyFile.getParent(), "a file where a directory would have to be");
        assertThat(linesOf("zones\r" + CTRL_D)).containsExactly("zones");
    }

    @Test
    void theHistoryIsBounded() throws IOException {
        historyFile = directory.resolve("history");
        Files.write(historyFile, IntStream.range(0, 5000).mapToObj(i -> "echo " + i).toList());
        assertThat(linesOf(UP + "\r" + CTRL_D)).containsExactly("echo 4999");
        assertThat(Files.readAllLines(historyFile)).hasSize(1000).startsWith("echo 4000").endsWith("echo 4999");
        Files.writeString(historyFile, "x".repeat(3 << 20) + "\nzones\n");
        assertThat(linesOf(UP + "\r" + CTRL_D)).containsExactly("zones");
        assertThat(Files.size(historyFile)).isLessThan(100);
    }

    @Test
    void theHistoryIsWhereTheSpecificationPutsIt() throws IOException {
        HistoryFile.of("ferrite", directory.toString(), "/nowhere").add("one");
        assertThat(directory.resolve("ferrite/history")).hasContent("one\n");
        HistoryFile.of("ferrite", "not/absolute", directory.toString()).add("two");
        assertThat(directory.resolve(".local/state/ferrite/history")).hasContent("two\n");
        HistoryFile.of("ferrite", null, null).add("three");
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo !x !!", "echo \\n \\", "echo \"open", "echo 'two words' > /dev/x", "echo zwölf"})
    void aLineIsTakenAsItWasTyped(String line) throws IOException {
        assertThat(linesOf(line + "\r" + CTRL_D)).containsExactly(line);
    }

    private List<String> linesOf(String keys) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Prompt prompt = prompt(new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)))) {
            for (String line = prompt.readLine(); line != null; line = prompt.readLine()) {
                lines.add(line);
            }
        }
        return lines;
    }

    private Prompt prompt(InputStream keyboard) throws IOException {
        Terminal terminal = new ExternalTerminal("test", "ansi", keyboard, screen, StandardCharsets.UTF_8);
        terminal.setSize(size);
        return new Prompt(terminal, "ferrite", completion, new HistoryFile(historyFile), false);
    }

    private static void press(PipedOutputStream keyboard, String keys) throws IOException {
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    private void awaitOnScreen(String pattern) throws InterruptedException {
        Pattern shown = Pattern.compile(pattern, Pattern.DOTALL);
        while (!shown.matcher(screen.toString(StandardCharsets.UTF_8)).find()) {
            Thread.sleep(5); // the test's time limit ends this
        }
    }
}
