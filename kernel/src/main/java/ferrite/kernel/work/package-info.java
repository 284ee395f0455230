/**
 * Work queues: functions that tasks of the kernel call later. It may use {@code sched} and the floors below.
 */
package ferrite.kernel.work;
