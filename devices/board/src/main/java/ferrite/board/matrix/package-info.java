/**
 * The constraint matrix of the DMA rules ({@code ferrite matrix}). {@link ferrite.board.matrix.Expectation} states the
 * right outcome of a {@link ferrite.board.matrix.Cell}; {@link ferrite.board.matrix.MatrixDriver} observes the outcome
 * on a machine.
 */
package ferrite.board.matrix;
