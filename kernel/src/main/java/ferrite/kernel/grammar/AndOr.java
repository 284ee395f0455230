package ferrite.kernel.grammar;

import java.util.List;

/**
 * Pipelines with {@code &&} or {@code ||} between two of them.
 *
 * @param steps        at least one
 * @param inBackground whether {@code &} follows
 * @param source       the characters of all this
 */
public record AndOr(List<Step> steps, boolean inBackground, String source) {

    /**
     * A pipeline, and the condition on which it runs.
     *
     * @param condition the operator before it
     */
    public record Step(Condition condition, Pipeline pipeline) {

        /** Tells whether the pipeline runs after one that ended with this status. */
        public boolean runsAfter(int status) {
            return condition == Condition.ALWAYS || condition == Condition.AND == (status == 0);
        }
    }

    /** The condition of a step. */
    public enum Condition { ALWAYS, AND, OR }

    /** Returns the only command, or null if there are several, or a {@code !}. */
    public SimpleCommand onlyCommand() {
        Pipeline first = steps.get(0).pipeline();
        return steps.size() == 1 && !first.isNot() && first.commands().size() == 1 ? first.commands().get(0) : null;
    }
}
