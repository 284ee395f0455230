package ferrite.board.command;

import ferrite.board.stdio.Streams;
import ferrite.kernel.check.Checks;
import ferrite.kernel.check.Rule;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;

/** {@code ferrite checks}: the rules, each with its mistake and its remedy. */
@Command(name = "checks", mixinStandardHelpOptions = true, description = "List the rules that --check can name.",
        footer = {"", "A star marks the rules that are checked by default. A violation is reported, and the run goes "
                + "on as it would without the check.", "", "Examples:", "  ferrite checks", "  ferrite run --check "
                + "sleep-in-atomic,dma-above-reach -c 'ls /dev'", "  ferrite run --check none -c 'ls /dev'"})
final class ChecksCommand implements Runnable {

    @Override
    public void run() {
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        for (Rule rule : Rule.values()) {
            out.println((Checks.DEFAULT.has(rule) ? "* " : "  ") + rule.text());
            out.println("    wrong    " + rule.wrong());
            out.println("    instead  " + rule.right());
        }
        out.flush();
    }
}
