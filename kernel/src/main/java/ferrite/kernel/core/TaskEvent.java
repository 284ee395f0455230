package ferrite.kernel.core;

/**
 * A hart switches to a task, or a sleeping task becomes runnable.
 *
 * @param wakes    whether this is a wake-up
 * @param task     address of the task that runs next, or is woken
 * @param previous address of the task that leaves the hart; 0 for a wake-up
 */
public record TaskEvent(boolean wakes, long task, long previous) { }
