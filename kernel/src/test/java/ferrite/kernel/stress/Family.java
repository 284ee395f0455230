package ferrite.kernel.stress;

import ferrite.kernel.KernelFixture;
import java.util.Random;

/**
 * A family of allocation calls that the model checks: pages, kmalloc, a lookaside cache. A new family is checked
 * together with all others.
 */
interface Family {

    /** The arguments of an allocation: numbers that only the family interprets. */
    record Request(int gfp, int size) { }

    /** The result of an allocation. {@code va} is 0 if the memory has no address. */
    record Piece(long key, long va, long pa, long bytes) { }

    Request random(Random random, boolean atomic);

    /**
     * Allocates a piece, or returns null if the call failed. Checks the family's own rules: zone, alignment. In a task
     * or a handler.
     */
    Piece allocate(KernelFixture fixture, Request request);

    void free(KernelFixture fixture, Request request, Piece piece);

    /** Whether a piece can be resized to a request and keep the bytes that fit in both. */
    default boolean canResize(Request to) {
        return false;
    }

    /**
     * Resizes a piece. Returns the new piece; null if there was no memory and the old piece is unchanged. In a task.
     */
    default Piece resize(KernelFixture fixture, Piece piece, Request to) {
        throw new UnsupportedOperationException(describe(to));
    }

    /** Whether the request asks for zeroed memory. */
    boolean zeroed(Request request);

    String describe(Request request);

    /** Triggers the allocations that the kernel makes at first use and keeps. In a task, before anything is counted. */
    default void prepare(KernelFixture fixture) { }

    /** Whether an interrupt handler may allocate from it. */
    default boolean mayBeAtomic() {
        return true;
    }
}
