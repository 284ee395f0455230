package ferrite.book.quanta;

/** Finds the pages of a quantum, for programs that map it. */
@FunctionalInterface
public interface PageOf {

    /**
     * Returns the {@code struct page} of a byte of a quantum.
     *
     * @param offset of the byte in the quantum
     */
    long find(long quantum, long offset);
}
