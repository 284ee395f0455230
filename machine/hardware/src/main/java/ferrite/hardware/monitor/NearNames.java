package ferrite.hardware.monitor;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the names that a mistyped one may stand for. */
public final class NearNames {

    private static final int MAX_NAMES = 3;
    private static final double MIN_LIKENESS = 0.4;
    /** A word with fewer equal letters is another word, not a mistyped one. */
    private static final double MIN_SHARE = 0.65;
    /** A longer word is a mistake of another kind. */
    private static final int MAX_LETTERS = 64;

    private NearNames() { }

    /** Returns the names that are most like {@code typed}, at most three, the best one first. */
    public static List<String> of(String typed, List<String> names) {
        return typed.length() > MAX_LETTERS ? List.of() : names.stream().distinct()
                .filter(name -> likeness(typed, name) >= MIN_LIKENESS)
                .sorted(Comparator.comparingDouble(name -> -likeness(typed, name))).limit(MAX_NAMES).toList();
    }

    /** Returns a question with the names that are most like {@code typed}, or another sentence if none is. */
    public static String question(String typed, List<String> names, String otherwise) {
        List<String> near = of(typed, names);
        return near.isEmpty() ? otherwise : "did you mean " + String.join(" or ", near) + "?";
    }

    /** Returns how like two words are, from 0 to 1. */
    private static double likeness(String one, String other) {
        double share = 1 - (double) distance(one, other) / Math.max(one.length(), other.length());
        return Math.max(sharedPairs(one, other), share < MIN_SHARE ? 0 : share);
    }

    /** Returns the number of letters to insert, delete, replace or swap with a neighbour to get the other word. */
    private static int distance(String one, String other) {
        int[][] distance = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    distance[i][j] = i + j;
                    continue;
                }
                boolean same = one.charAt(i - 1) == other.charAt(j - 1);
                distance[i][j] = Math.min(distance[i - 1][j - 1] + (same ? 0 : 1),
                        Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
                if (i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
                }
            }
        }
        return distance[one.length()][other.length()];
    }

    /** Returns the share of pairs of letters that both have, from 0 to 1 (the Dice coefficient). */
    private static double sharedPairs(String one, String other) {
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
