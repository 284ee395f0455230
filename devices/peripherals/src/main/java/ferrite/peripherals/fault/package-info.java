/** No device: the faults that a user asks devices to have. */
package ferrite.peripherals.fault;
