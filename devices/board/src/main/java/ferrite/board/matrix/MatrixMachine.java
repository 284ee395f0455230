package ferrite.board.matrix;

import ferrite.board.options.BoardOptions;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.QuietHost;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.util.List;

/** Boots the machine of some cells, runs them in it, and switches it off. */
public final class MatrixMachine {

    private MatrixMachine() { }

    /**
     * Runs cells that share a machine. The machine has one hart, and no guard pages: they would be free in one cell and
     * in use in the next.
     *
     * @param options the machine's other options; the cells' own are set in it
     * @param watcher receives the kernel's log and the violations
     * @throws IllegalStateException if the machine ends before all cells have run
     */
    public static List<Result> run(List<Cell> cells, Statement statement, BoardOptions options, MatrixWatcher watcher)
            throws IOException {
        Cell first = cells.get(0);
        MatrixDriver driver = new MatrixDriver(cells, statement);
        options.ram(first.ram().bytes()).swiotlb(first.bounce().mode()).harts(1).guardPages(false)
                .parameter("copier.width", "24").driver(driver);
        try (Board board = new Board(options, new Host(driver, watcher))) {
            ChannelProbe probe = new ChannelProbe(board.dma());
            board.machine().bus().attach("probe", ChannelProbe.BASE, ChannelProbe.BYTES, probe);
            untilPrompt(board, first);
            driver.observe(board.kernel());
            board.console().input("cat /dev/" + MatrixDriver.NAME);
            untilPrompt(board, first);
        }
        if (driver.failure() != null) {
            throw new IllegalStateException(lastCell(driver, cells) + ": " + driver.failure(), driver.failure());
        }
        if (driver.results().size() != cells.size()) {
            throw new IllegalStateException(lastCell(driver, cells) + ": the task that ran it has ended");
        }
        return driver.results();
    }

    private static String lastCell(MatrixDriver driver, List<Cell> cells) {
        return cells.get(Math.min(driver.results().size(), cells.size() - 1)).toString();
    }

    private static void untilPrompt(Board board, Cell first) {
        Turn turn = board.machine().turn();
        Turn.Stop stop = turn.run();
        while (stop == Turn.Stop.INPUT_WANTED) {
            stop = turn.runUntilQuiet();
        }
        if (stop != Turn.Stop.QUIET) {
            throw new IllegalStateException("the machine with " + first.host() + " stopped: " + stop
                    + (turn.panic() == null ? "" : ", " + turn.panic().getMessage()), turn.panic());
        }
    }

    /** Passes violations to the driver and the watcher, and drops the output of commands. */
    private static final class Host extends QuietHost {

        private final MatrixDriver driver;
        private final MatrixWatcher watcher;

        private Host(MatrixDriver driver, MatrixWatcher watcher) {
            this.driver = driver;
            this.watcher = watcher;
        }

        @Override
        public void violation(Violation violation) {
            driver.violation(violation);
            watcher.violation(violation);
        }

        @Override
        public void kernelLog(String line) {
            watcher.kernelLog(line);
        }
    }
}
