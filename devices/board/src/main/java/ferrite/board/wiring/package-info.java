/**
 * The boards: {@link ferrite.board.wiring.Board} for the mini-kernel, {@link ferrite.board.wiring.BareBoard} for bare
 * programs.
 */
package ferrite.board.wiring;
