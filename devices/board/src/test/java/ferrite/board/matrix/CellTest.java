package ferrite.board.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The IDs of cells. */
class CellTest {

    private static final String ID = "ram=64M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL|__GFP_DMA,order=3,"
            + "call=map_single,dir=from,span=whole,context=task";

    @Test
    void anIdNamesItsCell() {
        Cell cell = new Cell(Ram.M64, Bounce.ON, Fill.DMA, Mask.BITS24, Flags.KERNEL_DMA, Order.EIGHT_PAGES,
                Call.MAP_SINGLE, Direction.FROM, Span.WHOLE, Setting.TASK);
        assertThat(cell).hasToString(ID);
        assertThat(Cell.parse(ID)).isEqualTo(cell);
        assertThat(Cell.parse(ID.replace(",span=whole,context=task", ""))).isEqualTo(cell);
        assertThat(Cell.parse("call=map_single,ram=64M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL|__GFP_DMA,order=3,"
                + "dir=from")).isEqualTo(cell);
    }

    @Test
    void everyCellIsFoundByItsId() {
        for (Cell cell : Plan.cells()) {
            assertThat(Cell.parse(cell.toString())).isEqualTo(cell);
        }
    }

    @Test
    void aWrongIdIsAnsweredWithWhatWouldBeRight() {
        wrong(ID.replace("ram=64M", "ram=65M"), "'ram=65M': ram is one of 16M, 64M, 1G, 3G");
        wrong(ID.replace("order=3", "oder=3"), "'oder=3' is no part of a cell's ID; the parts are ram=VALUE,");
        wrong(ID.replace(",mask=24", ""), "the cell's ID has no mask; add mask= and one of 24, 28, 32");
        wrong(ID + ",mask=24", "'mask=24': mask is given twice");
        wrong("", "'' is no part of a cell's ID");
        wrong(ID.replace("map_single", "isa16").replace("mask=24", "mask=28"), "the matrix has no such cell: the ISA "
                + "controller has 24 address wires, and no mask; take mask=24");
    }

    private static void wrong(String id, String message) {
        assertThatThrownBy(() -> Cell.parse(id)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
