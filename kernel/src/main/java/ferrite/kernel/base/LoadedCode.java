package ferrite.kernel.base;

/**
 * Marks the class loader of a driver that was loaded while the machine ran. It tells the driver's calls from the
 * kernel's own.
 */
public interface LoadedCode { }
