/**
 * Interrupt controllers and wires: the PLIC, the ACLINT, and the interface of an interrupt line. It uses {@code bus},
 * {@code clock}, {@code hart} and {@code state}. Boards attach the controllers, and devices drive the lines.
 */
package ferrite.hardware.interrupt;
