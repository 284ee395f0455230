package ferrite.board.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The cells of the matrix. */
class PlanTest {

    private static final List<Cell> CELLS = Plan.cells();

    @Test
    void noCellIsThereTwiceAndEveryValueOfEachAxisIsThere() {
        assertThat(CELLS).doesNotHaveDuplicates().hasSizeGreaterThan(30_000);
        for (Axis axis : Axis.values()) {
            assertThat(CELLS.stream().map(axis::of).distinct()).as(axis.text())
                    .containsExactlyInAnyOrderElementsOf(axis.choices());
        }
    }

    @Test
    void eachPairOfFlagsAndFillIsThereForEachCallThatCanHaveIt() {
        for (Call call : Call.values()) {
            for (Fill fill : Fill.values()) {
                for (Flags flags : Flags.values()) {
                    boolean can = call != Call.MAP_SINGLE || flags != Flags.HIGHUSER;
                    assertThat(CELLS.stream().anyMatch(cell -> cell.call() == call && cell.fill() == fill
                            && cell.flags() == flags && cell.ram() == Ram.G3)).as("%s %s %s", call, fill, flags)
                            .isEqualTo(can);
                }
            }
        }
    }

    @Test
    void cellsOfOneMachineShareItsRamModeAndFill() {
        List<List<Cell>> machines = Plan.byMachine(CELLS);
        assertThat(machines).hasSize(42);
        assertThat(machines.stream().mapToInt(List::size).sum()).isEqualTo(CELLS.size());
        machines.forEach(cells -> assertThat(cells.stream().map(Cell::host).distinct()).hasSize(1));
    }
}
