/**
 * The boot ROMs and the SBI firmware, as ELF files in the jar. It imports nothing of Ferrite. The board loads the
 * images into guest memory.
 */
package ferrite.firmware;
