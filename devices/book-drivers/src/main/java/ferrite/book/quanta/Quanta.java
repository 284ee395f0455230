package ferrite.book.quanta;

/** The allocator of quanta, in which scull, scullc, scullp and scullv differ (LDD3 chapter 8). */
public interface Quanta {

    /** Allocates a quantum of zeros. Returns its address, or 0. Task context; may sleep. */
    long allocate(int bytes);

    /** Frees a quantum of {@code bytes}; 0 is legal. Task context; may sleep. */
    void free(long quantum, int bytes);
}
