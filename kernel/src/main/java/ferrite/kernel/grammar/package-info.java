/**
 * The grammar of the shell's lines: POSIX's words, quotes and comments, {@code | && || ; &} and redirections. It knows
 * nothing of the machine, so front ends use it too. What POSIX has and this shell has not is a {@link
 * ferrite.kernel.grammar.SyntaxError} with a sentence, never a word.
 */
package ferrite.kernel.grammar;
