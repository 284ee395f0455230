package ferrite.kernel.shell;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Report;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.PathWalk;
import ferrite.kernel.fs.ProcFile;
import java.util.List;
import java.util.function.ToIntFunction;

/** The shell's commands. The short ones are here; each longer one has a class. */
final class Commands {

    private record Simple(String name, String usage, String summary, String example,
            ToIntFunction<CommandContext> body, boolean usesBuffer, String options) implements Command {

        Simple(String name, String usage, String summary, String example, ToIntFunction<CommandContext> body) {
            this(name, usage, summary, example, body, true);
        }

        Simple(String name, String usage, String summary, String example, ToIntFunction<CommandContext> body,
                boolean usesBuffer) {
            this(name, usage, summary, example, body, usesBuffer, null);
        }

        /** Returns this command with options as {@link Letters#of} takes them. */
        Simple with(String known) {
            return new Simple(name, usage, summary, example, body, usesBuffer, known);
        }

        @Override
        public int run(CommandContext context) {
            return body.applyAsInt(context);
        }
    }

    private static final String PROC = "/proc/";
    private static final String NO_OPTIONS = "";

    private Commands() { }

    static List<Command> all(Readers readers) {
        return List.of(
                new Simple("alloc", "alloc [FLAGS] ORDER", "allocate 2^ORDER pages, as a driver does",
                        "trace buddy on; alloc GFP_KERNEL,GFP_DMA 3", LabCommands::alloc, false),
                new Simple("cache", "cache NAME SIZE | cache -d NAME",
                        "make a lookaside cache and allocate an object of it, or destroy one", "cache toys 100",
                        LabCommands::cache, false),
                new Simple("cat", "cat PATH...", "print files", "cat /proc/buddyinfo", Commands::cat).with(NO_OPTIONS),
                new CmpCommand(),
                new CpCommand(),
                new DateCommand(),
                new DdCommand(),
                new Simple("digest", "digest", "print the run's fingerprints", "digest", Commands::digest),
                new DmesgCommand(),
                new Simple("echo", "echo [-n] TEXT", "print words", "echo hello > /dev/scull0", Commands::echo),
                new Simple("eat", "eat SIZE", "hold low memory, to see others run short; 0 frees it",
                        "eat 40M; alloc GFP_ATOMIC 0", LabCommands::eat, false),
                new ExecCommand(),
                new Simple("exit", "exit [STATUS]", "switch the machine off, after a command with this status; ferrite "
                        + "ends with 1 unless it is 0",
                        "cmp /dev/disk0 /dev/disk1 || exit 3", Commands::exit),
                new Simple("false", "false", "do nothing, and fail", "false || echo failed", context -> 1),
                new Simple("free", "free [-b|-k|-m] | free ADDRESS",
                        "print free and used memory, or free what alloc, kmalloc or cache gave", "free -m",
                        Commands::free).with("bkm"),
                new GrepCommand(),
                new HeadCommand(false),
                new Simple("help", "help [COMMAND]", "list the commands, or explain one", "help dd", HelpText::run),
                new HexdumpCommand(),
                new Simple("insmod", "insmod FILE.jar|DRIVER [PARAM=VALUE...]", "load a driver",
                        "insmod scull scull_nr_devs=2", Commands::insmod).with(NO_OPTIONS),
                new IfconfigCommand(),
                new LsCommand(),
                new KillCommand(),
                new Simple("kmalloc", "kmalloc SIZE [FLAGS]", "allocate an object, as a driver does",
                        "kmalloc 100 GFP_ATOMIC", LabCommands::kmalloc, false),
                new KmemTraceCommand(),
                new Simple("lsmod", "lsmod", "list the loaded drivers", "lsmod", Commands::lsmod).with(NO_OPTIONS),
                new NcCommand(),
                new PingCommand(),
                new Simple("poweroff", "poweroff", "switch the machine off", "poweroff", Commands::powerOff),
                new Simple("ps", "ps", "list the tasks", "ps | grep worker", Commands::ps),
                new Simple("readlink", "readlink [-f] PATH...",
                        "print where symbolic links lead to, or with -f the path without links",
                        "readlink -f /sys/bus/platform/devices/disk@f0050000/driver",
                        Commands::readlink, false).with("f"),
                new Simple("rmmod", "rmmod NAME", "unload a driver, and list what it still holds", "rmmod scull",
                        Commands::rmmod).with(NO_OPTIONS),
                new Sha256sumCommand(readers),
                new SleepCommand(),
                new Simple("sync", "sync", "flush the write caches of the disks", "sync; poweroff",
                        Commands::sync, false).with(NO_OPTIONS),
                new HeadCommand(true),
                new Simple("true", "true", "do nothing, and succeed", "true && echo yes", context -> 0),
                new Simple("uptime", "uptime", "print the time since the start, and the load", "uptime",
                        SystemFacts::uptime).with(NO_OPTIONS),
                new WcCommand());
    }

    private static List<String> operands(CommandContext context) {
        return Letters.of(context.arguments(), NO_OPTIONS).operands();
    }

    private static int cat(CommandContext context) {
        List<String> paths = context.inputs(operands(context));
        if (paths.isEmpty()) {
            return context.fail("missing file operand; usage: cat PATH...") + 1;
        }
        showInspector(context, paths);
        int status = 0;
        for (String path : paths) {
            status |= FilePieces.forEach(context, path, (from, length) -> context.out(from, length));
        }
        return status;
    }

    /** Shows a file of /proc as a report too, if it is the only file to print. */
    private static void showInspector(CommandContext context, List<String> paths) {
        String path = paths.get(0);
        if (paths.size() == 1 && path.startsWith(PROC)) {
            showFile(context, path.substring(PROC.length()));
        }
    }

    private static void showFile(CommandContext context, String name) {
        ProcFile file = context.kernel().files().proc().file(name);
        if (file != null) {
            context.show(() -> file.report(context.peek()));
        }
    }

    private static int sync(CommandContext context) {
        if (!operands(context).isEmpty()) {
            return context.fail("extra operand '" + operands(context).get(0) + "'; usage: sync") + 1;
        }
        context.kernel().drivers().block().sync();
        return 0;
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
        boolean endsLine = words.isEmpty() || !words.get(0).equals("-n");
        context.out(String.join(" ", endsLine ? words : words.subList(1, words.size())) + (endsLine ? "\n" : ""));
        return 0;
    }

    private static int free(CommandContext context) {
        List<String> words = context.arguments();
        return words.size() == 1 && !words.get(0).startsWith("-") ? LabCommands.free(context)
                : SystemFacts.free(context);
    }

    private static int exit(CommandContext context) {
        List<String> words = context.arguments();
        if (words.size() > 1 || !words.isEmpty() && !words.get(0).matches("[0-9]{1,3}")) {
            return context.fail("Illegal number: " + String.join(" ", words) + "; usage: exit [STATUS]") + 1;
        }
        context.endShell();
        return words.isEmpty() ? context.lastStatus() : Integer.parseInt(words.get(0)) & 0xff;
    }

    private static int insmod(CommandContext context) {
        List<String> operands = operands(context);
        if (operands.isEmpty()) {
            return context.fail("missing file operand; usage: insmod FILE.jar|DRIVER [PARAM=VALUE...]") + 1;
        }
        String file = operands.get(0);
        String problem = context.kernel().drivers().modules().insert(file, operands.subList(1, operands.size()));
        return problem == null ? 0 : context.fail("could not load module " + file + ": " + problem);
    }

    private static int readlink(CommandContext context) {
        Letters letters = Letters.of(context.arguments(), "f");
        if (letters.operands().isEmpty()) {
            context.err("readlink: missing operand\nTry 'readlink --help' for more information.\n");
            return 1;
        }
        FileTree tree = context.kernel().files().tree();
        int status = 0;
        for (String path : letters.operands()) {
            PathWalk.End end = tree.walk("/", path, letters.has('f'));
            String found = end.error() != 0 ? null : letters.has('f') ? end.path() : tree.target(end.path());
            context.out(found == null ? "" : found + "\n");
            status |= found == null ? 1 : 0;           // coreutils says nothing then
        }
        return status;
    }

    private static int rmmod(CommandContext context) {
        List<String> operands = operands(context);
        if (operands.size() != 1) {
            return context.fail("usage: rmmod NAME") + 1;
        }
        String name = operands.get(0);
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
        context.out(context.kernel().tasks().tasks()
                .withAll(tasks -> TaskList.text(tasks, context.kernel().base().memory())));
        return 0;
    }
}
