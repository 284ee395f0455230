/** The parts that the book's drivers share: static pointers, device files, parameters that are numbers. */
package ferrite.book.base;
