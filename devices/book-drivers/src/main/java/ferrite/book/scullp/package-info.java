/** {@code scullp}: scull with pages by order (LDD3 pages 223-225), mapped page by page (pages 429-433). */
package ferrite.book.scullp;
