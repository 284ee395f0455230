package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.board.wiring.Board;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.TaskEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * A booted machine. Its only task runs a benchmark's work, a batch at a time, and stops the machine after each batch.
 */
final class KernelUnderTest implements AutoCloseable {

    private final Session session;
    private final Worker worker = new Worker();

    /** The driver that starts the task. */
    private static final class Worker implements Driver {

        private long entry;
        private volatile Consumer<Kernel> work = kernel -> { };
        private Board board;

        @Override
        public String name() {
            return "worker";
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) {
            entry = text.add("worker", (TaskEntry) argument -> {
                work.accept(board.kernel());
                board.machine().turn().stop(Turn.Stop.HALTED);
                kernel.cpuRelax();
                return TaskEntry.AGAIN;
            });
        }

        @Override
        public int init() {
            return board.kernel().tasks().tasks().create("worker", entry, 0, 1) == 0 ? -1 : 0;
        }
    }

    KernelUnderTest(BoardOptions options) throws IOException {
        this(options, 1);
    }

    /** Boots a machine. The task runs on hart 0; the other harts idle. */
    KernelUnderTest(BoardOptions options, int harts) throws IOException {
        session = new Session(options.harts(harts).driver(worker), null, () -> null,
                new Session.Streams(OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()),
                        OutputStream.nullOutputStream(), false), violation -> "");
        worker.board = session.board();
        run(kernel -> { });
    }

    Board board() {
        return session.board();
    }

    /** Runs one batch in the kernel's task. */
    void run(Consumer<Kernel> batch) {
        worker.work = batch;
        Turn turn = board().machine().turn();
        Turn.Stop stop = turn.run();
        while (stop == Turn.Stop.INPUT_WANTED) {
            stop = turn.run();
        }
        if (stop != Turn.Stop.HALTED) {
            throw new IllegalStateException("the machine stopped: " + stop, turn.panic());
        }
    }

    @Override
    public void close() throws IOException {
        session.close();
    }
}
