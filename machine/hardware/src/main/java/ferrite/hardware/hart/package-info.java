/**
 * One hart: registers, CSRs, traps, the interpreter, the MMU with its TLB and fast paths, physical memory protection,
 * and the gate to a Java kernel. It uses {@code bus}, {@code clock}, {@code instruction} and {@code state}. The turn
 * runs harts, interrupt controllers drive their wires, and the kernel, the debugger and boards may use them.
 */
package ferrite.hardware.hart;
