package ferrite.kernel.check;

/**
 * The rules that are checked. What breaks one is reported and the run goes on as it would have without the check; so which rules are checked
 * changes no run.
 */
public enum Rule {

    DMA_ABOVE_REACH("dma-above-reach", "a DMA channel is given a buffer beyond the controller's address lines",
            "give it memory of the DMA zone: GFP_DMA"),
    SLEEP_IN_ATOMIC("sleep-in-atomic", "a call that may sleep is made with a spinlock held, preemption or interrupts off, or in an interrupt handler",
            "ask for GFP_ATOMIC, or make the call before the atomic section begins");

    private final String text;
    private final String wrong;
    private final String right;

    Rule(String text, String wrong, String right) {
        this.text = text;
        this.wrong = wrong;
        this.right = right;
    }

    /** The rule's name, as in {@code --check} and in reports. */
    public String text() {
        return text;
    }

    /** What is wrong, as a clause. */
    public String wrong() {
        return wrong;
    }

    /** What would be right, as a clause. */
    public String right() {
        return right;
    }

    /** The rule of a name, or null. */
    public static Rule of(String name) {
        for (Rule rule : values()) {
            if (rule.text.equals(name)) {
                return rule;
            }
        }
        return null;
    }
}
