package ferrite.board.front;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts each mistake, in the order of first appearance. A mistake is explained once. */
public final class Mistakes {

    private final Map<String, Integer> times = new LinkedHashMap<>();

    /** Counts a mistake. Returns whether it is the first of its kind. */
    public boolean add(String mistake) {
        return times.merge(mistake, 1, Integer::sum) == 1;
    }

    /** Returns a line for each mistake that was made more than once. */
    public List<String> more() {
        List<String> lines = new ArrayList<>();
        times.forEach((mistake, count) -> {
            if (count > 1) {
                lines.add("violation " + mistake + ": " + (count - 1) + " more like the one explained above");
            }
        });
        return lines;
    }
}
