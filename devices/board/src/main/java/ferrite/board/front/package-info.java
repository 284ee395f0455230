/** The forms in which a run shows commands and violations: text, a terminal, and lines of JSON. */
package ferrite.board.front;
