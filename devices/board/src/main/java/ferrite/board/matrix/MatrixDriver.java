package ferrite.board.matrix;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;

/**
 * The driver that runs cells in the kernel of a machine: a task that reads {@code /dev/matrix} fills the zones, and
 * runs one cell after the other. Each cell must leave the machine as it found it.
 */
final class MatrixDriver implements Driver, FileOperations {

    /** The driver's name, and that of its file in /dev. */
    static final String NAME = "matrix";
    private static final int SEEDS_PER_CELL = 8;

    private final List<Cell> cells;
    private final Statement statement;
    private final List<Result> results = new ArrayList<>();
    /** Violations since the last cell. */
    private final List<Violation> violations = new ArrayList<>();
    private KernelCalls calls;
    private Kernel kernel;
    private long operations;
    private RuntimeException failure;

    MatrixDriver(List<Cell> cells, Statement statement) {
        this.cells = cells;
        this.statement = statement;
    }

    /** Gives the driver the kernel, for counting. Before it is read. */
    void observe(Kernel observed) {
        kernel = observed;
    }

    /** Takes a violation, while the cell runs that causes it. */
    void violation(Violation violation) {
        violations.add(violation);
    }

    List<Result> results() {
        return results;
    }

    /** Returns the exception that ended the run early, or null. */
    RuntimeException failure() {
        return failure;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        calls = theKernel;
        operations = text.add("matrix_operations", this);
    }

    @Override
    public int init() {
        return calls.cdevAdd(NAME, operations, 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        if (!results.isEmpty()) {
            return 0;
        }
        try {
            Bench bench = new Bench(calls);
            BlockCells blocks = new BlockCells(bench);
            CoherentCells coherent = new CoherentCells(bench);
            Cell first = cells.get(0);
            warmUp(first, blocks, coherent);
            new ZoneFiller(kernel).fill(first.ram(), first.fill());
            for (Cell cell : cells) {
                results.add(run(cell, blocks, coherent));
            }
        } catch (RuntimeException failed) {
            failure = failed;
        }
        return 0;
    }

    /** Runs each call once, so that pools and slabs have the memory that they keep. */
    private static void warmUp(Cell first, BlockCells blocks, CoherentCells coherent) {
        for (Call call : Call.values()) {
            Cell cell = new Cell(first.ram(), first.bounce(), Fill.EMPTY, Mask.BITS24, Flags.KERNEL_DMA,
                    Order.EIGHT_PAGES, call, call.isIsa() ? Direction.TO : Direction.BOTH, Span.WHOLE,
                    Setting.TASK);
            if (call == Call.ALLOC_COHERENT) {
                coherent.run(cell, 0, new Observation());
            } else {
                blocks.run(cell, 0, new Observation());
            }
        }
    }

    private Result run(Cell cell, BlockCells blocks, CoherentCells coherent) {
        Observation seen = new Observation();
        Usage before = usage();
        violations.clear();
        int seed = results.size() * SEEDS_PER_CELL;
        if (cell.call() == Call.ALLOC_COHERENT) {
            coherent.run(cell, seed, seen);
        } else {
            blocks.run(cell, seed, seen);
        }
        violations.forEach(violation -> seen.brokeRule(violation.rule()));
        before.leaksUntil(usage()).forEach(seen::flaw);
        return Result.of(cell, statement, seen);
    }

    // ---- leaks ----

    /** Pages in use by zone, mappings and bounce slots. */
    private record Usage(long[] free, int mappings, int slots) {

        private List<String> leaksUntil(Usage after) {
            List<String> leaks = new ArrayList<>();
            for (int zone = 0; zone < free.length; zone++) {
                if (free[zone] != after.free[zone]) {
                    leaks.add("zone " + Zones.name(zone) + " has lost " + (free[zone] - after.free[zone])
                            + " of its free pages");
                }
            }
            if (mappings != after.mappings) {
                leaks.add("mappings left: " + (after.mappings - mappings));
            }
            if (slots != after.slots) {
                leaks.add("bounce slots left: " + (after.slots - slots));
            }
            return leaks;
        }
    }

    private Usage usage() {
        ReadableMemory view = kernel.base().peek();
        long[] free = new long[Zones.COUNT];
        for (int zone = 0; zone < free.length; zone++) {
            free[zone] = kernel.mm().zones().free(view, zone) + kernel.mm().zones().guards(view, zone)
                    + kernel.mm().pages().pageSets().count(view, zone);
        }
        return new Usage(free, kernel.dma().mapping().liveMappings(view), kernel.dma().mapping().swiotlb().used(view));
    }
}
