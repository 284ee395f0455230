/** Devices of users: their models are loaded from jars, and get a place on the board. */
package ferrite.board.plug;
