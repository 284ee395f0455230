/**
 * A sound card that software drives as a Sound Blaster 16: registers, device model, the files that it plays to and
 * records from, its driver and the driver's records.
 */
package ferrite.peripherals.sound;
