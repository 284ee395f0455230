package ferrite.kernel.check;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The set of rules that are checked. */
public final class Checks {

    /** All rules but those that report what works on every machine. */
    public static final Checks DEFAULT = new Checks(EnumSet.complementOf(EnumSet.of(Rule.DMA_UNINITIALIZED)));
    public static final Checks ALL = new Checks(EnumSet.allOf(Rule.class));
    public static final Checks NONE = new Checks(EnumSet.noneOf(Rule.class));

    private final Set<Rule> rules;

    private Checks(Set<Rule> rules) {
        this.rules = rules;
    }

    public boolean has(Rule rule) {
        return rules.contains(rule);
    }

    /** Tells whether no rule is checked. */
    public boolean areNone() {
        return rules.isEmpty();
    }

    /**
     * Parses {@code all}, {@code default}, {@code none}, or a comma-separated list of rules.
     *
     * @throws IllegalArgumentException if a name is unknown; the message lists the names
     */
    public static Checks parse(String text) {
        switch (text) {
            case "all":
                return ALL;
            case "default":
                return DEFAULT;
            case "none":
                return NONE;
            default:
                return new Checks(Stream.of(text.split(",", -1)).map(Checks::rule)
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Rule.class))));
        }
    }

    private static Rule rule(String name) {
        Rule rule = Rule.of(name);
        if (rule == null) {
            throw new IllegalArgumentException("there is no rule '" + name
                    + "'; use all, default, none, or a comma-separated list of these: " + Stream.of(Rule.values())
                    .map(Rule::text).collect(Collectors.joining(",")));
        }
        return rule;
    }
}
