package ferrite.scenarios;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Shrinks an input that shows a mistake. It leaves out parts, first many and then few, as long as the mistake shows
 * (Zeller and Hildebrandt, 2002).
 */
public final class DeltaDebugging {

    /**
     * Tries candidates. Each candidate is a list of the remaining parts.
     *
     * @param <P> a part
     */
    public interface Trial<P> {

        /** Returns the number of the first candidate that still shows the mistake, or -1. */
        int firstThatFails(List<List<P>> candidates) throws IOException, InterruptedException;
    }

    private DeltaDebugging() { }

    /** Returns the parts that are necessary to show the mistake. */
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

    /** Returns the candidates. Each leaves out one of {@code pieces} pieces. */
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
