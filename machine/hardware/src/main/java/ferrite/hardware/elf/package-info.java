/**
 * ELF files: a checked description of an executable, with its segments and symbols. It uses nothing else of Ferrite.
 * Loaders of images and the debugger's commands may use it.
 */
package ferrite.hardware.elf;
