package ferrite.kernel;

/**
 * The kernel's first task, a shell for example. Each object serves one kernel object; its constructor makes its text
 * addresses.
 */
public interface FirstTask {

    /** No first task. */
    FirstTask NONE = () -> { };

    /** Makes the task. Boot; may sleep. A kernel that attaches to a machine finds the task there. */
    void start();
}
