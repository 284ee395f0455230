package ferrite.board.command;

import ferrite.board.front.ReportJson;
import ferrite.board.session.ExitStatus;
import ferrite.board.stdio.Streams;
import ferrite.hardware.report.Report;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ferrite checks}: the rules, each with its title, its mistake and its remedy. */
@Command(name = "checks", mixinStandardHelpOptions = true, description = "List the rules that --check can name.",
        footer = {"", "A star marks the rules that are checked by default. A violation is reported, and the run goes "
                + "on as it would without the check. 'ferrite explain RULE' tells more about one rule, with code.",
                "", "Examples:", "  ferrite checks", "  ferrite checks --json | jq -r '.children[].name'",
                "  ferrite run --check sleep-in-atomic,dma-above-reach -c 'ls /dev'",
                "  ferrite run --check none -c 'ls /dev'", "  ferrite checks --score"})
final class ChecksCommand implements Callable<Integer> {

    private static final int SEEDS = 8;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--score", description = "run the corpus of broken drivers and of their corrected twins, each "
            + "under " + SEEDS + " seeds and every interleaving, and print what was caught")
    private boolean score;

    @Override
    public Integer call() throws IOException {
        if (score && json) {
            throw new UsageException("--json: the score is a table for people; its exit status is for programs");
        }
        if (score) {
            return new Score(SEEDS, new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8),
                    System.err).run() ? ExitStatus.SUCCESS : ExitStatus.FAILED;
        }
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        if (json) {
            Report rules = Report.of("checks");
            for (Rule rule : Rule.values()) {
                rules.child(ExplainCommand.of(rule, Explanation.of(rule)));
            }
            out.println(ReportJson.line(rules));
        } else {
            for (Rule rule : Rule.values()) {
                out.println((Checks.DEFAULT.has(rule) ? "* " : "  ") + rule.text() + ": "
                        + Explanation.of(rule).title());
                out.println("    wrong    " + rule.wrong());
                out.println("    instead  " + rule.right());
            }
            out.println("\n'ferrite explain RULE' tells more about one rule, with code.");
        }
        out.flush();
        return ExitStatus.SUCCESS;
    }
}
