/**
 * Interrupts: the PLIC and the table of handlers. It may use {@code mm}, {@code sched} and the floors below.
 */
package ferrite.kernel.irq;

