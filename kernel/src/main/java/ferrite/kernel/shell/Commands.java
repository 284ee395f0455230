package ferrite.kernel.shell;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Report;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.ProcFile;
import java.util.List;
import java.util.function.ToIntFunction;

/** The shell's commands. The short ones are here; each longer one has a class. */
final class Commands {

    private record Simple(String name, String usage, String summary, ToIntFunction<CommandContext> body)
            implements Command {
        @Override
        public int run(CommandContext context) {
            return body.applyAsInt(context);
        }
    }

    private static final String PROC = "/proc/";

    private Commands() { }

    static List<Command> all(Readers readers) {
        return List.of(
                new Simple("cat", "cat PATH...", "print files", Commands::cat),
                new CpCommand(),
                new DdCommand(),
                new Simple("digest", "digest", "print the run's fingerprints", Commands::digest),
                new DmesgCommand(),
                new Simple("echo", "echo TEXT [> PATH | >> PATH]", "print words, or write them to a file",
                        Commands::echo),
                new ExecCommand(),
                new Simple("help", "help [COMMAND]", "list the commands, or explain one", Commands::help),
                new HexdumpCommand(),
                new Simple("insmod", "insmod FILE.jar|DRIVER [PARAM=VALUE...]", "load a driver", Commands::insmod),
                new LsCommand(),
                new KillCommand(),
                new KmemTraceCommand(),
                new Simple("lsmod", "lsmod", "list the loaded drivers", Commands::lsmod),
                new Simple("poweroff", "poweroff", "switch the machine off", Commands::powerOff),
                new Simple("ps", "ps", "list the tasks", Commands::ps),
                new Simple("rmmod", "rmmod NAME", "unload a driver, and list what it still holds", Commands::rmmod),
                new Sha256sumCommand(readers),
                new SleepCommand());
    }

    private static int cat(CommandContext context) {
        if (context.arguments().isEmpty()) {
            return context.fail("missing file operand; usage: cat PATH...") + 1;
        }
        showInspector(context);
        int status = 0;
        for (String path : context.arguments()) {
            status |= FilePieces.forEach(context, path, (from, length) -> context.out(from, length));
        }
        return context.outputFailed() ? context.fail("write error") : status;
    }

    /** Shows a file of /proc as a report too, if it is the only file to print. */
    private static void showInspector(CommandContext context) {
        String path = context.arguments().get(0);
        if (context.arguments().size() == 1 && path.startsWith(PROC)) {
            showFile(context, path.substring(PROC.length()));
        }
    }

    private static void showFile(CommandContext context, String name) {
        ProcFile file = context.kernel().files().proc().file(name);
        if (file != null) {
            context.show(() -> file.report(context.peek()));
        }
    }

    private static int digest(CommandContext context) {
        Machine.Digest digest = context.machine().digest();
        context.show(() -> Report.of("digest").number("events", digest.events())
                .number("instructions", digest.instructions())
                .text("memory", digest.memory()).text("schedule", digest.schedule()));
        context.out(digest.toString());
        return 0;
    }

    private static int echo(CommandContext context) {
        List<String> words = context.arguments();
        int redirection = words.size() - 2;
        boolean appends = redirection >= 0 && words.get(redirection).equals(">>");
        if (redirection < 0 || !appends && !words.get(redirection).equals(">")) {
            context.out(String.join(" ", words) + "\n");
            return 0;
        }
        String path = words.get(redirection + 1);
        int result = context.writeFile(path, appends ? Fcntl.O_APPEND : Fcntl.O_TRUNC,
                String.join(" ", words.subList(0, redirection)) + "\n");
        return result < 0 ? context.fail(path, result) : 0;
    }

    private static int help(CommandContext context) {
        StringBuilder out = new StringBuilder();
        boolean all = context.arguments().isEmpty();
        String wanted = String.join(" ", context.arguments());
        for (Command command : context.commands()) {
            if (all || command.name().equals(wanted)) {
                line(out, command.usage(), command.summary());
            }
        }
        if (all) {
            line(out, "wait", "wait for all commands started with &");
            line(out, "COMMAND &", "run a command in the background");
            out.append("\nThe debugger's commands, which only look:\n\n");
        } else if (!out.isEmpty()) {
            context.out(out.toString());
            return 0;
        }
        context.out(out.toString());
        return MonitorBridge.print(context, "help " + wanted);
    }

    private static void line(StringBuilder out, String usage, String summary) {
        out.append(usage).append(" ".repeat(Math.max(1, 58 - usage.length()))).append(summary).append('\n');
    }

    private static int insmod(CommandContext context) {
        if (context.arguments().isEmpty()) {
            return context.fail("missing file operand; usage: insmod FILE.jar|DRIVER [PARAM=VALUE...]") + 1;
        }
        String file = context.arguments().get(0);
        String problem = context.kernel().drivers().modules().insert(file,
                context.arguments().subList(1, context.arguments().size()));
        return problem == null ? 0 : context.fail("could not load module " + file + ": " + problem);
    }

    private static int rmmod(CommandContext context) {
        if (context.arguments().size() != 1) {
            return context.fail("usage: rmmod NAME") + 1;
        }
        String name = context.arguments().get(0);
        Modules.Removal removal = context.kernel().drivers().modules().remove(name);
        if (removal.refusal() != null) {
            return context.fail("ERROR: " + removal.refusal());
        }
        removal.stillHeld().forEach(held -> context.err("rmmod: " + name + " still held " + held + "\n"));
        return removal.stillHeld().isEmpty() ? 0 : 1;
    }

    /** kmod's columns. */
    private static int lsmod(CommandContext context) {
        StringBuilder out = new StringBuilder("Module                  Size  Used by\n");
        for (Modules.Loaded module : context.kernel().drivers().modules().all(context.kernel().base().memory())) {
            String size = Long.toString(module.heldBytes());
            out.append(module.name()).append(" ".repeat(Math.max(1, 28 - module.name().length() - size.length())))
               .append(size).append("  ").append(module.users())
               .append(module.usedBy().isEmpty() ? "" : " " + String.join(",", module.usedBy())).append('\n');
        }
        showFile(context, "modules");
        context.out(out.toString());
        return 0;
    }

    private static int powerOff(CommandContext context) {
        context.kernel().powerOff();
        return 0;
    }

    private static int ps(CommandContext context) {
        context.show(() -> TaskList.report(context.kernel().tasks(), context.peek()));
        context.out(TaskList.text(context.kernel().tasks().tasks(), context.kernel().base().memory()));
        return 0;
    }
}
