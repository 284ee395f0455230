/**
 * A corpus of broken drivers, each with its corrected twin. Every story is a mistake that drivers really make, carried
 * out on a whole machine, and names the rule that reports it. {@code ferrite checks --score} runs all of them. It may
 * use the board's options and sessions.
 */
package ferrite.board.corpus;
