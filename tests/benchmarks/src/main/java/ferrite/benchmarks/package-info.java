/**
 * JMH benchmarks of the machine and the kernel, the table of figures, and the comparison with QEMU. It may use the
 * testkit, the board and everything below. Nothing in Ferrite depends on it.
 */
package ferrite.benchmarks;
