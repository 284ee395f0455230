package ferrite.kernel.shell;

import static ferrite.kernel.shell.ShellLayout.BACKGROUND;
import static ferrite.kernel.shell.ShellLayout.BACKGROUND_COUNT;
import static ferrite.kernel.shell.ShellLayout.FOREGROUND;
import static ferrite.kernel.shell.ShellLayout.LINE;
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
    /** A zero byte is in no word: {@link Words} leaves it out. */
    private static final String BETWEEN_WORDS = "\0";
    private static final List<String> WAIT = List.of("wait");
    /** Stands for the task of a line that the shell executes itself. */
    private static final int NO_TASK = 0;

    private final Kernel kernel;
    private final Machine machine;
    private final Monitor monitor;
    private final CommandWatcher watcher;
    private final KernelMemory memory;
    private final List<Command> commands;
    private final long mainEntry;
    private final long commandEntry;

    public Shell(Kernel kernel, Machine machine, Monitor monitor, CommandWatcher watcher) {
        this.kernel = kernel;
        this.machine = machine;
        this.monitor = monitor;
        this.watcher = watcher;
        this.memory = kernel.base().memory();
        TextTable.Module text = kernel.base().text().newModule();
        this.mainEntry = text.add("shell_main", (TaskEntry) this::main);
        this.commandEntry = text.add("shell_command", (TaskEntry) this::command);
        this.commands = Commands.all(new Readers(kernel, text));
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
            return sleep(kernel.tasks().tasks().exitWait(), () -> kernel.tasks().tasks().isDead(task));
        }
        FOREGROUND.set(memory, state, 0);
        kernel.files().console().setForeground(kernel.files().consoleData(), 0);
        if (signal != 0 && signal != Signal.SIGINT) {
            complain(state, "the program was ended by signal " + signal + "; 'dmesg' shows a fault");
        } else if (code == Tasks.KILLED) {
            complain(state, "the command was ended by an error in the kernel or a driver; 'dmesg' shows it");
        }
        report(pid, code);
        return TaskEntry.AGAIN;
    }

    private int awaitBackground(long state) {
        if (BACKGROUND_COUNT.get(memory, state) > 0) {
            return sleep(kernel.tasks().tasks().exitWait(), () -> someBackgroundIsDead(state));
        }
        WAITING.set(memory, state, 0);
        report(NO_TASK, 0);
        return TaskEntry.AGAIN;
    }

    private int nextLine(long state) {
        Terminal terminal = kernel.files().console();
        long data = kernel.files().consoleData();
        long line = LINE.get(memory, state);
        int length = terminal.readLine(data, line, MAX_LINE);
        if (length == -Errno.EAGAIN) {
            return sleep(terminal.inputWait(data), () -> terminal.hasInput(data));
        }
        if (length == -Errno.EPIPE) {
            return endOfInput(state);
        }
        if (length < 0) {
            complain(state, "a line of more than " + MAX_LINE + " bytes was dropped");
            report(NO_TASK, 2);
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
            return sleep(kernel.tasks().tasks().exitWait(), () -> someBackgroundIsDead(state));
        }
        kernel.powerOff();
        return TaskEntry.AGAIN;
    }

    /** Prepares to sleep at the restart point, unless the awaited event has already happened. */
    private int sleep(long queue, BooleanSupplier come) {
        kernel.tasks().waitQueues().prepareToWait(queue);
        if (come.getAsBoolean()) {
            kernel.tasks().waitQueues().finishWait(queue);
        }
        return TaskEntry.AGAIN;
    }

    private void execute(long state, String line) {
        boolean inBackground = line.endsWith("&") && !line.startsWith("#");
        String command = inBackground ? line.substring(0, line.length() - 1).strip() : line;
        List<String> words = line.startsWith("#") ? List.of() : Words.split(command);
        if (inBackground) {
            startInBackground(state, words, command);
        } else if (words.isEmpty()) {
            report(NO_TASK, 0);
        } else if (words.equals(WAIT)) {
            WAITING.set(memory, state, 1);
        } else {
            long task = startCommand(words);
            FOREGROUND.set(memory, state, task);
            if (task == 0) {
                complain(state, command + ": " + Errno.message(Errno.ENOMEM));
                report(NO_TASK, 1);
            } else {
                int pid = kernel.tasks().tasks().pid(task);
                kernel.files().console().setForeground(kernel.files().consoleData(), pid);
                watcher.started(pid, false);
            }
        }
    }

    private void startInBackground(long state, List<String> words, String line) {
        int count = BACKGROUND_COUNT.get(memory, state);
        boolean allowed = count < ShellLayout.MAX_BACKGROUND && !words.isEmpty();
        long task = allowed ? startCommand(words) : 0;
        if (task == 0) {
            complain(state, line + " &: " + (allowed ? Errno.message(Errno.ENOMEM)
                    : words.isEmpty() ? "there is no command before &" : "at most " + ShellLayout.MAX_BACKGROUND
                            + " commands run in the background; 'wait' waits for them"));
            report(NO_TASK, 1);
            return;
        }
        watcher.started(kernel.tasks().tasks().pid(task), true);
        BACKGROUND.set(memory, state, count, task);
        BACKGROUND_COUNT.set(memory, state, count + 1);
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

    private void report(int pid, int status) {
        kernel.files().console().report(kernel.files().consoleData(), pid, status);
    }

    /** The shell's commands, without {@code wait} and the debugger's. */
    public List<Command> commands() {
        return commands;
    }

    // ---- a command's task ----

    /**
     * Starts a task whose words are in memory, as {@code execve} hands them over: their bytes, with a zero byte between
     * two of them.
     */
    private long startCommand(List<String> words) {
        byte[] bytes = String.join(BETWEEN_WORDS, words).getBytes(StandardCharsets.UTF_8);
        long text = kernel.calls().kmalloc(bytes.length + 4, Gfp.GFP_KERNEL);
        if (text == 0) {
            return 0;
        }
        memory.store32(text, bytes.length);
        memory.write(text + 4, bytes, 0, bytes.length);
        long task = kernel.tasks().tasks().createProgram(words.get(0), commandEntry, text);
        if (task == 0) {
            kernel.calls().kfree(text);
        }
        return task;
    }

    private int command(long text) {
        byte[] bytes = new byte[memory.load32(text)];
        memory.read(text + 4, bytes, 0, bytes.length);
        kernel.calls().kfree(text);
        List<String> words = List.of(new String(bytes, StandardCharsets.UTF_8).split(BETWEEN_WORDS, -1));
        CommandContext context = new CommandContext(kernel, machine, monitor, watcher, commands, words);
        try {
            if (context.open()) {
                return context.run();
            }
            complain(RootLayout.SHELL.get(memory, kernel.base().root()), words.get(0) + ": "
                    + Errno.message(Errno.ENOMEM));
            return 1;
        } catch (Terminated signal) {
            return Signals.EXIT_STATUS + signal.signal();
        } finally {
            context.close();
        }
    }
}
