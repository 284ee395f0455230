package ferrite.board;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.sched.Tasks;
import ferrite.kernel.shell.CommandWatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which command is whose: follows each line from the front end at which it was typed, over the task that it became, to its exit status. It
 * looks at the machine, and is no part of it.
 */
final class RunningCommands implements CommandWatcher {

    /** A command's output may come from a task that it started; further away than this, nobody's. */
    private static final int MOST_GENERATIONS = 4;

    private final Supplier<Board> source;
    private final FrontEnd local;
    /** Who typed lines that the guest has not taken yet, by number; those that are not here came from {@link #local}. */
    private final Map<Integer, FrontEnd> typists = new HashMap<>();
    private final Map<Long, CommandRun> byTask = new LinkedHashMap<>();
    /** The line that was taken last, while it has no task. */
    private CommandRun pending;
    private CommandRun ending;
    /** The command that the shell waits for. */
    private CommandRun foreground;

    /** @param source of the board, which is asked for once a command runs */
    RunningCommands(Supplier<Board> source, FrontEnd local) {
        this.source = source;
        this.local = local;
    }

    /** The line with this number was typed somewhere else than at the local front end. */
    void typed(int number, FrontEnd typist) {
        typists.put(number, typist);
    }

    void lineTaken(int number, String line) {
        FrontEnd typist = typists.remove(number);
        pending = (typist == null ? local : typist).begin(line);
    }

    @Override
    public void started(long task, boolean inBackground) {
        byTask.put(task, pending);
        foreground = inBackground ? foreground : pending;
        if (pending != null) {
            if (inBackground) {
                pending.goesOnInBackground();
            } else {
                pending.comesToForeground();
            }
        }
        pending = null;
    }

    @Override
    public void showing(Supplier<Report> findings) {
        CommandRun command = current();
        if (command != null) {
            command.show(findings);
        }
    }

    @Override
    public void progress(long done, long total) {
        CommandRun command = current();
        if (command != null) {
            command.progress(done, total, source.get().machine().clock().now());
        }
    }

    @Override
    public void ending(long task) {
        ending = task == 0 ? pending : byTask.remove(task);
        foreground = ending == foreground ? null : foreground;
        pending = task == 0 ? null : pending;
    }

    /** The command that the interrupt key would reach, or null. */
    CommandRun foreground() {
        return foreground;
    }

    /** The command whose status the console is told now, or null. */
    CommandRun takeEnded() {
        CommandRun ended = ending;
        ending = null;
        return ended;
    }

    /** The command that the hart whose turn it is works for, or null. */
    CommandRun current() {
        Board board = source.get();
        long task = board.kernel().currentTask();
        if (task == 0) {
            return null;
        }
        Tasks tasks = board.kernel().tasks().tasks();
        ReadableMemory view = board.machine().peek(board.machine().turn().hart().id());
        for (int i = 0; task != 0 && i < MOST_GENERATIONS; i++, task = tasks.parent(view, task)) {
            CommandRun command = byTask.get(task);
            if (command != null) {
                return command;
            }
        }
        return pending;
    }

    /** A command that ends with the machine, as {@code poweroff} does. */
    void remove(CommandRun command) {
        byTask.values().remove(command);
        pending = pending == command ? null : pending;
    }

    /** Those that have not ended, in the order in which they began. */
    List<CommandRun> takeAll() {
        List<CommandRun> all = new ArrayList<>(byTask.values());
        if (pending != null) {
            all.add(pending);
        }
        byTask.clear();
        pending = null;
        return all;
    }
}
