/**
 * The monitor commands of the kernel, which only look. It may use {@link ferrite.kernel.Kernel} and the floors below.
 */
package ferrite.kernel.monitor;

