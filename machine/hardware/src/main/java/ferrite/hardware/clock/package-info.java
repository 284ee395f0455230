/**
 * Virtual time: the clock, its events and the budget that all execution counts down. It uses {@code state} to save
 * itself, and nothing else of Ferrite. Harts, devices, the turn and the kernel may use it.
 */
package ferrite.hardware.clock;
