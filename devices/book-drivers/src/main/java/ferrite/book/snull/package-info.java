/** {@code snull}: two network devices that are wired to each other (LDD3 chapter 17). */
package ferrite.book.snull;
