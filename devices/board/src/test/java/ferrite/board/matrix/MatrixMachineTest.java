package ferrite.board.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.report.Violation;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A random sample of the constraint matrix, and mismatches by statements and a machine that are broken on purpose.
 * {@code ferrite matrix} runs all cells.
 */
class MatrixMachineTest {

    private static final int MACHINES = 8;
    private static final int CELLS_PER_MACHINE = 60;

    private static final Seed SEED = Seed.fresh();

    private static List<Result> run(List<Cell> cells, Statement statement) throws IOException {
        return MatrixMachine.run(cells, statement, new BoardOptions(), MatrixWatcher.NONE);
    }

    /** Chooses machines, and cells of each. */
    private static List<List<Cell>> sample(Random random) {
        List<List<Cell>> machines = Plan.byMachine(Plan.cells());
        Collections.shuffle(machines, random);
        List<List<Cell>> sample = new ArrayList<>();
        for (List<Cell> cells : machines.subList(0, MACHINES)) {
            List<Cell> some = new ArrayList<>(cells);
            Collections.shuffle(some, random);
            sample.add(some.subList(0, CELLS_PER_MACHINE));
        }
        return sample;
    }

    private static List<String> mismatches(List<Result> results) {
        return results.stream().filter(result -> !result.isAsStated())
                .map(result -> result.cell() + ": " + String.join("; ", result.differences())
                        + "; stated " + result.stated() + "; observed " + result.observed() + "; "
                        + MatrixReport.replay(result.cell())).toList();
    }

    @Test
    void aRandomSampleIsAsTheDocumentsState() throws IOException {
        for (List<Cell> cells : sample(SEED.random(0))) {
            List<Result> results = run(cells, Expectation::of);
            assertThat(results).hasSize(CELLS_PER_MACHINE);
            assertThat(mismatches(results)).as(SEED.replay("machine " + cells.get(0).host())).isEmpty();
        }
    }

    @Test
    void aCellAloneIsObservedAsAmongOthers() throws IOException {
        List<Cell> cells = sample(SEED.random(1)).get(0);
        List<Result> together = run(cells, Expectation::of);
        for (int i = 0; i < 4; i++) {
            Result alone = run(List.of(cells.get(i)), Expectation::of).get(0);
            if (alone.stated().memory().size() == 1) {             // else the address decides, which is left open
                assertThat(alone.observed().memory()).as(SEED.replay(cells.get(i)))
                        .isEqualTo(together.get(i).observed().memory());
            }
            assertThat(mismatches(List.of(alone))).as(SEED.replay(cells.get(i))).isEmpty();
        }
    }

    // ---- broken on purpose ----

    /** Cells of one machine, without the cells that get no memory in any case. */
    private static List<Cell> cellsOf(String host) {
        return Plan.cells().stream().filter(cell -> cell.host().toString().equals(host))
                .filter(cell -> cell.direction() != Direction.FROM && cell.mask() != Mask.BITS32).toList();
    }

    /** Runs cells under a broken statement, and requires mismatches in the affected cells and in no others. */
    private static void requireNoticed(String host, Predicate<Cell> affected, UnaryOperator<Expectation> broken,
            String difference) throws IOException {
        List<Cell> cells = cellsOf(host);
        List<Result> results = run(cells, (cell, pa) -> affected.test(cell)
                ? broken.apply(Expectation.of(cell, pa)) : Expectation.of(cell, pa));
        assertThat(cells).anyMatch(affected);
        for (Result result : results) {
            assertThat(result.differences()).as(result.cell().toString())
                    .isEqualTo(affected.test(result.cell()) ? List.of(difference) : List.of());
        }
    }

    @Test
    void aWrongZoneInTheStatementIsNoticed() throws IOException {
        requireNoticed("ram=64M,swiotlb=on,fill=empty", cell -> cell.flags() == Flags.KERNEL
                && cell.call().isStreaming() && cell.order() != Order.TOO_LARGE,
                stated -> new Expectation(EnumSet.of(Zone.DMA), stated.path(),
                        stated.rules(), stated.arrives()), "the zone of the memory");
    }

    @Test
    void aWrongWayInTheStatementIsNoticed() throws IOException {
        requireNoticed("ram=1G,swiotlb=off,fill=empty", cell -> cell.flags() == Flags.KERNEL_DMA
                && cell.call().isStreaming() && cell.order() != Order.TOO_LARGE,
                stated -> new Expectation(stated.memory(), Path.BOUNCED, stated.rules(), stated.arrives()),
                "the way of the bytes");
    }

    @Test
    void aWrongRuleInTheStatementIsNoticed() throws IOException {
        requireNoticed("ram=64M,swiotlb=on,fill=dma", cell -> cell.setting() == Setting.ATOMIC
                && cell.flags().maySleep(), stated -> new Expectation(stated.memory(), stated.path(),
                        new TreeSet<>(stated.rules().stream().filter(rule -> !rule.equals("sleep-in-atomic")).toList()),
                        stated.arrives()), "the broken rules");
    }

    @Test
    void aControllerThatWrapsIsNoticedWhereverItIsGivenTooHighAnAddress() throws IOException {
        List<Cell> cells = cellsOf("ram=64M,swiotlb=on,fill=empty").stream().filter(cell -> cell.call().isIsa())
                .toList();
        List<Result> results = MatrixMachine.run(cells, Expectation::of, new BoardOptions().dma(DmaPolicy.WRAP),
                MatrixWatcher.NONE);
        for (Result result : results) {
            boolean high = result.observed().pa() >= 16 << 20;
            assertThat(result.isAsStated()).as(result.cell().toString()).isNotEqualTo(high);
        }
        assertThat(results).anyMatch(result -> !result.isAsStated()).anyMatch(Result::isAsStated);
    }

    /** Has calls of a machine's kernel, for a watcher that is told of a violation in the middle of a cell. */
    private static final class Thief implements Driver {

        private KernelCalls calls;

        @Override
        public String name() {
            return "thief";
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) {
            calls = kernel;
        }
    }

    @Test
    void aPageThatACellDoesNotGiveBackIsMissedInThatCellAlone() throws IOException {
        List<Cell> cells = cellsOf("ram=64M,swiotlb=on,fill=empty").stream()
                .filter(cell -> cell.setting() == Setting.ATOMIC && cell.call().isStreaming()).toList();
        Thief thief = new Thief();
        List<Result> results = MatrixMachine.run(cells, Expectation::of, new BoardOptions().driver(thief),
                new MatrixWatcher() {
                    @Override
                    public void kernelLog(String line) { }

                    @Override
                    public void violation(Violation violation) {
                        assertThat(thief.calls.allocPages(Gfp.GFP_ATOMIC, 2)).isNotZero();
                    }
                });
        assertThat(results).anyMatch(Result::isAsStated);
        for (Result result : results) {
            assertThat(result.differences()).as(result.cell().toString()).isEqualTo(result.cell().flags().maySleep()
                    ? List.of("zone Normal has lost 4 of its free pages") : List.of());
        }
    }

    @Test
    void aMismatchIsPrintedWithBothSidesAndTheCommandThatRepeatsIt() throws IOException {
        Cell cell = Cell.parse("ram=64M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL,order=3,call=map_single,dir=from");
        MatrixReport report = new MatrixReport(run(List.of(cell), (same, pa) ->
                new Expectation(EnumSet.of(Zone.NONE), Path.NONE, new TreeSet<>(), false)));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        report.printAll(new PrintStream(text, true, StandardCharsets.UTF_8));
        assertThat(report.isAsStated()).isFalse();
        assertThat(text.toString(StandardCharsets.UTF_8)).contains(cell + "\n",
                "    stated    memory no memory; no transfer; rules broken: none; no byte moves\n",
                "    observed  memory Normal at physical 0x", "; bounced; rules broken: none; bytes move\n",
                "    differs   the zone of the memory; the way of the bytes; whether bytes are moved\n",
                "    replay    ferrite matrix --cell " + cell + "\n");
    }
}
