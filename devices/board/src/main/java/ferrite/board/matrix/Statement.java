package ferrite.board.matrix;

/** States the right outcome of each cell. {@link Expectation#of} is the statement of the documents. */
@FunctionalInterface
public interface Statement {

    /** The physical address to ask about if a cell got no memory. */
    long NO_MEMORY = -1;

    /**
     * States the right outcome.
     *
     * @param pa physical address of the memory that the cell got, or {@link #NO_MEMORY}. No document says which page of
     *     a zone an allocation returns, and the way of the bytes depends on it.
     */
    Expectation of(Cell cell, long pa);
}
