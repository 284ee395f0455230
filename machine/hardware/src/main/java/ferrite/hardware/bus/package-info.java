/**
 * The physical bus: RAM, address ranges, devices, bus masters, LR reservations, watched pages and the cache of decoded
 * code pages. It uses {@code report} for addresses in messages, and nothing else of Ferrite. Every other part of the
 * machine may use it, and so may device models, the kernel and boards.
 */
package ferrite.hardware.bus;
