/**
 * What a debugger needs of a machine: its memory as a hart sees it, and what the software on it can tell. It may use
 * the machine, its bus, harts and turn.
 */
package ferrite.hardware.debug;
