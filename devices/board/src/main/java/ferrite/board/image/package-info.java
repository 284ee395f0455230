/** The programs that a bare board starts with: reading them, checking them, and giving each its place in RAM. */
package ferrite.board.image;
