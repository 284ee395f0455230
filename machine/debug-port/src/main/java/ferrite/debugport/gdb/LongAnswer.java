package ferrite.debugport.gdb;

/**
 * An answer that is made piece by piece. Between the pieces the machine runs on, if it runs, and other clients are
 * served.
 */
@FunctionalInterface
interface LongAnswer {

    /** Makes the next piece, in a few milliseconds. Returns the reply; null if there is more to do. */
    String next() throws PacketException;
}
