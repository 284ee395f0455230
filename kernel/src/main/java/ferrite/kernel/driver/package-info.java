/**
 * Drivers, linked in and loaded, and {@link ferrite.kernel.driver.KernelCalls}, the door through which they call the
 * kernel. It may use {@code fs} and the floors below. A driver sees only types marked
 * {@link ferrite.kernel.base.DriverApi}.
 */
package ferrite.kernel.driver;

