package ferrite.board.command;

import ferrite.board.front.TerminalLook;
import ferrite.board.front.ViolationText;
import ferrite.board.image.RootArchive;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.plug.JarCode;
import ferrite.board.session.CommandCompletion;
import ferrite.board.session.Session;
import ferrite.board.stdio.Streams;
import ferrite.board.stdio.Tty;
import ferrite.board.stdio.Uncloseable;
import ferrite.board.wiring.UnusableFile;
import ferrite.console.HistoryFile;
import ferrite.console.Prompt;
import ferrite.hardware.report.Violation;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code ferrite run}: boots the board with the mini-kernel, and runs commands. */
@Command(name = "run", modelTransformer = MachineArguments.OfRun.class, mixinStandardHelpOptions = true,
        description = "Boot the board with the mini-kernel and run commands.",
        footer = {
                "", "Without -c or --script, commands are read from standard input. At "
                        + "a terminal there is a prompt: Tab completes, the arrow "
                        + "keys and Ctrl-R find earlier lines, Ctrl-C "
                        + "interrupts a command, Ctrl-D or poweroff ends.",
                "", "Examples:",
                "  ferrite run --disk sample.img -c 'sha256sum /dev/disk0; cat /proc/buddyinfo'",
                "  ferrite run --disk sample.img -o disk.gfp=GFP_KERNEL -c 'sha256sum /dev/disk0'",
                "  ferrite run --harts 8 --ram 64M --seed 7 --interleaving random -c 'ps; digest'",
                "  ferrite run --device dice.jar,faces=8 -c 'insmod dice.jar; cat /dev/dice; device'",
                "  ferrite run --root programs -c 'exec /bin/hello world'",
                "  ferrite run --debug 0 --halt          then: nc 127.0.0.1 PORT, and type help",
                "  ferrite run --debug 0.0.0.0:4321 --token-file FILE --debug-tls cert.pem,key.pem",
                "  ferrite run --jdwp 5005 --halt        then: jdb -attach 127.0.0.1:5005",
                "  ferrite run --json -c 'cat /proc/buddyinfo' | jq -c '.result.children[]'",
                "  ferrite run --sarif violations.sarif --junit rules.xml -c 'insmod driver.jar; cat /dev/mine'",
                "", "With --json there is one line {\"command\":..., \"status\":..., \"result\":...} when "
                        + "a command ends. The result of an inspector (one file of /proc with cat; ls, ps, digest, "
                        + "the debugger's commands) is an object: its \"name\", its findings under their names, "
                        + "and \"children\". Of other commands it is the output: a string; {\"base64\":...} if that is "
                        + "not UTF-8; {\"bytes\":..., \"sha256\":...} if it is more than 1 MiB. So is \"error\", for "
                        + "output on standard error. The status is null if the machine ended first.",
                "A violation is a line {\"violation\":{...}} when it happens. 'ferrite schema run' prints the form of "
                        + "all lines."})
final class RunCommand implements Callable<Integer> {

    /** The source of the commands, if it is not standard input. */
    static final class Source {
        @Option(names = "-c", paramLabel = "COMMANDS", description = "commands, with semicolons between them")
        private String commands;

        @Option(names = "--script", paramLabel = "FILE", description = "commands, one a line")
        private Path file;
    }

    private static final int MIN_HEAP_ASIDE = 2 << 20;
    private static final int MAX_HEAP_ASIDE = 16 << 20;

    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "0..1")
    private Source source;

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private ResultOptions resultFiles = new ResultOptions();

    @Mixin
    private DebugOptions debug = new DebugOptions();

    @Mixin
    private JdwpOptions jdwp = new JdwpOptions();

    @Mixin
    private TimeLimit timeLimit = new TimeLimit();

    @Option(names = "--verbose", description = "print the kernel log on standard error")
    private boolean verbose;

    @Override
    public Integer call() throws IOException {
        ParseResult parsed = spec.commandLine().getParseResult();
        BoardOptions options = MachineArguments.read(parsed, new BoardOptions());
        if (options.kind() != BoardKind.FERRITE) {
            throw new UsageException(
                    "--board virt: the mini-kernel drives the ISA DMA controller, which only the ferrite board has; "
                            + "'ferrite boot' runs bare programs on virt");
        }
        FilesApart.require(parsed);
        InetSocketAddress address = debug.address(jdwp.isGiven());
        PrintStream err = Streams.standardError();
        Integer elsewhere = jdwp.runElsewhere(spec.root().commandLine().getParseResult().originalArgs(),
                debug.halt() && address == null, err);
        if (elsewhere != null) {
            return elsewhere;
        }
        List<String> script = script();
        OutputStream out = Streams.standardOutput();
        boolean prompts = script == null && !output.json() && Tty.isStandardInput();
        TerminalLook look = TerminalLook.of(System.getenv());
        AtomicReference<CommandCompletion> completion = new AtomicReference<>();
        Runnable endLimit = () -> { };
        try (ResultFiles results = resultFiles.open("ferrite run", options.checks());
                OutputStream line = output.serialLine(() -> new Uncloseable(output.json() ? err : out));
                Prompt prompt = prompts ? openPrompt(completion, look) : null) {
            CommandLines lines = prompt == null ? CommandLines.ofStandardInput() : new CommandLines(prompt::readLine);
            ReplayLine replay = Replay.of(options, parsed);
            ViolationText violations = new ViolationText(() -> replay.withInput(lines.history()));
            Session.Streams streams = streams(new Session.Streams(out, err, line, verbose),
                    new TerminalLook(look.coloured(), look.progress() && prompts),
                    () -> replay.withInput(lines.history()));
            Function<Violation, String> told = violation ->
                    results.add(violation, violations.of(violation), replay.withInput(lines.history()));
            try (Session session = open(options, script, lines, streams, told)) {
                if (prompt != null) {
                    completion.set(new CommandCompletion(session.board()));
                    prompt.onInterrupt(new InterruptKey(session::pressInterruptKey, lines, err,
                            prompt.canRedraw())::pressed);
                    session.atTerminal();
                    session.machine().turn().waits().pace(System::nanoTime);
                }
                endLimit = timeLimit.start(session.machine());
                int status = runWatched(session, watchdogSeconds(options, parsed), address, err);
                return results.write(session.machine(), status, replay.withInput(lines.history()), err);
            }
        } finally {
            endLimit.run();
        }
    }

    /** Runs a session while nothing of the driver's can keep the process from its own end. */
    private int runWatched(Session session, long seconds, InetSocketAddress address, PrintStream err)
            throws IOException {
        session.machine().turn().heapAside().set(heapAside());
        HostWatchdog watchdog = HostWatchdog.watch(session.machine(), seconds);
        ExitGuard guard = ExitGuard.over(session.machine().turn(),
                ((Ferrite) spec.root().userObject()).status(), err);
        try {
            return debug.run(session, address, err);
        } finally {
            guard.end();
            watchdog.end();
        }
    }

    /** Returns the heap, in bytes, that the report of a full heap needs: two regions of the G1 collector, or more. */
    private static int heapAside() {
        return (int) Math.max(MIN_HEAP_ASIDE, Math.min(MAX_HEAP_ASIDE, Runtime.getRuntime().maxMemory() >> 10));
    }

    /** Returns the watchdog's time. At a breakpoint of a Java debugger nothing happens while a person looks. */
    private static long watchdogSeconds(BoardOptions options, ParseResult parsed) {
        return JdwpAgent.loaded() != null && !parsed.hasMatchedOption("--watchdog") ? 0 : options.watchdogSeconds();
    }

    private static Prompt openPrompt(AtomicReference<CommandCompletion> completion, TerminalLook look)
            throws IOException {
        return Prompt.open("ferrite", new LineCompletion((words, word) -> completion.get().complete(words, word)),
                HistoryFile.of("ferrite", System.getenv("XDG_STATE_HOME"), System.getenv("HOME")), look.coloured());
    }

    private Session.Streams streams(Session.Streams plain, TerminalLook look, Supplier<String> again)
            throws IOException {
        if (output.json()) {
            return plain.asJson(again);
        }
        return Tty.isStandardError() ? plain.atTerminal(look, System::nanoTime) : plain;
    }

    private List<String> script() throws InputException {
        if (source == null) {
            return null;
        }
        return source.file == null ? Script.split(source.commands) : Script.read(source.file);
    }

    private static Session open(BoardOptions options, List<String> script, CommandLines lines, Session.Streams streams,
            Function<Violation, String> violations) throws InputException {
        try {
            return BuildWatchdog.watch(options, Streams.standardError(),
                    () -> new Session(options, script, lines, streams, violations));
        } catch (RootArchive.Unusable e) {
            throw new InputException("--root: " + e.getMessage());
        } catch (JarCode.Unusable | UnusableFile e) {
            throw new InputException(e.getMessage());
        } catch (IOException e) {
            throw new InputException("--disk: " + HostFiles.reason(e));
        }
    }
}
