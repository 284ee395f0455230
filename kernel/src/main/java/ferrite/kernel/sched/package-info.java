/**
 * Tasks, the scheduler, and what tasks wait with: wait queues, mutexes, timers, signals. It may use {@code core} and
 * the floors below; what it needs of memory and files it asks for through {@link ferrite.kernel.sched.TaskServices}.
 */
package ferrite.kernel.sched;

