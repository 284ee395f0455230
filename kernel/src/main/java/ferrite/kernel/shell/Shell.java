package ferrite.kernel.shell;

import static ferrite.kernel.shell.ShellLayout.BACKGROUND;
import static ferrite.kernel.shell.ShellLayout.BACKGROUND_COUNT;
import static ferrite.kernel.shell.ShellLayout.EXITING;
import static ferrite.kernel.shell.ShellLayout.FOREGROUND;
import static ferrite.kernel.shell.ShellLayout.LINE;
import static ferrite.kernel.shell.ShellLayout.STATUS;
import static ferrite.kernel.shell.ShellLayout.WAITING;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.FirstTask;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.Terminal;
import ferrite.kernel.grammar.AndOr;
import ferrite.kernel.grammar.Parser;
import ferrite.kernel.grammar.SimpleCommand;
import ferrite.kernel.grammar.SyntaxError;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.Tasks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Task 1: reads lines from the console, and runs each as its own task. The event that the shell waits for is recorded
 * in RAM, so that the shell always waits at its restart point.
 */
public final class Shell implements FirstTask {

    private static final int MAX_LINE = AddressSpace.PAGE_SIZE - 1;
    private static final String WAIT = "wait";
    /** The exit status of a line with a mistake. */
    private static final int WRONG_LINE = 2;
    /** Stands for the task of a line that the shell executes itself. */
    private static final int NO_TASK = 0;

    private final Kernel kernel;
    private final CommandWatcher watcher;
    private final KernelMemory memory;
    private final List<Command> commands;
    private final long mainEntry;
    private final LineTasks lines;

    public Shell(Kernel kernel, Machine machine, Monitor monitor, CommandWatcher watcher) {
        this.kernel = kernel;
        this.watcher = watcher;
        this.memory = kernel.base().memory();
        TextTable.Module text = kernel.base().text().newModule();
        this.mainEntry = text.add("shell_main", (TaskEntry) this::main);
        this.commands = Commands.all(new Readers(kernel, text));
        this.lines = new LineTasks(new ShellParts(kernel, machine, monitor, watcher, commands), text);
    }

    /** Starts the shell, if a driver has registered a console. */
    @Override
    public void start() {
        if (!kernel.files().hasConsole()) {
            kernel.calls().prErr("no shell: no driver has registered a console");
            return;
        }
        long state = kernel.calls().kzalloc(ShellLayout.SIZE, Gfp.GFP_KERNEL);
        long line = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 0);
        if (state == 0 || line == 0 || kernel.tasks().tasks().create("sh", mainEntry, state) == 0) {
            throw new KernelPanic("no memory for the shell");
        }
        LINE.set(memory, state, line);
        RootLayout.SHELL.set(memory, kernel.base().root(), state);
    }

    // ---- the shell's task: step by step, with no state on the Java stack ----

    private int main(long state) {
        reapBackground(state);
        reapOrphans(state);
        long foreground = FOREGROUND.get(memory, state);
        if (foreground != 0) {
            return awaitForeground(state, foreground);
        }
        if (WAITING.get(memory, state) != 0) {
            return awaitBackground(state);
        }
        return nextLine(state);
    }

    private int awaitForeground(long state, long task) {
        int pid = kernel.tasks().tasks().pid(task);
        int signal = TaskLayout.EXIT_SIGNAL.get(memory, task);
        int code = kernel.tasks().tasks().reap(task);
        if (code < 0) {
            sleep(kernel.tasks().tasks().exitWait(), () -> kernel.tasks().tasks().isDead(task));
            return TaskEntry.AGAIN;
        }
        FOREGROUND.set(memory, state, 0);
        kernel.files().console().setForeground(kernel.files().consoleData(), 0);
        String reason = reason(signal, code);
        if (reason != null) {
            complain(state, reason);
        }
        STATUS.set(memory, state, code);
        report(pid, code);
        if (EXITING.get(memory, state) != 0) {
            kernel.powerOff();
        }
        return TaskEntry.AGAIN;
    }

    /** Says why a command or a program ended before its time; null if it did not, or the interrupt key ended it. */
    static String reason(int signal, int code) {
        return signal == Signal.SIGINT ? null
                : signal != 0 ? "the program was ended by signal " + signal + "; 'dmesg' shows a fault"
                : code == Tasks.KILLED ? "the command was ended by an error in the kernel or a driver; 'dmesg' shows it"
                : null;
    }

    /** Begins {@code wait}. The interrupt key ends it, so the shell itself takes SIGINT meanwhile. */
    private void startToWait(long state) {
        WAITING.set(memory, state, 1);
        kernel.tasks().signals().allowInterrupt(true);
        int self = kernel.tasks().tasks().pid(kernel.base().cpu().tp());
        kernel.files().console().setForeground(kernel.files().consoleData(), self);
        watcher.waiting();
    }

    private int awaitBackground(long state) {
        boolean isOver = BACKGROUND_COUNT.get(memory, state) == 0;
        boolean interrupted = !isOver
                && !sleep(kernel.tasks().tasks().exitWait(), () -> someBackgroundIsDead(state));
        if (isOver || interrupted) {
            kernel.files().console().setForeground(kernel.files().consoleData(), 0);
            kernel.tasks().signals().allowInterrupt(false);
            WAITING.set(memory, state, 0);
            end(state, isOver ? 0 : Signals.EXIT_STATUS + Signal.SIGINT);
        }
        return TaskEntry.AGAIN;
    }

    private int nextLine(long state) {
        Terminal terminal = kernel.files().console();
        long data = kernel.files().consoleData();
        long line = LINE.get(memory, state);
        int length = terminal.readLine(data, line, MAX_LINE);
        if (length == -Errno.EAGAIN) {
            sleep(terminal.inputWait(data), () -> terminal.hasInput(data));
            return TaskEntry.AGAIN;
        }
        if (length == -Errno.EPIPE) {
            return endOfInput(state);
        }
        if (length < 0) {
            complain(state, "a line of more than " + MAX_LINE + " bytes was dropped");
            end(state, WRONG_LINE);
            return TaskEntry.AGAIN;
        }
        byte[] bytes = new byte[length];
        memory.read(line, bytes, 0, length);
        execute(state, new String(bytes, StandardCharsets.UTF_8).strip());
        return TaskEntry.AGAIN;
    }

    /** Waits for the background commands, then switches the machine off. */
    private int endOfInput(long state) {
        if (BACKGROUND_COUNT.get(memory, state) > 0) {
            sleep(kernel.tasks().tasks().exitWait(), () -> someBackgroundIsDead(state));
            return TaskEntry.AGAIN;
        }
        kernel.powerOff();
        return TaskEntry.AGAIN;
    }

    /**
     * Prepares to sleep at the restart point, unless the awaited event has already happened. Returns false if the
     * interrupt key was pressed instead. A press that came too late for {@code wait} is taken here too, and has no
     * effect.
     */
    private boolean sleep(long queue, BooleanSupplier come) {
        boolean waits = kernel.tasks().waitQueues().prepareToWait(queue, TaskLayout.INTERRUPTIBLE, false);
        if (!waits) {
            kernel.tasks().signals().take();
        }
        if (!waits || come.getAsBoolean()) {
            kernel.tasks().waitQueues().finishWait(queue);
        }
        return waits;
    }

    private void execute(long state, String line) {
        try {
            List<AndOr> lists = Parser.parse(line);
            if (lists.isEmpty()) {
                report(NO_TASK, 0);
            } else if (lists.size() == 1 && lists.get(0).inBackground()) {
                startInBackground(state, lists.get(0));
            } else if (lists.stream().anyMatch(AndOr::inBackground)) {
                refuse(state, "a command with & needs a line of its own here");
            } else if (isWait(lists.get(0)) && lists.size() == 1) {
                startToWait(state);
            } else {
                startInForeground(state, line, lists);
            }
        } catch (SyntaxError mistake) {
            refuse(state, mistake.getMessage());
        }
    }

    private void refuse(long state, String message) {
        complain(state, message);
        end(state, WRONG_LINE);
    }

    private static boolean isWait(AndOr list) {
        SimpleCommand only = list.onlyCommand();
        return only != null && only.words().size() == 1 && only.words().get(0).text().equals(WAIT)
                && only.redirections().isEmpty();
    }

    /** Returns a name for the task of a line. */
    private static String name(List<AndOr> lists) {
        SimpleCommand only = lists.get(0).onlyCommand();
        return only != null && lists.size() == 1 ? only.words().get(0).text() : "sh";
    }

    private void startInForeground(long state, String line, List<AndOr> lists) {
        int status = STATUS.get(memory, state);
        long task = lines.start(name(lists), line, status, true);
        if (task == 0 && LabCommands.release(kernel, state)) {
            complain(state, "what 'eat' held is free again: there was no memory to start a command");
            task = lines.start(name(lists), line, status, true);
        }
        FOREGROUND.set(memory, state, task);
        if (task == 0) {
            complain(state, line + ": " + Errno.message(Errno.ENOMEM));
            end(state, 1);
        } else {
            int pid = kernel.tasks().tasks().pid(task);
            kernel.files().console().setForeground(kernel.files().consoleData(), pid);
            watcher.started(pid, false);
        }
    }

    private void startInBackground(long state, AndOr list) {
        int count = BACKGROUND_COUNT.get(memory, state);
        boolean allowed = count < ShellLayout.MAX_BACKGROUND;
        long task = allowed
                ? lines.start(name(List.of(list)), list.source(), STATUS.get(memory, state), false) : 0;
        if (task == 0) {
            complain(state, list.source() + ": " + (allowed ? Errno.message(Errno.ENOMEM)
                    : "at most " + ShellLayout.MAX_BACKGROUND
                            + " commands run in the background; 'wait' waits for them"));
            end(state, 1);
            return;
        }
        watcher.started(kernel.tasks().tasks().pid(task), true);
        BACKGROUND.set(memory, state, count, task);
        BACKGROUND_COUNT.set(memory, state, count + 1);
        STATUS.set(memory, state, 0);
    }

    /** Writes an error message, from the page that holds the shell's lines: there may be no memory for another. */
    private void complain(long state, String message) {
        byte[] bytes = ("sh: " + message + "\n").getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_LINE);
        long page = LINE.get(memory, state);
        memory.write(page, bytes, 0, length);
        kernel.files().console().complain(kernel.files().consoleData(), page, length);
    }

    private boolean someBackgroundIsDead(long state) {
        int count = BACKGROUND_COUNT.get(memory, state);
        for (int i = 0; i < count; i++) {
            if (kernel.tasks().tasks().isDead(BACKGROUND.get(memory, state, i))) {
                return true;
            }
        }
        return false;
    }

    private void reapBackground(long state) {
        for (int i = BACKGROUND_COUNT.get(memory, state) - 1; i >= 0; i--) {
            long task = BACKGROUND.get(memory, state, i);
            int pid = kernel.tasks().tasks().pid(task);
            int code = kernel.tasks().tasks().reap(task);
            if (code >= 0) {
                int last = BACKGROUND_COUNT.get(memory, state) - 1;
                BACKGROUND.set(memory, state, i, BACKGROUND.get(memory, state, last));
                BACKGROUND_COUNT.set(memory, state, last);
                report(pid, code);
            }
        }
    }

    /** Reaps programs whose parents have ended: they are the first task's children then. */
    private void reapOrphans(long state) {
        for (long child : kernel.tasks().tasks().children().of(kernel.base().cpu().tp())) {
            boolean ours = child == FOREGROUND.get(memory, state);
            for (int i = 0; i < BACKGROUND_COUNT.get(memory, state); i++) {
                ours |= BACKGROUND.get(memory, state, i) == child;
            }
            if (!ours) {
                kernel.tasks().tasks().reap(child);
            }
        }
    }

    /** Ends a line that the shell has executed itself. */
    private void end(long state, int status) {
        STATUS.set(memory, state, status);
        report(NO_TASK, status);
    }

    private void report(int pid, int status) {
        kernel.files().console().report(kernel.files().consoleData(), pid, status);
    }

    /** The shell's commands, without {@code wait} and the debugger's. */
    public List<Command> commands() {
        return commands;
    }
}
