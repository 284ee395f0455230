/**
 * No device: the terminal that the drivers of serial ports share, Linux's tty layer.
 */
package ferrite.peripherals.tty;
