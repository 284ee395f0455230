/** {@code scullc}: scull with a lookaside cache (LDD3 page 219). */
package ferrite.book.scullc;
