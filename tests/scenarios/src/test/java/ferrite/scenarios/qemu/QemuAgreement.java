package ferrite.scenarios.qemu;

import ferrite.scenarios.SeedOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Runs many random programs in Ferrite and in QEMU. It shrinks a program with a difference, and prints it with both
 * outcomes.
 *
 * <p>By hand: {@code tests/scenarios/qemu-agreement --seed N --count N}.
 */
public final class QemuAgreement {

    /** After so many differences the search stops: a person has enough to repair. */
    private static final int ENOUGH = 5;

    private final long seed;
    private final PrintStream out;
    private int differing;

    QemuAgreement(long seed, PrintStream out) {
        this.seed = seed;
        this.out = out;
    }

    /** Runs programs 0 to {@code count - 1}. Returns the number of programs with a difference. */
    int run(int count) throws IOException, InterruptedException {
        for (int from = 0; from < count && differing < ENOUGH; from += ProgramGenerator.BATCH) {
            List<Program> programs = IntStream.range(from, Math.min(count, from + ProgramGenerator.BATCH))
                    .mapToObj(number -> ProgramGenerator.generate(seed, number)).toList();
            List<List<String>> differences = Comparison.of(programs);
            for (int n = 0; n < programs.size() && differing < ENOUGH; n++) {
                examine(programs.get(n), differences.get(n));
            }
            progress(from + programs.size(), count);
        }
        return differing;
    }

    /** Runs one program of the seed, in the slot of its place in the batch. */
    int runOnly(int number) throws IOException, InterruptedException {
        Program program = ProgramGenerator.generate(seed, number);
        program.home = number % ProgramGenerator.BATCH;
        examine(program, Comparison.of(List.of(program)).get(0));
        return differing;
    }

    private void examine(Program program, List<String> differences) throws IOException, InterruptedException {
        if (differences.isEmpty()) {
            return;
        }
        differing++;
        out.printf(Locale.ROOT, "%n--seed %d --only %d: %d values differ, the first is%n  %s%n", seed, program.number,
                differences.size(), differences.get(0));
        Program smallest = Shrinker.shrink(reproducible(program));
        List<String> remaining = Comparison.of(List.of(smallest)).get(0);
        if (remaining.isEmpty()) {
            out.println("The program differs only after the programs before it in its batch of "
                    + ProgramGenerator.BATCH + ".");
        } else {
            out.println("Shrunk:\n" + Listing.of(smallest, remaining));
        }
    }

    /**
     * Returns the program for any slot if it differs there too, so that many candidates fit into an image; otherwise
     * for its own slot.
     */
    private static Program reproducible(Program program) throws IOException, InterruptedException {
        Program anywhere = program.copy();
        anywhere.home = -1;
        if (!Comparison.of(List.of(anywhere)).get(0).isEmpty()) {
            return anywhere;
        }
        program.home = program.number % ProgramGenerator.BATCH;
        return program;
    }

    /** Prints the progress, after each batch to a terminal and seldom to a file. */
    private void progress(int done, int count) {
        String line = done + " of " + count + " programs, " + differing + " differ";
        if (System.console() != null) {
            out.print("\r" + line + " ");
            out.flush();
        }
        if (System.console() == null ? done % 10_000 == 0 || done == count : done == count) {
            out.println(System.console() == null ? line : "");
        }
    }

    /** Ends with status 0 if all programs agree, 1 for a difference, 2 for a wrong command line. */
    public static void main(String[] words) throws IOException, InterruptedException {
        SeedOptions options = SeedOptions.orExit("qemu-agreement", "programs", List.of(words));
        System.out.println("seed " + options.seed());
        long start = System.nanoTime();
        QemuAgreement agreement = new QemuAgreement(options.seed(), System.out);
        int differing = options.only() >= 0 ? agreement.runOnly(options.only()) : agreement.run(options.count());
        System.out.println((System.nanoTime() - start) / 1_000_000_000
                + " s, " + (differing == 0 ? "no difference" : differing + " programs differ"));
        System.exit(differing == 0 ? 0 : 1);
    }
}
