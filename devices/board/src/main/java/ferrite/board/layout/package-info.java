/** The memory map of each board: addresses, interrupts, and the amount of RAM that fits. */
package ferrite.board.layout;
