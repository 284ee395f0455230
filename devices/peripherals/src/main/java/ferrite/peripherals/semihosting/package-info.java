/**
 * Semihosting: the calls by which a bare program asks its host for files, the console and its end (RISC-V semihosting
 * 1.0, which takes the calls of Arm's).
 */
package ferrite.peripherals.semihosting;
