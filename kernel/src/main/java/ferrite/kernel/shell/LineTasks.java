package ferrite.kernel.shell;

import static ferrite.kernel.shell.CommandLayout.COMMAND;
import static ferrite.kernel.shell.CommandLayout.ENDS_SHELL;
import static ferrite.kernel.shell.CommandLayout.INPUT;
import static ferrite.kernel.shell.CommandLayout.LENGTH;
import static ferrite.kernel.shell.CommandLayout.NO_PIPE;
import static ferrite.kernel.shell.CommandLayout.OUTPUT;
import static ferrite.kernel.shell.CommandLayout.PIPELINE;
import static ferrite.kernel.shell.CommandLayout.STATUS;
import static ferrite.kernel.shell.CommandLayout.WHOLE_LINE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import ferrite.kernel.grammar.AndOr;
import ferrite.kernel.grammar.Expansion;
import ferrite.kernel.grammar.Parser;
import ferrite.kernel.grammar.SimpleCommand;
import ferrite.kernel.grammar.SyntaxError;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.TaskEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The tasks of the shell's lines. A line with one command is run by one task. For any other line that task is a shell
 * itself ({@link ListRun}), and each command of a pipeline has its own task. A task gets its line in memory.
 */
final class LineTasks {

    private static final int FIRST_OTHER_FILE = 3;

    private final ShellParts parts;
    private final KernelMemory memory;
    private final long entry;

    LineTasks(ShellParts parts, TextTable.Module text) {
        this.parts = parts;
        this.memory = parts.kernel().base().memory();
        this.entry = text.add("shell_command", (TaskEntry) this::run);
    }

    /**
     * Starts a task for a whole line.
     *
     * @param status    the value of {@code $?}
     * @param endsShell whether the line may end the shell
     * @return the task, or 0 without memory
     */
    long start(String name, String line, int status, boolean endsShell) {
        long record = newRecord(line, status, endsShell);
        long task = record == 0 ? 0 : parts.kernel().tasks().tasks().createProgram(name, entry, record);
        if (task == 0) {
            parts.kernel().calls().kfree(record);
        }
        return task;
    }

    /** A command of a pipeline: the numbers of both, and the ends of pipes that it gets. */
    record Member(int pipeline, int command, int input, int output, boolean endsShell) { }

    /** Starts a task for a command of a pipeline, with the current task's files. Returns the task, or 0. */
    long startMember(String name, String line, int status, Member member) {
        long record = newRecord(line, status, member.endsShell());
        long task = record == 0 ? 0 : parts.kernel().tasks().tasks().createProgramAsleep(name, entry, record);
        if (task == 0) {
            parts.kernel().calls().kfree(record);
            return 0;
        }
        PIPELINE.set(memory, record, member.pipeline());
        COMMAND.set(memory, record, member.command());
        INPUT.set(memory, record, member.input());
        OUTPUT.set(memory, record, member.output());
        parts.kernel().files().programs().copyDescriptors(task);
        parts.kernel().tasks().tasks().wakeReserved(task);
        return task;
    }

    private long newRecord(String line, int status, boolean endsShell) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        long record = parts.kernel().calls().kmalloc(CommandLayout.SIZE + bytes.length, Gfp.GFP_KERNEL);
        if (record != 0) {
            LENGTH.set(memory, record, bytes.length);
            STATUS.set(memory, record, status);
            PIPELINE.set(memory, record, WHOLE_LINE);
            ENDS_SHELL.set(memory, record, endsShell ? 1 : 0);
            memory.write(record + CommandLayout.SIZE, bytes, 0, bytes.length);
        }
        return record;
    }

    // ---- a task ----

    private int run(long record) {
        byte[] bytes = new byte[LENGTH.get(memory, record)];
        memory.read(record + CommandLayout.SIZE, bytes, 0, bytes.length);
        String line = new String(bytes, StandardCharsets.UTF_8);
        int status = STATUS.get(memory, record);
        int pipeline = PIPELINE.get(memory, record);
        boolean endsShell = ENDS_SHELL.get(memory, record) != 0;
        List<AndOr.Step> steps = steps(line);
        SimpleCommand only = onlyCommand(steps);
        boolean piped = false;
        boolean isMember = pipeline != WHOLE_LINE;
        if (isMember) {
            only = steps.get(pipeline).pipeline().commands().get(COMMAND.get(memory, record));
            piped = INPUT.get(memory, record) != NO_PIPE;
            takeFiles(INPUT.get(memory, record), OUTPUT.get(memory, record));
        }
        parts.kernel().calls().kfree(record);
        if (only == null) {
            return new ListRun(parts, this, line, endsShell).run(steps, status);
        }
        CommandContext.Place place = new CommandContext.Place(piped, !isMember && only.redirections().isEmpty(),
                endsShell, status);
        return runCommand(only, place, isMember);
    }

    /** Returns the steps of all lists of a line, which the shell has parsed already. */
    private static List<AndOr.Step> steps(String line) {
        try {
            return Parser.parse(line).stream().flatMap(list -> list.steps().stream()).toList();
        } catch (SyntaxError changed) {
            throw new IllegalStateException("the shell starts no line with a mistake: " + line, changed);
        }
    }

    static SimpleCommand onlyCommand(List<AndOr.Step> steps) {
        return steps.size() == 1 ? new AndOr(steps, false, "").onlyCommand() : null;
    }

    /** Makes ends of pipes standard input and output, and closes all others. */
    private void takeFiles(int input, int output) {
        Files files = parts.kernel().files();
        if (input != NO_PIPE) {
            files.programs().dup2(input, CommandContext.STDIN);
        }
        if (output != NO_PIPE) {
            files.programs().dup2(output, CommandContext.STDOUT);
        }
        for (int descriptor = FIRST_OTHER_FILE; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (files.programs().isOpen(descriptor)) {
                files.close(descriptor);
            }
        }
    }

    private int runCommand(SimpleCommand command, CommandContext.Place place, boolean hasFiles) {
        Expansion expansion = new Expansion(place.before(), pattern -> pattern.paths(this::names));
        List<String> words = expansion.arguments(command.words());
        CommandContext context = new CommandContext(parts, words, place);
        try {
            if (!context.open(hasFiles)) {
                return context.failWithoutMemory();
            }
            return context.redirect(command.redirections(), expansion) ? context.finish(context.run()) : 1;
        } catch (Terminated signal) {
            return Signals.EXIT_STATUS + signal.signal();
        } finally {
            context.close();
        }
    }

    private List<String> names(String directory) {
        List<FileTree.Stat> inside = parts.kernel().files().tree().list(directory.length() > 1
                ? directory.substring(0, directory.length() - 1) : directory);
        return inside == null ? null : inside.stream().map(FileTree.Stat::name).toList();
    }
}
