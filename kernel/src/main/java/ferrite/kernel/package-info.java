/**
 * The mini-kernel: {@link ferrite.kernel.Kernel} boots, attaches and takes traps. It stands above all floors but the
 * monitor commands and the shell, and may use every package below it.
 */
package ferrite.kernel;

