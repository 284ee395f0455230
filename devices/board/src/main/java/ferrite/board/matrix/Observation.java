package ferrite.board.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects the events of a cell, while it runs. */
public final class Observation {

    private long pa = Statement.NO_MEMORY;
    private Path path = Path.NONE;
    private boolean moved;
    private final SortedSet<String> rules = new TreeSet<>();
    private final List<String> flaws = new ArrayList<>();

    /** Notes the physical address of the cell's memory. */
    void memoryAt(long address) {
        pa = address;
    }

    void path(Path value) {
        path = value;
    }

    /** Notes that the device moved bytes. A byte that did not arrive is a flaw. */
    void bytesMoved() {
        moved = true;
    }

    void brokeRule(String rule) {
        rules.add(rule);
    }

    /** Notes something that is wrong in any cell, as a clause. */
    void flaw(String clause) {
        flaws.add(clause);
    }

    long pa() {
        return pa;
    }

    Zone memory() {
        return pa == Statement.NO_MEMORY ? Zone.NONE : Zone.of(pa);
    }

    Path path() {
        return path;
    }

    /** Returns the differences from a statement, a clause each. */
    List<String> differences(Expectation stated) {
        List<String> differences = new ArrayList<>(flaws);
        if (!stated.memory().contains(memory())) {
            differences.add("the zone of the memory");
        }
        if (stated.path() != path) {
            differences.add("the way of the bytes");
        }
        if (!stated.rules().equals(rules)) {
            differences.add("the broken rules");
        }
        if (stated.arrives() != moved) {
            differences.add("whether bytes are moved");
        }
        return differences;
    }

    /** Describes it in a line, as {@link Expectation#toString} does. */
    @Override
    public String toString() {
        return "memory " + memory() + (pa == Statement.NO_MEMORY ? "" : " at physical 0x" + Long.toHexString(pa))
                + "; " + path + "; rules broken: " + (rules.isEmpty() ? "none" : String.join(", ", rules)) + "; "
                + (moved ? "bytes move" : "no byte moves") + (flaws.isEmpty() ? "" : "; " + String.join("; ", flaws));
    }
}
