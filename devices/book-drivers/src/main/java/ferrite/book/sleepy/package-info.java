/** {@code sleepy}: readers sleep until there is a write (LDD3 page 149). */
package ferrite.book.sleepy;
