/** The streams of the host process: terminal, pipes and files. */
package ferrite.board.stdio;
