/** The device tree of each board, as the firmware and the kernel find it in memory. */
package ferrite.board.devicetree;
