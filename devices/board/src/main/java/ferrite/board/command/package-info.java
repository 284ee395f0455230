/** The {@code ferrite} command line. */
package ferrite.board.command;
