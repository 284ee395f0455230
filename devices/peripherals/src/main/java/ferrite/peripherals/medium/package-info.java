/**
 * Files of the host: as media, with the write cache that all disks share, and in a directory that a machine may use.
 * There is no device and no driver here. It imports {@code ferrite.hardware.state} only.
 */
package ferrite.peripherals.medium;
