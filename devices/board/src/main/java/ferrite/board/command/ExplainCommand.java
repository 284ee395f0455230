package ferrite.board.command;

import ferrite.board.front.ReportJson;
import ferrite.board.stdio.Streams;
import ferrite.hardware.monitor.NearNames;
import ferrite.hardware.report.Report;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Explanation;
import ferrite.kernel.check.Rule;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferrite explain}: one rule, with its effect on real hardware and a corrected example. */
@Command(name = "explain", mixinStandardHelpOptions = true,
        description = "Explain a rule: the mistake, its effect on real hardware, and code without it.",
        footer = {"", "'ferrite checks' lists the rules.", "", "Examples:", "  ferrite explain dma-above-reach",
                "  ferrite explain --json lock-order | jq -r .right"})
final class ExplainCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RULE", description = "the rule's name, as in a report")
    private String name;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Rule rule = Rule.of(name);
        if (rule == null) {
            List<String> near = NearNames.of(name, Stream.of(Rule.values()).map(Rule::text).toList());
            throw new UsageException("there is no rule '" + name + "'; " + (near.isEmpty() ? ""
                    : "did you mean " + String.join(" or ", near) + "? ") + "'ferrite checks' lists all rules");
        }
        Explanation explanation = Explanation.of(rule);
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        if (json) {
            out.println(ReportJson.line(report(rule, explanation)));
        } else {
            out.println(rule.text() + ": " + explanation.title() + "\n\nMistake: " + rule.wrong() + ".\n\n"
                    + explanation.why() + "\n\nInstead: " + rule.right() + ".\n\nWrong:\n\n"
                    + explanation.wrongCode().indent(4) + "\nRight:\n\n" + explanation.rightCode().indent(4)
                    .stripTrailing());
        }
        out.flush();
        return 0;
    }

    private static Report report(Rule rule, Explanation explanation) {
        return of(rule, explanation).text("why", explanation.why().replace('\n', ' '))
                .text("wrong", explanation.wrongCode()).text("right", explanation.rightCode());
    }

    /** Returns the fields that {@code ferrite checks} shows. */
    static Report of(Rule rule, Explanation explanation) {
        return Report.of(rule.text()).text("title", explanation.title()).text("mistake", rule.wrong())
                .text("instead", rule.right()).text("default", Checks.DEFAULT.has(rule) ? "yes" : "no");
    }
}
