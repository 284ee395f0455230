/** {@code sbull}: disks in memory (LDD3 chapter 16). */
package ferrite.book.sbull;
