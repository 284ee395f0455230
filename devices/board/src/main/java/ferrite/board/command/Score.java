package ferrite.board.command;

import ferrite.board.corpus.Corpus;
import ferrite.board.corpus.Story;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Runs the corpus, and prints what was caught, what was missed and which corrected driver was accused. */
final class Score {

    private final int seeds;
    private final PrintStream out;
    private final PrintStream progress;
    private int runs;
    private int caught;
    private int falseAlarms;
    private final List<String> remarks = new ArrayList<>();

    Score(int seeds, PrintStream out, PrintStream progress) {
        this.seeds = seeds;
        this.out = out;
        this.progress = progress;
    }

    /** Returns whether every mistake was caught in every run, and no twin accused. */
    boolean run() throws IOException {
        List<Story> stories = Corpus.stories();
        int number = 0;
        for (Story story : stories) {
            progress.print("\r" + ++number + " of " + stories.size() + " stories");
            progress.flush();
            run(story);
        }
        progress.println();
        remarks.forEach(out::println);
        out.println(String.format(Locale.ROOT, "%d stories, %d runs of each: caught %d of %d (%.1f%%), missed %d, "
                + "false alarms %d", stories.size(), seeds * Interleavings.values().length, caught, runs,
                100.0 * caught / runs, runs - caught, falseAlarms));
        out.flush();
        return caught == runs && falseAlarms == 0;
    }

    private void run(Story story) throws IOException {
        int caughtHere = 0;
        int runsHere = 0;
        long ticks = Long.MAX_VALUE;
        String missed = null;
        for (int seed = 1; seed <= seeds; seed++) {
            for (Interleavings interleaving : Interleavings.values()) {
                Corpus.Outcome outcome = Corpus.run(story, seed, interleaving);
                String where = ", with --seed " + seed + " --interleaving "
                        + interleaving.name().toLowerCase(Locale.ROOT);
                runsHere++;
                if (outcome.isCaught()) {
                    caughtHere++;
                    ticks = Math.min(ticks, outcome.wrong().get(0).when().ticks());
                } else if (missed == null) {
                    missed = (outcome.wrong().isEmpty() ? "nothing was reported"
                            : outcome.wrong().get(0).rule() + " was reported") + where;
                }
                if (outcome.isFalseAlarm()) {
                    falseAlarms++;
                    remarks.add("false alarm " + outcome.right().get(0).rule() + ": " + story.name() + where);
                }
            }
        }
        runs += runsHere;
        caught += caughtHere;
        out.println(String.format(Locale.ROOT, "%-8s %-22s %-52s %s", caughtHere == runsHere ? "caught" : "missed",
                story.rule(), story.name(), missed != null ? missed
                        : String.format(Locale.ROOT, "first at %.3f ms", ticks / 100_000.0)));
    }
}
