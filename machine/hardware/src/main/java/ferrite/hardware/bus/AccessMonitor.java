package ferrite.hardware.bus;

/**
 * Is told of accesses to physical pages that it watches, before they happen, whoever makes them. Watched pages are
 * left out of every fast path; pages nobody watches pay nothing (law 8).
 */
@FunctionalInterface
public interface AccessMonitor {

    /** An access of {@code bytes} bytes at {@code pa}, inside one page, is about to happen. */
    void beforeAccess(long pa, int bytes, boolean store);
}
