/**
 * Host files as media, and the write cache that all disks share. There is no device and no driver here: the disk models
 * use this package. It imports {@code ferrite.hardware.state} only.
 */
package ferrite.peripherals.medium;
