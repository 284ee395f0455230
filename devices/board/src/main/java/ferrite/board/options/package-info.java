/** The options that describe a machine, and their limits. */
package ferrite.board.options;
