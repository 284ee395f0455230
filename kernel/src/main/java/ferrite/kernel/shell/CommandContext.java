package ferrite.kernel.shell;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.grammar.Expansion;
import ferrite.kernel.grammar.Redirection;
import ferrite.kernel.sched.TaskEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** A command's words, files and memory, and its ways to print. The object lives on the stack of the command's task. */
public final class CommandContext {

    /** Commands read and write in pieces of this size. */
    public static final int BUFFER_BYTES = 64 << 10;

    /** POSIX's exit status for a command that does not exist. */
    private static final int NOT_FOUND = 127;
    private static final int BUFFER_ORDER = 4;
    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    /** The operand that means standard input. */
    static final String STANDARD_INPUT = "-";

    /**
     * The place of a command in its line.
     *
     * @param hasInput  whether a pipe is standard input
     * @param shows     whether standard output is the console's, so that a report can stand for it
     * @param endsShell whether the command may end the shell
     * @param before    the exit status of the command before
     */
    record Place(boolean hasInput, boolean shows, boolean endsShell, int before) { }

    private final ShellParts parts;
    private final Kernel kernel;
    private final List<String> words;
    private final Place place;
    private long buffer;
    private boolean inputGiven;
    /** The path that standard output was redirected to; null if it was not. */
    private String outputPath;
    /** The first error of a write to standard output, negative; or 0. */
    private int outputError;

    CommandContext(ShellParts parts, List<String> words, Place place) {
        this.parts = parts;
        this.kernel = parts.kernel();
        this.words = words;
        this.place = place;
        this.inputGiven = place.hasInput();
    }

    public Kernel kernel() {
        return kernel;
    }

    public Machine machine() {
        return parts.machine();
    }

    public Monitor monitor() {
        return parts.monitor();
    }

    /** All commands of the shell. */
    public List<Command> commands() {
        return parts.commands();
    }

    /** Returns the context of the command that this command's arguments name. It has the same files and memory. */
    CommandContext inner() {
        CommandContext inner = new CommandContext(parts, arguments(), place);
        inner.buffer = buffer;
        inner.inputGiven = inputGiven;
        inner.outputPath = outputPath;
        return inner;
    }

    /** Runs the command that the words name: one of the shell's, or else a debugger's. Returns its exit status. */
    int run() {
        Command command = command();
        if (command != null) {
            return run(command);
        }
        String line = line();
        if (monitor().find(line) != null) {
            return MonitorBridge.run(this, line);
        }
        if (name().contains("/")) {
            return ExecCommand.execute(this, words);
        }
        fail("command not found; " + HelpText.question(this, name()));
        return NOT_FOUND;
    }

    private int run(Command command) {
        Letters letters = command.options() == null ? null : Letters.of(arguments(), command.options());
        if (letters == null || letters.wrong() == null && !letters.asksForHelp()) {
            return command.run(this);
        }
        if (letters.asksForHelp()) {
            return HelpText.one(this, command.name());
        }
        fail(letters.wrong());
        err(command.hint() + "\n");
        return command.statusOfWrongOption();
    }

    /** The options and operands of a command that has named its options. */
    Letters letters(Command command) {
        return Letters.of(arguments(), command.options());
    }

    /** The words, with a blank between two of them. */
    String line() {
        return String.join(" ", words);
    }

    /** The command's name. */
    public String name() {
        return words.get(0);
    }

    /** The words after the command's name. */
    public List<String> arguments() {
        return words.subList(1, words.size());
    }

    /**
     * Allocates a buffer, if the command uses one, and opens the standard files, unless the task has them. Returns
     * false if there is no memory for them.
     */
    boolean open(boolean hasFiles) {
        if (!hasFiles && !openFiles()) {
            return false;
        }
        Command command = command();
        if (command != null && !command.usesBuffer()) {
            return true;
        }
        buffer = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, BUFFER_ORDER);
        return buffer != 0;
    }

    /** Returns the shell's command that the words name, or null. */
    private Command command() {
        for (Command command : parts.commands()) {
            if (command.name().equals(name())) {
                return command;
            }
        }
        return null;
    }

    /** Opens the standard files. Returns false if there is no memory for them. */
    boolean openFiles() {
        return kernel.files().open("/dev/console", Fcntl.O_RDONLY) == STDIN
                && kernel.files().open("/dev/stdout", Fcntl.O_WRONLY) == STDOUT
                && kernel.files().open("/dev/stderr", Fcntl.O_WRONLY) == STDERR;
    }

    /** Fails because there is no memory for the command's files: the message needs none. Returns status 1. */
    int failWithoutMemory() {
        byte[] message = ("sh: " + name() + ": " + Errno.message(Errno.ENOMEM) + "\n").getBytes(StandardCharsets.UTF_8);
        long page = ShellLayout.LINE.get(kernel.base().memory(), shell());
        int length = Math.min(message.length, AddressSpace.PAGE_SIZE);
        kernel.base().memory().write(page, message, 0, length);
        kernel.files().console().complain(kernel.files().consoleData(), page, length);
        return 1;
    }

    /** The address of the shell's record, see {@link ShellLayout}. */
    long shell() {
        return RootLayout.SHELL.get(kernel.base().memory(), kernel.base().root());
    }

    /** Lets the shell end after this line, if the command may end it. */
    void endShell() {
        if (place.endsShell()) {
            ShellLayout.EXITING.set(kernel.base().memory(), shell(), 1);
        }
    }

    /** The exit status of the command before this one. */
    int lastStatus() {
        return place.before();
    }

    /** Tells whether a command of this line has ended the shell. */
    boolean shellEnds() {
        return ShellLayout.EXITING.get(kernel.base().memory(), shell()) != 0;
    }

    // ---- redirections ----

    /** Makes the redirections, in their order. Returns false after an error message. */
    boolean redirect(List<Redirection> redirections, Expansion expansion) {
        for (Redirection each : redirections) {
            int result = each.kind() == Redirection.Kind.DUPLICATE
                    ? kernel.files().programs().dup2(each.source(), each.descriptor())
                    : redirect(each, expansion.text(each.target()));
            if (result < 0) {
                fail(expansion.text(each.target()), result);
                return false;
            }
        }
        return true;
    }

    private int redirect(Redirection redirection, String path) {
        int descriptor = kernel.files().open(path, switch (redirection.kind()) {
            case READ -> Fcntl.O_RDONLY;
            case APPEND -> Fcntl.O_WRONLY | Fcntl.O_APPEND;
            default -> Fcntl.O_WRONLY | Fcntl.O_TRUNC;
        });
        if (descriptor < 0) {
            return descriptor;
        }
        inputGiven |= redirection.descriptor() == STDIN;
        outputPath = redirection.descriptor() == STDOUT ? path : outputPath;
        int result = kernel.files().programs().dup2(descriptor, redirection.descriptor());
        kernel.files().close(descriptor);
        return result;
    }

    /**
     * Tells of output that was lost, and closes a file that standard output was redirected to: drivers may write late,
     * so an error of the close is an error of the command. Returns the command's exit status.
     */
    int finish(int status) {
        if (status == TaskEntry.AGAIN) {
            return status;
        }
        if (outputError != 0) {
            return Math.max(status, failedOutput());
        }
        int closed = outputPath == null ? 0 : kernel.files().close(STDOUT);
        return closed < 0 && status == 0 ? fail(outputPath, closed) : status;
    }

    /** Tells whether standard input is a pipe or a file, and not the console, which has lines for the shell alone. */
    boolean hasInput() {
        return inputGiven;
    }

    /**
     * Returns the files that the command reads: the operands, or standard input as {@code -} if there are none and it
     * is a pipe or a file.
     */
    List<String> inputs(List<String> operands) {
        return operands.isEmpty() && inputGiven ? List.of(STANDARD_INPUT) : operands;
    }

    void close() {
        kernel.calls().freePages(buffer, BUFFER_ORDER);
    }

    /** The buffer for data: {@link #BUFFER_BYTES}, physically contiguous. */
    public long buffer() {
        return buffer;
    }

    /** Writes text to standard output. */
    public void out(String text) {
        write(STDOUT, text);
    }

    /**
     * Offers the command's output as a report too, for front ends that do not want text. It has no effect in the
     * machine.
     *
     * @param findings makes the report from {@link #peek} or from values that the command already has; it must not
     *                 access the machine
     */
    public void show(Supplier<Report> findings) {
        if (place.shows()) {
            parts.watcher().showing(findings);
        }
    }

    /** Memory at this hart's virtual addresses, read without any effect. */
    public ReadableMemory peek() {
        return machine().peek(machine().turn().hart().id());
    }

    /** Writes {@code NAME: message} and a line end to standard error, and returns status 1. */
    public int fail(String message) {
        write(STDERR, name() + ": " + message + "\n");
        return 1;
    }

    /** Fails with the message of an error number for a file. Returns status 1. */
    public int fail(String path, int errno) {
        return fail(path + ": " + Errno.message(errno));
    }

    /** Writes text to standard error. */
    public void err(String text) {
        write(STDERR, text);
    }

    /** Returns whether a write to standard output has failed; the command should stop then. */
    public boolean outputFailed() {
        return outputError != 0;
    }

    /** Fails because a write to standard output failed. Returns status 1. */
    private int failedOutput() {
        return outputPath == null ? fail("write error: " + Errno.message(outputError)) : fail(outputPath, outputError);
    }

    /** Writes text, and then a text with one character for each byte, to standard output at once. */
    void outBytes(String text, String bytes) {
        byte[] start = text.getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(start, start.length + bytes.length());
        System.arraycopy(bytes.getBytes(StandardCharsets.ISO_8859_1), 0, all, start.length, bytes.length());
        write(STDOUT, all);
    }

    /** Writes bytes to standard output, without the first ones. */
    void outBytes(byte[] bytes, int skipped) {
        write(STDOUT, Arrays.copyOfRange(bytes, skipped, bytes.length));
    }

    private int write(int descriptor, String text) {
        return write(descriptor, text.getBytes(StandardCharsets.UTF_8));
    }

    private int write(int descriptor, byte[] bytes) {
        // an error message may use the reserve
        long page = kernel.calls().__getFreePages(descriptor == STDERR ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL, 0);
        int result = page == 0 ? -Errno.ENOMEM : 0;
        try {
            for (int done = 0; done < bytes.length && result >= 0; done += AddressSpace.PAGE_SIZE) {
                int piece = Math.min(AddressSpace.PAGE_SIZE, bytes.length - done);
                kernel.base().memory().write(page, bytes, done, piece);
                result = writeAll(descriptor, page, piece);
            }
        } finally {
            kernel.calls().freePages(page, 0);
        }
        if (descriptor == STDOUT && result < 0 && outputError == 0) {
            outputError = result;
        }
        return result;
    }

    /** Writes all of some bytes. Returns 0 or a negative errno; {@code -ENOSPC} if the file takes no more. */
    private int writeAll(int descriptor, long from, int count) {
        for (int done = 0; done < count; ) {
            int taken = kernel.files().write(descriptor, from + done, count - done);
            userBoundary();
            if (taken <= 0) {
                return taken == 0 ? -Errno.ENOSPC : taken;
            }
            done += taken;
        }
        return 0;
    }

    /** Writes bytes from memory to standard output. */
    public void out(long from, int length) {
        int result = writeAll(STDOUT, from, length);
        outputError = outputError == 0 ? result : outputError;
    }

    /**
     * Reads the next piece of a file into the buffer. Returns the number of bytes, 0 at the end, or a negative errno.
     */
    public int read(int descriptor) {
        int length = kernel.files().read(descriptor, buffer, BUFFER_BYTES);
        userBoundary();
        return length;
    }

    /**
     * Ends the program if a signal is pending, as the return from a system call does. The calls of this class call it
     * themselves. The program must release its kernel resources in {@code finally}; otherwise they would be lost.
     *
     * @throws Terminated if a signal is pending
     */
    void userBoundary() {
        int signal = takeSignal();
        if (signal != 0) {
            throw new Terminated(signal);
        }
    }

    /** Takes a pending signal, for a program that has work to do before it ends. Returns the signal, or 0. */
    int takeSignal() {
        return kernel.tasks().signals().take();
    }

    /**
     * Reports the command's progress to front ends. It has no effect in the machine.
     *
     * @param done  bytes done
     * @param total bytes to do, or a negative number if that is not known
     */
    public void progress(long done, long total) {
        parts.watcher().progress(done, total);
    }

    /** Loads bytes from memory, through the hart's MMU. */
    public byte[] load(long from, int length) {
        byte[] bytes = new byte[length];
        kernel.base().memory().read(from, bytes, 0, length);
        return bytes;
    }
}
