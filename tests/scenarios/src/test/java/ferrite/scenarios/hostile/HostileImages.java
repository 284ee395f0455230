package ferrite.scenarios.hostile;

import ferrite.scenarios.DeltaDebugging;
import ferrite.scenarios.SeedOptions;
import ferrite.scenarios.qemu.Choice;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Gives many hostile files to {@code ferrite boot}. If a run does not end with a documented exit status, the file is
 * shrunk while it still shows the mistake, and printed in the form of the corpus.
 *
 * <p>By hand: {@code tests/scenarios/hostile-images --seed N --count N}.
 */
public final class HostileImages implements Closeable {

    /** After so many findings the search stops: a person has enough to repair. */
    private static final int ENOUGH = 5;
    private static final int MAX_LISTING = 40;

    private final long seed;
    private final PrintStream out;
    private final Devices devices = new Devices();
    private final HostileRun run = new HostileRun();
    /** Numbers of runs, by kind and exit status. */
    private final Map<Kind, Map<Integer, Integer>> counts = new EnumMap<>(Kind.class);
    private int findings;

    HostileImages(long seed, PrintStream out) throws IOException {
        this.seed = seed;
        this.out = out;
    }

    /** Tries cases 0 to {@code count - 1}. Returns the number of findings. */
    int run(int count) throws IOException, InterruptedException {
        for (int number = 0; number < count && findings < ENOUGH && !run.hasHung(); number++) {
            runOnly(number);
            progress(number + 1, count);
        }
        return findings;
    }

    int runOnly(int number) throws IOException, InterruptedException {
        Choice choice = new Choice(new Random(seed * 0x9e37_79b9_7f4a_7c15L + number * 0xbf58_476d_1ce4_e5b9L));
        Kind kind = Kind.random(choice);
        examine(number, kind.generate(choice, devices, run));
        counts.computeIfAbsent(kind, absent -> new TreeMap<>()).merge(run.status(), 1, Integer::sum);
        return findings;
    }

    private <P extends Part> void examine(int number, HostileCase<P> hostile) throws IOException, InterruptedException {
        String problem = run.problemWith(hostile.setup(), hostile.file());
        if (problem == null) {
            return;
        }
        findings++;
        out.printf(Locale.ROOT, "%n--seed %d --only %d: %s: %s%n", seed, number, hostile.kind(), problem);
        HostileCase<P> smallest = run.hasHung() ? hostile : shrink(hostile);       // a hanging thread cannot be ended
        List<P> parts = smallest.parts();
        parts.stream().limit(MAX_LISTING).forEach(part -> out.println("  " + part.describe()));
        if (parts.size() > MAX_LISTING) {
            out.println("  and " + (parts.size() - MAX_LISTING) + " more");
        }
        out.println("For the corpus:\n" + new CorpusFile(smallest.setup(), smallest.file()).toText());
    }

    private <P extends Part> HostileCase<P> shrink(HostileCase<P> hostile) throws IOException, InterruptedException {
        return hostile.with(DeltaDebugging.shrink(hostile.parts(), candidates -> {
            for (int n = 0; n < candidates.size() && !run.hasHung(); n++) {
                if (run.problemWith(hostile.setup(), hostile.with(candidates.get(n)).file()) != null) {
                    return n;
                }
            }
            return -1;
        }));
    }

    /** Prints the progress, often to a terminal and seldom to a file. */
    private void progress(int done, int count) {
        String line = done + " of " + count + " hostile files, " + findings + " findings; " + counts;
        boolean terminal = System.console() != null;
        if (terminal && done % 100 == 0) {
            out.print("\r" + line + " ");
            out.flush();
        }
        if (done == count || !terminal && done % 10_000 == 0) {
            out.println(terminal ? "\r" + line : line);
        }
    }

    @Override
    public void close() throws IOException {
        run.close();
    }

    /** Ends with status 0 if nothing is found, 1 for findings, 2 for a wrong command line. */
    public static void main(String[] words) throws IOException, InterruptedException {
        SeedOptions options = SeedOptions.orExit("hostile-images", "files", List.of(words));
        System.out.println("seed " + options.seed());
        long start = System.nanoTime();
        int findings;
        try (HostileImages images = new HostileImages(options.seed(), System.out)) {
            findings = options.only() >= 0 ? images.runOnly(options.only()) : images.run(options.count());
        }
        System.out.println((System.nanoTime() - start) / 1_000_000_000
                + " s, " + (findings == 0 ? "nothing found" : findings + " findings"));
        System.exit(findings == 0 ? 0 : 1);
    }
}
