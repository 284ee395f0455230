/**
 * Drivers, those that are linked in and those that are loaded, and {@link ferrite.kernel.driver.KernelCalls}, the door
 * through which they call the kernel. It may use {@code fs} and the floors below; a driver sees only what is marked
 * {@link ferrite.kernel.base.DriverApi}.
 */
package ferrite.kernel.driver;

