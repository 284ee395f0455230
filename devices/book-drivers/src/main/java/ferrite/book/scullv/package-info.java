/** {@code scullv}: scull with vmalloc (LDD3 pages 225-228), mapped page by page (page 433). */
package ferrite.book.scullv;
