/**
 * The shell, which the board hands to the kernel as its first task. It stands above the kernel.
 */
package ferrite.kernel.shell;

