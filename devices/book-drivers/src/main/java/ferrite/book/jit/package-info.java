/** {@code jit} and {@code jiq}: time, delays, and work that is done later (LDD3 chapter 7). */
package ferrite.book.jit;
