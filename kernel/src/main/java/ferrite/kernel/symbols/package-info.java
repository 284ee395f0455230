/**
 * The kernel in a debugger: a file of symbols and types for GDB, made from the layouts and the calls
 * ({@link ferrite.kernel.symbols.KernelSymbols}), and GDB commands that print the inspectors of {@code /proc} from
 * memory. It only looks.
 */
package ferrite.kernel.symbols;
