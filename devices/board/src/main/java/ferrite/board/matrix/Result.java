package ferrite.board.matrix;

import java.util.List;

/**
 * A cell after its run.
 *
 * @param differences a clause for each difference; empty if all is as stated
 */
public record Result(Cell cell, Expectation stated, Observation observed, List<String> differences) {

    static Result of(Cell cell, Statement statement, Observation observed) {
        Expectation stated = statement.of(cell, observed.pa());
        return new Result(cell, stated, observed, observed.differences(stated));
    }

    public boolean isAsStated() {
        return differences.isEmpty();
    }

    /** The way that the bytes went, for counting. */
    public String path() {
        return observed.path().toString();
    }
}
