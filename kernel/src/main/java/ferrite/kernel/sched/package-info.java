/**
 * Tasks, the scheduler, wait queues, mutexes, timers, signals. It may use {@code core} and the floors below. It reaches
 * memory and files through {@link ferrite.kernel.sched.TaskServices}.
 */
package ferrite.kernel.sched;

