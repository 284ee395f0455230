package ferrite.board.command;

import ferrite.board.front.ViolationText;
import ferrite.board.matrix.Cell;
import ferrite.board.matrix.Expectation;
import ferrite.board.matrix.MatrixMachine;
import ferrite.board.matrix.MatrixReport;
import ferrite.board.matrix.MatrixWatcher;
import ferrite.board.matrix.Plan;
import ferrite.board.matrix.Result;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.stdio.Streams;
import ferrite.hardware.report.Violation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ferrite matrix}: all combinations of the DMA rules, compared with the documents. */
@Command(name = "matrix", mixinStandardHelpOptions = true,
        description = "Compare what the kernel does with memory for devices with what the documents state, in each "
                + "combination of RAM, zones, flags, sizes, masks and calls.",
        footer = {"", "Each cell allocates memory, gives it to a device, and lets the device move bytes. Compared "
                + "are the zone, the way of the bytes (direct, bounced or refused), the broken rules, and the bytes. "
                + "Cells with the same RAM, swiotlb mode and fill run on one machine. The exit status is 1 if a cell "
                + "is not as stated.", "", "An ID names a value of each axis, with commas between:",
                "  ram      16M 64M 1G 3G", "  swiotlb  on off force", "  fill     empty dma normal full",
                "  mask     24 28 32",
                "  gfp      GFP_KERNEL GFP_KERNEL|__GFP_DMA GFP_DMA GFP_ATOMIC",
                "           GFP_ATOMIC|__GFP_DMA GFP_NOWAIT GFP_USER GFP_HIGHUSER",
                "  order    0 3 5 11", "  call     map_single map_page map_sg alloc_coherent isa isa16",
                "  dir      to from both", "  span     whole inner (whole if absent)",
                "  context  task atomic (task if absent)",
                "A combination that makes no sense is refused, with the reason.", "", "Examples:", "  ferrite matrix",
                "  ferrite matrix --json > matrix.json",
                "  ferrite matrix --cell ram=64M,swiotlb=on,fill=dma,mask=24,\\",
                "gfp=GFP_KERNEL,order=3,call=map_single,dir=from"})
final class MatrixCommand implements Callable<Integer> {

    @Option(names = "--cell", paramLabel = "ID", description = "run one cell, and show what is stated and observed")
    private String id;

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Option(names = "--jobs", paramLabel = "N", description = "machines to run at the same time; as many as the host "
            + "has processors if absent, at most 8")
    private Integer jobs;

    @Override
    public Integer call() throws IOException {
        int workers = jobs == null ? Math.min(8, Runtime.getRuntime().availableProcessors()) : jobs;
        if (workers < 1 || workers > 64) {
            throw new UsageException("--jobs " + workers + ": 1 to 64 would be right");
        }
        List<Cell> cells = id == null ? Plan.cells() : List.of(cell());
        List<Result> results = id == null ? runAll(Plan.byMachine(cells), workers)
                : MatrixMachine.run(cells, Expectation::of, new BoardOptions(), new Verbose(cells.get(0)));
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        MatrixReport report = new MatrixReport(results);
        if (json) {
            report.writeJson(out);
        } else if (id == null) {
            report.printAll(out);
        } else {
            report.printEach(out);
        }
        out.flush();
        return report.isAsStated() ? ExitStatus.SUCCESS : ExitStatus.FAILED;
    }

    /** Prints the log and the violations of the machine of one cell. */
    private static final class Verbose implements MatrixWatcher {

        private final ViolationText text;

        private Verbose(Cell cell) {
            text = new ViolationText(MatrixReport.replay(cell));
        }

        @Override
        public void kernelLog(String line) {
            System.err.print(line);
        }

        @Override
        public void violation(Violation violation) {
            System.err.print(text.of(violation));
        }
    }

    private Cell cell() {
        try {
            return Cell.parse(id);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--cell: " + e.getMessage());
        }
    }

    /** Runs all machines. The order of the results does not depend on the number of workers. */
    private static List<Result> runAll(List<List<Cell>> machines, int workers) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<List<Result>>> running = new ArrayList<>();
            machines.forEach(cells -> running.add(pool.submit(() ->
                    MatrixMachine.run(cells, Expectation::of, new BoardOptions().objectCallSites(false),
                            MatrixWatcher.NONE))));
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < running.size(); i++) {
                results.addAll(await(running.get(i)));
                System.err.println("matrix: " + (i + 1) + " of " + machines.size() + " machines, " + results.size()
                        + " cells");
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Result> await(Future<List<Result>> machine) throws IOException {
        try {
            return machine.get();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }
}
