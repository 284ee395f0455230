package ferrite.scenarios;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes what shows a mistake small: leaves out parts of it, many at first and then few, as long as it still does (Zeller and Hildebrandt, 2002). */
public final class DeltaDebugging {

    /**
     * Tries candidates, each of which is the parts that are left.
     *
     * @param <P> a part
     */
    public interface Trial<P> {

        /** The number of the first candidate that still shows the mistake, or -1. */
        int firstThatFails(List<List<P>> candidates) throws IOException, InterruptedException;
    }

    private DeltaDebugging() { }

    /** The parts that are needed for the mistake to show. */
    public static <P> List<P> shrink(List<P> parts, Trial<P> trial) throws IOException, InterruptedException {
        List<P> kept = List.copyOf(parts);
        int pieces = 2;
        while (!kept.isEmpty()) {
            pieces = Math.min(pieces, kept.size());
            List<List<P>> candidates = candidates(kept, pieces);
            int found = trial.firstThatFails(candidates);
            if (found >= 0) {
                kept = candidates.get(found);
                pieces = Math.max(2, pieces - 1);
            } else if (pieces == kept.size()) {
                break;
            } else {
                pieces *= 2;
            }
        }
        return kept;
    }

    /** The parts without one piece of so many. */
    private static <P> List<List<P>> candidates(List<P> parts, int pieces) {
        List<List<P>> candidates = new ArrayList<>();
        for (int n = 0; n < pieces; n++) {
            List<P> left = new ArrayList<>(parts.subList(0, parts.size() * n / pieces));
            left.addAll(parts.subList(parts.size() * (n + 1) / pieces, parts.size()));
            candidates.add(left);
        }
        return candidates;
    }
}
