package ferrite.hardware.bus;

/**
 * Listener for accesses to watched physical pages.
 *
 * <p>It is called before the access happens, for every bus master. Watched pages are kept out of every fast path, so
 * pages without a monitor pay nothing (law 8).
 */
@FunctionalInterface
public interface AccessMonitor {

    /** Announces an access of {@code bytes} bytes at {@code pa}. The bytes lie inside one page. */
    void beforeAccess(long pa, int bytes, boolean store);
}
