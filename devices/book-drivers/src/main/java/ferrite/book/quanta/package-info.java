/** The memory of scull devices and its files, for scull and the drivers that get their quanta from other allocators. */
package ferrite.book.quanta;
