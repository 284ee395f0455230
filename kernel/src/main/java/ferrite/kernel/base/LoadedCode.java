package ferrite.kernel.base;

/** Marks the class loader of a driver that was loaded while the machine ran, so that what its code does can be told from what the kernel's does. */
public interface LoadedCode { }
