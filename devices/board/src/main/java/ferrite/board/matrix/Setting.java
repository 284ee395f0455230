package ferrite.board.matrix;

/** The axis of the context in which a cell allocates. */
enum Setting {

    TASK("task"),
    /** A task with preemption off, which must not sleep. */
    ATOMIC("atomic");

    private final String text;

    Setting(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
