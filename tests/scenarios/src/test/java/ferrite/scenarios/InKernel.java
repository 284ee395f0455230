package ferrite.scenarios;

import ferrite.kernel.Kernel;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.testkit.MachineRun;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** A driver that runs a test's code in the kernel of a whole machine. A task that reads /dev/test runs it. */
final class InKernel implements Driver, FileOperations {

    private record Callback(String name, Object target) { }

    private final List<Callback> callbacks = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();
    private KernelCalls kernel;
    private long operations;
    private final Deque<Runnable> bodies = new ArrayDeque<>();
    private Throwable failure;

    /**
     * Registers a handler or an entry before the machine is built. Returns its number; {@link #address} gives its text
     * address.
     */
    int callback(String name, Object target) {
        callbacks.add(new Callback(name, target));
        return callbacks.size() - 1;
    }

    /** Returns the text address of a callback. */
    long address(int callback) {
        return addresses.get(callback);
    }

    /** Runs a body in a task, and rethrows its failure. */
    void run(MachineRun machine, Consumer<Kernel> body) {
        bodies.add(() -> body.accept(machine.board().kernel()));
        machine.type("cat /dev/test");
        if (failure != null) {
            throw new AssertionError("in the kernel: " + failure, failure);
        }
        if (!bodies.isEmpty()) {
            throw new AssertionError("no task ran the body: " + machine.err());
        }
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("test_operations", this);
        addresses.clear();
        callbacks.forEach(callback -> addresses.add(text.add(callback.name, callback.target)));
    }

    @Override
    public int init() {
        return kernel.cdevAdd("test", operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        Runnable body = bodies.poll();
        try {
            if (body != null) {
                body.run();
            }
        } catch (AssertionError | RuntimeException failed) {
            failure = failed;
        }
        return 0;
    }
}
