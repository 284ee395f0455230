/**
 * Execution: the turn, which hart runs and on which host thread, interleaving policies, and the memory and CPU of a
 * hart as a Java kernel uses them. It uses {@code bus}, {@code clock}, {@code hart} and {@code state}. The machine
 * builds it, a controller runs it, and the kernel, the monitor's commands and drivers reach memory through it.
 */
package ferrite.hardware.turn;
