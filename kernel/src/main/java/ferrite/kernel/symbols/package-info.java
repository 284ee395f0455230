/**
 * The kernel as a debugger sees it: a file of symbols and types for GDB, made from the layouts and the calls
 * ({@link ferrite.kernel.symbols.KernelSymbols}), and GDB commands that show what {@code /proc} shows. It only looks.
 */
@Plumbing
package ferrite.kernel.symbols;

import ferrite.kernel.base.Plumbing;
