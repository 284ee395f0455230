package ferrite.kernel.shell;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** A command's words, files and memory, and its ways to print. The object lives on the stack of the command's task. */
public final class CommandContext {

    /** Commands read and write in pieces of this size. */
    public static final int BUFFER_BYTES = 64 << 10;

    /** POSIX's exit status for a command that does not exist. */
    private static final int NOT_FOUND = 127;
    private static final int BUFFER_ORDER = 4;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private final Kernel kernel;
    private final Machine machine;
    private final Monitor monitor;
    private final CommandWatcher watcher;
    private final List<Command> commands;
    private final List<String> words;
    private long buffer;
    private boolean outputFailed;

    CommandContext(Kernel kernel, Machine machine, Monitor monitor, CommandWatcher watcher, List<Command> commands,
            List<String> words) {
        this.kernel = kernel;
        this.machine = machine;
        this.monitor = monitor;
        this.watcher = watcher;
        this.commands = commands;
        this.words = words;
    }

    public Kernel kernel() {
        return kernel;
    }

    public Machine machine() {
        return machine;
    }

    public Monitor monitor() {
        return monitor;
    }

    /** All commands of the shell. */
    public List<Command> commands() {
        return commands;
    }

    /** Returns the context of the command that this command's arguments name. It has the same files and memory. */
    CommandContext inner() {
        CommandContext inner = new CommandContext(kernel, machine, monitor, watcher, commands, arguments());
        inner.buffer = buffer;
        return inner;
    }

    /** Runs the command that the words name: one of the shell's, or else a debugger's. Returns its exit status. */
    int run() {
        for (Command command : commands) {
            if (command.name().equals(name())) {
                return command.run(this);
            }
        }
        String line = line();
        if (monitor.find(line) != null) {
            return MonitorBridge.run(this, line);
        }
        if (name().contains("/")) {
            return ExecCommand.execute(this, words);
        }
        fail("command not found; 'help' lists the commands");
        return NOT_FOUND;
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

    /** Opens the standard files, and allocates a buffer. Returns false if there is no memory for them. */
    boolean open() {
        boolean opened = kernel.files().open("/dev/console", Fcntl.O_RDONLY) == 0
                && kernel.files().open("/dev/stdout", Fcntl.O_WRONLY) == STDOUT
                && kernel.files().open("/dev/stderr", Fcntl.O_WRONLY) == STDERR;
        buffer = opened ? kernel.calls().__getFreePages(Gfp.GFP_KERNEL, BUFFER_ORDER) : 0;
        return buffer != 0;
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
        watcher.showing(findings);
    }

    /** Memory at this hart's virtual addresses, read without any effect. */
    public ReadableMemory peek() {
        return machine.peek(machine.turn().hart().id());
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
        return outputFailed;
    }

    /**
     * Opens a file for writing, writes text to it, and closes it. Returns 0 or a negative errno.
     *
     * @param flag {@link Fcntl#O_TRUNC} or {@link Fcntl#O_APPEND}
     */
    int writeFile(String path, int flag, String text) {
        int descriptor = kernel.files().open(path, Fcntl.O_WRONLY | flag);
        if (descriptor < 0) {
            return descriptor;
        }
        try {
            return Math.min(write(descriptor, text), 0);
        } finally {
            kernel.files().close(descriptor);
        }
    }

    private int write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
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
        outputFailed |= descriptor == STDOUT && result < 0;
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
        boolean written = kernel.files().write(STDOUT, from, length) == length;
        userBoundary();
        outputFailed |= !written;
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
        watcher.progress(done, total);
    }

    /** Loads bytes from memory, through the hart's MMU. */
    public byte[] load(long from, int length) {
        byte[] bytes = new byte[length];
        kernel.base().memory().read(from, bytes, 0, length);
        return bytes;
    }
}
