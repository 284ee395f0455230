package ferrite.board.corpus;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.Checks;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All stories, and the machine that runs them. */
public final class Corpus {

    private static final int HARTS = 2;
    private static final long RAM = 64L << 20;
    /** Far above the need of any story, so that a mistake that nothing ends is an end. */
    private static final long MAX_INSTRUCTIONS = 20_000_000;

    private Corpus() { }

    /** Returns the stories, in a fixed order. */
    public static List<Story> stories() {
        return Stream.of(DmaStories.all(), ChannelStories.all(), MemoryStories.all(), LockStories.all(),
                FoundLockStories.all(), FoundMemoryStories.all(), LaterStories.all(), FileStories.all(),
                StackStories.all(), OrderStories.all(), PortStories.all(), TransferStories.all())
                .flatMap(List::stream).toList();
    }

    /**
     * What became of a story under one seed and interleaving.
     *
     * @param wrong  the violations of the mistake
     * @param right  the violations of the corrected twin
     */
    public record Outcome(Story story, List<Violation> wrong, List<Violation> right) {

        /** Returns whether the mistake was reported first, by the story's rule. */
        public boolean isCaught() {
            return !wrong.isEmpty() && wrong.get(0).rule().equals(story.rule());
        }

        /** Returns whether the corrected twin was reported. */
        public boolean isFalseAlarm() {
            return !right.isEmpty();
        }
    }

    /** Runs a story and its twin, each on a machine of its own. */
    public static Outcome run(Story story, long seed, Interleavings interleaving) throws IOException {
        return run(story, seed, interleaving, Checks.ALL);
    }

    /** Runs a story and its twin with some of the checks. */
    static Outcome run(Story story, long seed, Interleavings interleaving, Checks checks) throws IOException {
        return new Outcome(story, violations(story.wrong(), machine(seed, interleaving, checks)),
                violations(story.right(), machine(seed, interleaving, checks)));
    }

    private static BoardOptions machine(long seed, Interleavings interleaving, Checks checks) {
        return new BoardOptions().checks(checks).ram(RAM).harts(HARTS).seed(seed).interleaving(interleaving)
                .maxInstructions(MAX_INSTRUCTIONS);
    }

    /** Runs a driver's code in a task of a machine. Returns the violations. */
    static List<Violation> violations(Consumer<Story.Bench> body, BoardOptions machine) throws IOException {
        List<Violation> violations = new ArrayList<>();
        StoryDriver driver = new StoryDriver(body);
        BoardOptions options = machine.driver(driver);
        OutputStream nowhere = OutputStream.nullOutputStream();
        Session.Streams streams = new Session.Streams(nowhere,
                new PrintStream(nowhere, false, StandardCharsets.UTF_8), nowhere, false);
        try (Session session = new Session(options, List.of("cat /dev/story"), () -> null, streams, violation -> {
            violations.add(violation);
            return "";
        })) {
            driver.use((command, argument) -> ioctl(session.board().kernel().files(), command, argument));
            session.run();
        }
        return List.copyOf(violations);
    }

    /** A program's part of a story's ioctl. */
    private static void ioctl(Files files, int command, long argument) {
        int file = files.open("/dev/story", Fcntl.O_RDWR);
        files.ioctl(file, command, argument);
        files.close(file);
    }
}
