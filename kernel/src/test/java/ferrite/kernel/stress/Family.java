package ferrite.kernel.stress;

import ferrite.kernel.KernelFixture;
import java.util.Random;

/** A family of allocation calls that the model checks: pages, kmalloc, a lookaside cache. One that is added here is checked with all the others. */
interface Family {

    /** What one allocation asks for: numbers that only the family understands. */
    record Request(int gfp, int size) { }

    /** What an allocation gave. {@code va} is 0 where the memory has no address. */
    record Piece(long key, long va, long pa, long bytes) { }

    Request random(Random random, boolean atomic);

    /** The piece, or null when the call failed. Checks what only the family knows: zone, alignment. In a task or a handler. */
    Piece allocate(KernelFixture fixture, Request request);

    void free(KernelFixture fixture, Request request, Piece piece);

    /** Whether a piece can become one of that request, keeping what both have room for. */
    default boolean canResize(Request to) {
        return false;
    }

    /** The piece from now on, or null when there was no memory and the old one is as it was. In a task. */
    default Piece resize(KernelFixture fixture, Piece piece, Request to) {
        throw new UnsupportedOperationException(describe(to));
    }

    /** Whether the request asked for zeros. */
    boolean zeroed(Request request);

    String describe(Request request);

    /** Makes what the kernel makes when the family is used for the first time, and keeps. In a task, before anything is counted. */
    default void prepare(KernelFixture fixture) { }

    /** Whether an interrupt handler may allocate of it. */
    default boolean mayBeAtomic() {
        return true;
    }
}
