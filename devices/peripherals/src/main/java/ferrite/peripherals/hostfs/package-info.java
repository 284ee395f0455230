/** Files of the host, in the one directory of {@code --host-files}: registers, device model, driver and its record. */
package ferrite.peripherals.hostfs;
