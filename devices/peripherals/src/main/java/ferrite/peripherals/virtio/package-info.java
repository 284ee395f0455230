/**
 * Virtio over the memory bus, with block, console and entropy devices, and the monitor's {@code virtio} command. The
 * package imports {@code ferrite.hardware} and, for disks, {@code ferrite.peripherals.medium}. Drivers belong to the
 * guest programs, so none is here.
 */
package ferrite.peripherals.virtio;
