package ferrite.kernel;

/** The kernel's first task, which stands above it: a shell, for example. An object serves one kernel object, whose constructor makes its text addresses. */
public interface FirstTask {

    /** No first task. */
    FirstTask NONE = () -> { };

    /** Makes the task. Boot; may sleep. A kernel that attaches to a machine finds the task there. */
    void start();
}
