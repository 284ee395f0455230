/**
 * Debugging information in DWARF, version 4: a C program's types, variables and functions, as a debugger such as GDB
 * reads them. {@link ferrite.hardware.dwarf.CProgram} describes the program in C's words. The writer of
 * package {@code elf} makes a file of the sections.
 */
package ferrite.hardware.dwarf;
