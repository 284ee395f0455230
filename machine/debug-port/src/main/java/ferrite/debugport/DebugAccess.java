package ferrite.debugport;

/**
 * The conditions under which clients are served.
 *
 * @param token   the token in a client's first line, {@code token T} or {@code auth T}, or in each HTTP request; null
 *                needs none, and is allowed only on the loopback interface
 * @param gdbOpen whether GDB, which cannot name a token, is served without one
 * @param tls     the certificate with which all clients have to speak TLS, or null for plain text
 * @param locals  tells apart the users of clients of this host; null tells none apart
 * @param guarded whether clients without the token may look, and the own ones may control the machine; allowed only on
 *                the loopback interface
 */
public record DebugAccess(String token, boolean gdbOpen, ServerTls tls, LocalClients locals, boolean guarded) {

    /** Clients need no token. */
    public static final DebugAccess OPEN = new DebugAccess(null, false);

    /** Serves clients in plain text. */
    public DebugAccess(String token, boolean gdbOpen) {
        this(token, gdbOpen, null, null);
    }

    /** Serves clients that have the token, or all if it is null. */
    public DebugAccess(String token, boolean gdbOpen, ServerTls tls, LocalClients locals) {
        this(token, gdbOpen, tls, locals, false);
    }

    /** Serves clients of this host, each with the rights that it shows. */
    public static DebugAccess guarded(String token, ServerTls tls, LocalClients locals) {
        return new DebugAccess(token, false, tls, locals, true);
    }
}
