package ferrite.debugport;

/**
 * The conditions under which clients are served.
 *
 * @param token   the token in a client's first line, {@code token T} or {@code auth T}, or in each HTTP request; null
 *                needs none, and is allowed only on the loopback interface
 * @param gdbOpen whether GDB, which cannot name a token, is served without one
 */
public record DebugAccess(String token, boolean gdbOpen) {

    /** Clients need no token. */
    public static final DebugAccess OPEN = new DebugAccess(null, false);
}
