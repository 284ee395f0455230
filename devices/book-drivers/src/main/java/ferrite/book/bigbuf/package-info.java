/** {@code bigbuf}: a large contiguous buffer, which only a driver that is linked in gets (LDD3 page 230). */
package ferrite.book.bigbuf;
