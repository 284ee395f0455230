/**
 * The instruction set: the tables of 32-bit and 16-bit instructions, their fields, the decoder, the disassembler, and
 * the names of registers and CSRs. It uses nothing else of Ferrite. The interpreter in {@code hart}, a translator, the
 * debugger's commands and tests may use it.
 */
package ferrite.hardware.instruction;
