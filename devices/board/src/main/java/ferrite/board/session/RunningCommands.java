package ferrite.board.session;

import ferrite.board.front.CommandRun;
import ferrite.board.front.FrontEnd;
import ferrite.board.wiring.Board;
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
 * Follows each command from the front end at which its line was typed, over the task that it became, to its exit
 * status. It only looks at the machine.
 */
final class RunningCommands implements CommandWatcher {

    /** The output of a task belongs to a command at most this many generations before it. */
    private static final int MAX_GENERATIONS = 4;

    private final Supplier<Board> source;
    private final FrontEnd local;
    /** The front ends of lines that the guest has not taken yet, by number. Other lines came from {@link #local}. */
    private final Map<Integer, FrontEnd> typists = new HashMap<>();
    private final Map<Integer, CommandRun> byTask = new LinkedHashMap<>();
    /** The command of the line that was taken last, while it has no task. */
    private CommandRun pending;
    /** The command that the shell waits for. */
    private CommandRun foreground;

    /** @param source supplies the board, once a command runs */
    RunningCommands(Supplier<Board> source, FrontEnd local) {
        this.source = source;
        this.local = local;
    }

    /** Notes that the line with this number was typed at another front end than the local one. */
    void typed(int number, FrontEnd typist) {
        typists.put(number, typist);
    }

    void lineTaken(int number, String line) {
        FrontEnd typist = typists.remove(number);
        pending = (typist == null ? local : typist).begin(line);
    }

    @Override
    public void started(int pid, boolean inBackground) {
        byTask.put(pid, pending);
        if (!inBackground) {
            waiting();
        } else if (pending != null) {
            pending.goesOnInBackground();
        }
        pending = null;
    }

    @Override
    public void waiting() {
        foreground = pending;
        if (pending != null) {
            pending.comesToForeground();
        }
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

    /**
     * Removes the command that a task ran, or with task 0 the command of the last line, and returns it; null if there
     * is none.
     */
    CommandRun ended(int pid) {
        CommandRun command = pid == 0 ? pending : byTask.remove(pid);
        foreground = command == foreground ? null : foreground;
        pending = pid == 0 ? null : pending;
        return command;
    }

    /** Returns the command that the interrupt key would reach, or null. */
    CommandRun foreground() {
        return foreground;
    }

    /** Returns the command for which the current hart works, or null. */
    CommandRun current() {
        Board board = source.get();
        long task = board.kernel().currentTask();
        if (task == 0) {
            return null;
        }
        Tasks tasks = board.kernel().tasks().tasks();
        ReadableMemory view = board.machine().peek(board.machine().turn().hart().id());
        for (int i = 0; task != 0 && i < MAX_GENERATIONS; i++, task = tasks.parent(view, task)) {
            CommandRun command = byTask.get(tasks.pid(view, task));
            if (command != null) {
                return command;
            }
        }
        return pending;
    }

    /** Returns the number of tasks that run commands. */
    int running() {
        return byTask.size();
    }

    /** Removes a command that ends with the machine, as {@code poweroff} does. */
    void remove(CommandRun command) {
        byTask.values().remove(command);
        pending = pending == command ? null : pending;
    }

    /** Removes all commands that have not ended, and returns them in the order in which they began. */
    List<CommandRun> takeAll() {
        List<CommandRun> all = new ArrayList<>(byTask.values());
        if (pending != null) {
            all.add(pending);
        }
        byTask.clear();
        pending = null;
        foreground = null;
        return all;
    }

    /** Returns the front ends of lines that the guest has not taken, and forgets them. */
    List<FrontEnd> takeTypists() {
        List<FrontEnd> all = new ArrayList<>(typists.values());
        typists.clear();
        return all;
    }
}
