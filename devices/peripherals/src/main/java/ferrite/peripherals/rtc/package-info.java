/** The Goldfish real-time clock, as QEMU's virt board has it: registers, device model, driver and its record. */
package ferrite.peripherals.rtc;
