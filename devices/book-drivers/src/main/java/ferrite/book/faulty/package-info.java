/** {@code faulty}: two mistakes on purpose, which the kernel reports (LDD3 pages 93-96). */
package ferrite.book.faulty;
