package ferrite.board.command;

import ferrite.board.front.TerminalLook;
import ferrite.board.stdio.Streams;
import ferrite.board.stdio.Tty;
import ferrite.console.HistoryFile;
import ferrite.console.Prompt;
import ferrite.debugport.AttachClient;
import ferrite.debugport.ClientTls;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferrite attach}: the prompt of a machine that runs elsewhere. */
@Command(name = "attach", mixinStandardHelpOptions = true,
        description = "Give the prompt of a running machine, over its debug port.",
        footer = {
                "", "The machine runs in another process, as 'ferrite run --debug PORT'. Without -c, commands "
                        + "are read from standard input; at a terminal there is a "
                        + "prompt: Ctrl-C interrupts a command, Ctrl-D "
                        + "leaves the machine as it is, 'poweroff' ends it.",
                "A command runs when the machine's shell is free, before the rest of a script. The debugger's commands "
                        + "(help lists them) are answered at once, also while the machine is halted.",
                "", "Examples:",
                "  ferrite run --debug 4321 --disk sample.img              in one terminal, and in another:",
                "  ferrite attach 127.0.0.1:4321",
                "  ferrite attach 127.0.0.1:4321 -c 'cat /proc/buddyinfo; sha256sum /dev/disk0'",
                "  ferrite attach 127.0.0.1:4321 -c 'halt; info registers; continue'",
                "  ferrite attach lab7:4321 --token-file FILE -c dmesg     a machine that was started "
                        + "with --debug 0.0.0.0:4321 --token-file FILE",
                "  ferrite attach lab7:4321 --token-file FILE --tls --tls-ca ca.pem  a machine with --debug-tls",
                "", "Without --token and --token-file, the token is the one that a machine of the same user has left "
                        + "on this host, or that of FERRITE_TOKEN. Without any, a client may look and not more.",
                "", "Exit status: 0 all commands succeeded and no violation was reported meanwhile, 1 "
                        + "a command failed, the machine's run ended first, or there is no machine, "
                        + "2 the command line was wrong, 3 the file of --tls-ca was unusable, "
                        + "4 a violation was reported, 5 the kernel panicked, 124 "
                        + "the machine's instructions ran out first."})
final class AttachCommand implements Callable<Integer> {

    @Parameters(paramLabel = "HOST:PORT", description = "the address of the machine's debug port")
    private String address;

    @Mixin
    private TokenOptions token = new TokenOptions();

    @Option(names = "--tls", description = "speaks TLS with a machine that was started with --debug-tls, and checks "
            + "that its certificate is for HOST")
    private boolean tls;

    @Option(names = "--tls-ca", paramLabel = "FILE", description = "trusts the certificates in this PEM file, and not "
            + "the authorities that this Java trusts")
    private String tlsCa;

    @Option(names = "-c", paramLabel = "COMMANDS", description = "commands, with semicolons between them")
    private String commands;

    @Override
    public Integer call() throws IOException {
        InetSocketAddress where = DebugAddress.parseClient(address);
        String shown = token(where);
        List<String> script = commands == null ? null : Script.split(commands);
        PrintStream err = Streams.standardError();
        try (AttachClient client = AttachClient.connect(where, shown, clientTls())) {
            AttachedRun run = new AttachedRun(client, Streams.standardOutput(), err);
            if (script != null) {
                Deque<String> left = new ArrayDeque<>(script);
                return run.run(left::poll, left::size);
            }
            return Tty.isStandardInput() ? prompt(run, client, err) : run.run(CommandLines.ofStandardInput(), () -> 0);
        }
    }

    /** Returns the token to show: of the options, of a machine of this user on this host, or of the environment. */
    private String token(InetSocketAddress where) throws InputException {
        if (token.isGiven()) {
            return token.given();
        }
        String left = where.getAddress().isLoopbackAddress() ? TokenFile.read(TokenFile.Places.ofUser(), where) : null;
        return left != null ? left : token.ofEnvironment();
    }

    private ClientTls clientTls() throws IOException {
        if (!tls) {
            if (tlsCa != null) {
                throw new UsageException("--tls-ca needs --tls, which checks the machine's certificate");
            }
            return null;
        }
        if (tlsCa == null) {
            return ClientTls.ofSystem();
        }
        try {
            return ClientTls.trusting(Path.of(tlsCa));
        } catch (InvalidPathException e) {
            throw new UsageException("--tls-ca " + tlsCa + ": that is no path of this host");
        } catch (IOException e) {
            throw new InputException("--tls-ca: " + e.getMessage());
        }
    }

    private static int prompt(AttachedRun run, AttachClient client, PrintStream err) throws IOException {
        try (Prompt prompt = openPrompt(run)) {
            CommandLines lines = new CommandLines(prompt::readLine);
            prompt.onInterrupt(new InterruptKey(() -> interrupt(client), lines, err, prompt.canRedraw())::pressed);
            return run.runPrompt(lines);
        }
    }

    /** Opens a prompt with the history of the local prompt. The machine completes its lines. */
    private static Prompt openPrompt(AttachedRun run) {
        Map<String, String> environment = System.getenv();
        return Prompt.open("ferrite", new LineCompletion(run::complete),
                HistoryFile.of("ferrite", environment.get("XDG_STATE_HOME"), environment.get("HOME")),
                TerminalLook.of(environment).coloured());
    }

    private static void interrupt(AttachClient client) {
        try {
            client.interrupt();
        } catch (IOException over) {
            throw new RejectedExecutionException("the attachment is over", over);
        }
    }
}
