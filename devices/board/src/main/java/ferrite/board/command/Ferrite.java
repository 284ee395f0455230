package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.hardware.bus.HostMemoryExhausted;
import ferrite.hardware.monitor.NearNames;
import ferrite.hardware.report.Excerpt;
import ferrite.kernel.Kernel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** The {@code ferrite} command. */
@Command(name = "ferrite", mixinStandardHelpOptions = true, versionProvider = Ferrite.Version.class,
        subcommands = {DemoCommand.class, RunCommand.class,
                BootCommand.class, AttachCommand.class, DevicesCommand.class, ChecksCommand.class, ExplainCommand.class,
                MatrixCommand.class, NewCommand.class, SchemaCommand.class, SymbolsCommand.class,
                CompletionCommand.class},
        description =
                "A 32-bit machine with a DMA controller that reaches 16 MiB, and a small kernel to run drivers on.",
                footer = {"", "Examples:", "  ferrite demo",
                        "  ferrite run --disk sample.img -c 'sha256sum /dev/disk0'",
                        "  ferrite run --disk sample.img -o disk.gfp=GFP_KERNEL -c 'sha256sum /dev/disk0'",
                        "  ferrite boot program.elf --harts 2"})
public final class Ferrite implements Runnable {

    @Spec
    private CommandSpec spec;

    /** The version that {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"ferrite " + Kernel.VERSION};
        }
    }

    /** The exit status, once the command has closed everything. */
    private final CompletableFuture<Integer> status = new CompletableFuture<>();

    public static void main(String[] arguments) {
        LastWords ifHeapIsFull = LastWords.FULL_HEAP;
        try {
            Ferrite ferrite = new Ferrite();
            ShutdownLimit.set(ferrite.status, WayOut.watch());
            int status = execute(ferrite, arguments);
            ferrite.status.complete(status);
            System.exit(status);
        } catch (OutOfMemoryError full) {
            ifHeapIsFull.stopProcess(arguments.length > 0 && arguments[0].equals("run") ? ExitStatus.PANIC
                    : ExitStatus.FAILED);
        }
    }

    /** Runs a command line. Returns the exit status. */
    static int execute(String... arguments) {
        return execute(new Ferrite(), arguments);
    }

    private static int execute(Ferrite ferrite, String... arguments) {
        return commandLine(ferrite).execute(arguments);
    }

    /** Returns the exit status that the process will have. It is complete when the command has closed everything. */
    CompletableFuture<Integer> status() {
        return status;
    }

    static CommandLine commandLine() {
        return commandLine(new Ferrite());
    }

    private static CommandLine commandLine(Ferrite ferrite) {
        return new CommandLine(ferrite)
                .setExpandAtFiles(false)                       // a word that starts with @ is that word
                .setParameterExceptionHandler(Ferrite::wrongUsage)
                .setExecutionExceptionHandler(Ferrite::failed);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static int wrongUsage(CommandLine.ParameterException e, String[] arguments) {
        return complain(e.getCommandLine(), e.getMessage().lines().findFirst().orElse("wrong usage") + question(e),
                ExitStatus.WRONG_USAGE);
    }

    /** Asks whether an option or a command was meant that is like an unknown one. */
    private static String question(CommandLine.ParameterException e) {
        if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched) || unmatched.getUnmatched().isEmpty()) {
            return "";
        }
        String typed = unmatched.getUnmatched().get(0);
        CommandSpec known = e.getCommandLine().getCommandSpec();
        List<String> names = typed.startsWith("-") ? known.options().stream().filter(option -> !option.hidden())
                .map(OptionSpec::longestName).toList() : List.copyOf(known.subcommands().keySet());
        String question = NearNames.question(typed, names, "");
        return question.isEmpty() ? "" : "; " + question;
    }

    /**
     * Reports a failed command in a sentence. An unexpected exception is an error of ours, and is reported in one line
     * too.
     */
    private static int failed(Exception e, CommandLine commandLine, CommandLine.ParseResult parsed) {
        if (e instanceof UsageException || e instanceof IllegalArgumentException) {
            return complain(commandLine, e.getMessage(), ExitStatus.WRONG_USAGE);
        }
        if (e instanceof InputException) {
            return complain(commandLine, e.getMessage(), ExitStatus.UNUSABLE_INPUT);
        }
        if (e instanceof IOException || e instanceof HostMemoryExhausted) {
            return complain(commandLine, e.getMessage(), ExitStatus.FAILED);
        }
        return complain(commandLine,
                "internal error, please report it: " + e + " at " + e.getStackTrace()[0], ExitStatus.FAILED);
    }

    /** Prints a message as one line, even if it quotes line ends, with little of what is very long in it. */
    private static int complain(CommandLine commandLine, String message, int status) {
        System.err.println(commandLine.getCommandSpec().qualifiedName(" ") + ": " + Excerpt.in(String.valueOf(message))
                .replaceAll("\\p{Cntrl}", "?"));
        return status;
    }
}
