package ferrite.board.session;

import ferrite.board.wiring.Board;
import ferrite.book.BookDrivers;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.shell.Command;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Completes a command that is being typed, from the usage of the commands: {@code PATH} is a file of the machine,
 * {@code FILE.jar} one of the host, {@code NAME} a loaded driver, {@code if=} an operand, {@code -C} an option. The
 * thread that reads the line asks, and the thread that holds the turn answers. It only looks.
 */
public final class CommandCompletion {

    private static final int PATIENCE_MILLISECONDS = 2000;
    private static final int MAX_FILES = 1000;
    private static final Pattern OPERAND = Pattern.compile("([a-z]+=)([A-Z]+)");
    private static final Pattern OPTION = Pattern.compile("(?<=[ \\[|])-[A-Za-z]+");
    private static final Pattern REDIRECTION = Pattern.compile("[0-9]*(<|>|>>|>\\|)");
    private static final Pattern PLACE = Pattern.compile("(?<![=A-Za-z])[A-Z]{2,}(\\.jar)?");

    private final Board board;

    public CommandCompletion(Board board) {
        this.board = board;
    }

    /**
     * Returns the words that could follow; {@code word} is the start of the next one. Returns none if the machine does
     * not answer in time.
     */
    public List<String> complete(List<String> words, String word) {
        try {
            CompletableFuture<List<String>> answer = board.machine().control().ask(() -> look(words, word));
            return withHostFiles(answer.get(PATIENCE_MILLISECONDS, TimeUnit.MILLISECONDS), word);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (ExecutionException | TimeoutException noAnswer) {
            return List.of();
        }
    }

    private static List<String> withHostFiles(List<String> candidates, String word) {
        if (!candidates.contains(HOST_JARS)) {
            return candidates;
        }
        List<String> all = new ArrayList<>(candidates);
        all.remove(HOST_JARS);
        all.addAll(hostJars(word));
        return all;
    }

    // ---- on the thread that holds the turn ----

    /** Stands for the jar files of the host, which are listed later, while the machine runs. */
    private static final String HOST_JARS = "\0jars";

    /**
     * Does the same as {@link #complete} for a client on another host. To be called by the thread that holds the turn.
     */
    List<String> ofMachine(List<String> words, String word) {
        return look(words, word).stream().filter(candidate -> !candidate.equals(HOST_JARS)).toList();
    }

    private List<String> look(List<String> words, String word) {
        try {
            TreeSet<String> candidates = new TreeSet<>();
            if (!words.isEmpty() && REDIRECTION.matcher(words.get(words.size() - 1)).matches()) {
                return paths(word);
            }
            addNames(words, candidates);
            if (!words.isEmpty()) {
                addOperands(usage(words), words, word, candidates);
            }
            return List.copyOf(candidates);
        } catch (RuntimeException corrupt) {
            return List.of();                          // the structures are corrupt
        }
    }

    /** Adds the commands' first words, or the next one of a name that has several. */
    private void addNames(List<String> words, TreeSet<String> candidates) {
        List<String> names = new ArrayList<>(List.of("wait"));
        board.shell().commands().forEach(command -> names.add(command.name()));
        board.monitor().commands().forEach(command -> names.add(command.name()));
        String before = words.isEmpty() ? "" : String.join(" ", words) + " ";
        for (String name : names) {
            if (name.startsWith(before)) {
                candidates.add(name.substring(before.length()).split(" ", 2)[0]);
            }
        }
    }

    private String usage(List<String> words) {
        for (Command command : board.shell().commands()) {
            if (command.name().equals(words.get(0))) {
                return command.usage();
            }
        }
        MonitorCommand command = board.monitor().find(String.join(" ", words));
        return command == null ? "" : command.usage();
    }

    private void addOperands(String usage, List<String> words, String word, TreeSet<String> candidates) {
        for (Matcher operand = OPERAND.matcher(usage); operand.find(); ) {
            addOperand(operand.group(1), operand.group(2).equals("PATH"), words, word, candidates);
        }
        for (Matcher option = OPTION.matcher(usage); option.find(); ) {
            candidates.add(option.group());
        }
        for (Matcher place = PLACE.matcher(usage); place.find(); ) {
            addPlace(place.group(), words, word, candidates);
        }
    }

    private void addOperand(String name, boolean isPath, List<String> words, String word, TreeSet<String> candidates) {
        if (word.startsWith(name)) {
            if (isPath) {
                paths(word.substring(name.length())).forEach(path -> candidates.add(name + path));
            }
        } else if (words.stream().noneMatch(typed -> typed.startsWith(name))) {
            candidates.add(name);
        }
    }

    private void addPlace(String place, List<String> words, String word, TreeSet<String> candidates) {
        ReadableMemory view = board.machine().peek(0);
        switch (place) {
            case "PATH" -> candidates.addAll(paths(word));
            case "FILE.jar" -> {
                if (words.size() == 1) {
                    candidates.add(HOST_JARS);
                    BookDrivers.names().stream().filter(name -> name.startsWith(word)).forEach(candidates::add);
                }
            }
            case "NAME" -> board.kernel().drivers().modules().all(view).stream().map(Modules.Loaded::name)
                    .forEach(candidates::add);
            case "PID" -> board.kernel().tasks().tasks().all(view)
                    .forEach(task -> candidates.add(Integer.toString(board.kernel().tasks().tasks().pid(view, task))));
            case "COMMAND" -> {
                if (words.size() == 1) {
                    addNames(List.of(), candidates);
                }
            }
            case "HART" -> board.machine().harts().forEach(hart -> candidates.add(Integer.toString(hart.id())));
            default -> { }
        }
    }

    /** Returns the paths that could be meant. */
    private List<String> paths(String typed) {
        if (typed.startsWith("/dev/")) {
            return board.kernel().files().devices().names(board.machine().peek(0))
                    .stream().map(name -> "/dev/" + name).toList();
        }
        if (typed.startsWith("/proc/")) {
            return board.kernel().files().proc().names(board.machine().peek(0))
                    .stream().map(name -> "/proc/" + name).toList();
        }
        return List.of("/dev/", "/proc/");
    }

    // ---- on the thread that reads the line ----

    private static List<String> hostJars(String typed) {
        List<String> files = new ArrayList<>();
        String directory = typed.substring(0, typed.lastIndexOf('/') + 1);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory.isEmpty() ? "." : directory))) {
            for (Path entry : entries) {
                String name = directory + entry.getFileName();
                if (Files.isDirectory(entry)) {
                    files.add(name + "/");
                } else if (name.endsWith(".jar")) {
                    files.add(name);
                }
                if (files.size() == MAX_FILES) {
                    break;
                }
            }
        } catch (IOException | InvalidPathException | java.nio.file.DirectoryIteratorException unreadable) {
            return List.of();
        }
        return files;
    }
}
