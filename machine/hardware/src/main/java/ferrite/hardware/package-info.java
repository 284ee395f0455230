/**
 * The machine without a board: {@code Machine} builds harts, RAM, bus, clock and turn, and takes snapshots and
 * fingerprints of them. It uses the packages below it and Commons Lang, and nothing else. Boards build machines from
 * it, and the monitor's commands, the kernel and tests use the machine that they are given.
 */
package ferrite.hardware;
