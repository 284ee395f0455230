/** The list of the book's drivers. */
package ferrite.book;
