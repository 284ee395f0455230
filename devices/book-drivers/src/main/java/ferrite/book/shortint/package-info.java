/** {@code short}: registers and interrupts of a simple chip (LDD3 chapters 9 and 10). */
package ferrite.book.shortint;
