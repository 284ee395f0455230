/** One run of a machine from power-on to power-off: its input, its output, its prompts and its exit status. */
package ferrite.board.session;
