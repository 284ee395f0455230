/**
 * The host-target interface of Spike, which watches two words of RAM. The model imports {@code ferrite.hardware} only.
 * There is no driver: only bare programs use the interface.
 */
package ferrite.peripherals.htif;
