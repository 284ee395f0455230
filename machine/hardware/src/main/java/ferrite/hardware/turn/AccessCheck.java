package ferrite.hardware.turn;

/** Checks the accesses of Java code to memory, before they are made. It may inspect, but must change nothing. */
@FunctionalInterface
public interface AccessCheck {

    /** Checks an access to bytes at a virtual address. The access is made whatever the check finds. */
    void check(long va, int bytes, boolean store);
}
