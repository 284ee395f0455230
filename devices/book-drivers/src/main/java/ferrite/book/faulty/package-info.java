/** {@code faulty}: two mistakes on purpose, and what the kernel says (LDD3 pages 93-96). */
package ferrite.book.faulty;
