/** {@code simple}: physical memory mapped at once, and page by page (LDD3 pages 424-430). */
package ferrite.book.simple;
