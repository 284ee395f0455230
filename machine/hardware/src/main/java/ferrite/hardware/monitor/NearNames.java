package ferrite.hardware.monitor;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the names that a mistyped one may stand for. */
public final class NearNames {

    private static final int MAX_NAMES = 3;
    private static final double MIN_LIKENESS = 0.4;

    private NearNames() { }

    /** Returns the names that are most like {@code typed}, at most three, the best one first. */
    public static List<String> of(String typed, List<String> names) {
        return names.stream().filter(name -> likeness(typed, name) >= MIN_LIKENESS)
                .sorted(Comparator.comparingDouble(name -> -likeness(typed, name))).limit(MAX_NAMES).toList();
    }

    /** Returns a question with the names that are most like {@code typed}; the other sentence if none is. */
    public static String question(String typed, List<String> names, String otherwise) {
        List<String> near = of(typed, names);
        return near.isEmpty() ? otherwise : "did you mean " + String.join(" or ", near) + "?";
    }

    /** Returns the share of pairs of letters that both have, from 0 to 1 (the Dice coefficient). */
    private static double likeness(String one, String other) {
        Set<String> pairs = pairs(one);
        Set<String> both = new HashSet<>(pairs);
        both.retainAll(pairs(other));
        return 2.0 * both.size() / (pairs.size() + pairs(other).size());
    }

    private static Set<String> pairs(String word) {
        String marked = "^" + word + "$";
        Set<String> pairs = new HashSet<>();
        for (int i = 0; i + 2 <= marked.length(); i++) {
            pairs.add(marked.substring(i, i + 2));
        }
        return pairs;
    }
}
