/** {@code scull}: areas of memory, pipes and devices with access control (LDD3 chapters 3 to 6). */
package ferrite.book.scull;
