package ferrite.hardware.turn;

/** Checks the accesses of Java code to memory, before they are made. It may inspect, but must change nothing. */
@FunctionalInterface
public interface AccessCheck {

    /** The check that finds nothing. */
    AccessCheck NONE = (va, bytes, store) -> { };

    /** Checks an access to bytes at a virtual address. The access is made whatever the check finds. */
    void check(long va, int bytes, boolean store);

    /** Checks a copy of bytes, whose pieces are then read and written unchecked. */
    default void checkCopy(long to, long from, int bytes) {
        check(from, bytes, false);
        check(to, bytes, true);
    }
}
