/**
 * Virtio over the memory bus, with block, console, entropy and network devices, and the monitor's {@code virtio}
 * command. The package imports {@code ferrite.hardware} and, for disks and network cards,
 * {@code ferrite.peripherals.medium} and {@code ferrite.peripherals.net}. Drivers belong to the guest programs, so none
 * is here.
 */
package ferrite.peripherals.virtio;
