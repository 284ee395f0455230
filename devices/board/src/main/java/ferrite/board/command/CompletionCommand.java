package ferrite.board.command;

import ferrite.board.stdio.Streams;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ferrite completion}: a script by which bash or zsh completes the sub-commands and options of ferrite. */
@Command(name = "completion", mixinStandardHelpOptions = true,
        description = "Print a script by which bash or zsh completes ferrite's commands and options.",
        footer = {"", "It works for the name ferrite, an alias for example.", "", "Examples:",
                "  alias ferrite='java -jar /opt/ferrite.jar'",
                "  source <(ferrite completion bash)",
                "  ferrite completion zsh > ~/.ferrite-completion"})
final class CompletionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "bash|zsh", description = "the shell")
    private String shell;

    @Override
    public Integer call() throws IOException {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException("completion " + shell + ": bash or zsh would be right");
        }
        // one script for both: it lets zsh take completions of bash
        try (OutputStream out = Streams.standardOutput()) {
            out.write(AutoComplete.bash("ferrite", spec.root().commandLine()).getBytes(StandardCharsets.UTF_8));
        }
        return 0;
    }
}
