package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.PollFdLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A machine with one of the book's drivers. A test uses its files from Java code in programs of the kernel. */
final class BookKernel {

    private final InKernel inside = new InKernel();
    private final List<Runnable> bodies = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final int entry = inside.callback("test_program", (TaskEntry) this::runProgram);
    private final MachineRun machine;

    /** Boots a machine, and types lines, which load drivers. */
    BookKernel(Machines machines, String... lines) throws IOException {
        this(machines, options -> options, lines);
    }

    BookKernel(Machines machines, UnaryOperator<BoardOptions> changes, String... lines) throws IOException {
        machine = machines.boot(options -> changes.apply(options.driver(inside)));
        if (lines.length > 0) {
            machine.type(lines);
        }
        assertThat(machine.err()).isEmpty();
    }

    MachineRun machine() {
        return machine;
    }

    Kernel kernel() {
        return machine.board().kernel();
    }

    KernelCalls calls() {
        return kernel().calls();
    }

    Files files() {
        return kernel().files();
    }

    KernelMemory memory() {
        return machine.board().machine().memory();
    }

    /** The allocations since boot that could have failed, if the machine's options ask for failures. */
    int failableAllocations() {
        return kernel().mm().caches().failures().candidates(machine.board().machine().peek(0));
    }

    /** Runs a body as a program, and rethrows its failure and those of {@link #start}. */
    void run(Runnable body) {
        inside.run(machine, kernel -> body.run());
        if (!failures.isEmpty()) {
            throw new AssertionError("in a program: " + failures.get(0), failures.get(0));
        }
    }

    /** Starts another program. In a body. Returns its task. */
    long start(Runnable body) {
        bodies.add(body);
        return kernel().tasks().tasks().createProgram("program", inside.address(entry), bodies.size() - 1);
    }

    /** Waits until a program has ended. In a body. */
    void join(long task) {
        kernel().tasks().tasks().waitFor(task);
    }

    private int runProgram(long number) {
        try {
            bodies.get((int) number).run();
            return 0;
        } catch (AssertionError | RuntimeException failed) {
            failures.add(failed);
            return 1;
        }
    }

    // ---- system calls ----

    int open(String path, int flags) {
        return files().open(path, flags);
    }

    void close(int descriptor) {
        assertThat(files().close(descriptor)).isZero();
    }

    /** Writes text in one call. Returns the number of bytes, or a negative errno. */
    int write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long page = page();
        memory().write(page, bytes, 0, bytes.length);
        int result = files().write(descriptor, page, bytes.length);
        calls().freePage(page);
        return result;
    }

    /** Writes text in as many calls as it takes. */
    void writeAll(int descriptor, String text) {
        for (int done = 0; done < text.length(); ) {
            int result = write(descriptor, text.substring(done));
            assertThat(result).isPositive();
            done += result;
        }
    }

    /** Reads in one call. Returns the bytes as text, or the error number as {@code -11}. */
    String read(int descriptor, int count) {
        long page = page();
        int result = files().read(descriptor, page, count);
        byte[] bytes = new byte[Math.max(0, result)];
        memory().read(page, bytes, 0, bytes.length);
        calls().freePage(page);
        return result < 0 ? Integer.toString(result) : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Waits for events of one file. Returns those that have come. */
    int poll(int descriptor, int events, int milliseconds) {
        long page = page();
        PollFdLayout.FD.set(memory(), page, descriptor);
        memory().store16(PollFdLayout.EVENTS.at(page), events);
        files().poll(page, 1, milliseconds);
        int come = memory().load16(PollFdLayout.REVENTS.at(page));
        calls().freePage(page);
        return come;
    }

    /** Makes an ioctl with the address of a word. Returns the result and the word then. */
    List<Integer> ioctl(int descriptor, int command, int word) {
        long page = page();
        memory().store32(page, word);
        int result = files().ioctl(descriptor, command, page);
        List<Integer> answer = List.of(result, memory().load32(page));
        calls().freePage(page);
        return answer;
    }

    private long page() {
        long page = calls().getZeroedPage(Gfp.GFP_KERNEL);
        assertThat(page).isNotZero();
        return page;
    }
}
