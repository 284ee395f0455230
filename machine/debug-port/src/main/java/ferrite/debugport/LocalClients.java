package ferrite.debugport;

import java.net.InetSocketAddress;

/** Knowledge of the users of clients that connect from this host. */
@FunctionalInterface
public interface LocalClients {

    /** The user of a client. */
    enum User {
        /** The user of this process. */
        OWN,
        /** Another user. */
        OTHER,
        /** Unknown: the client has closed its end already. */
        GONE
    }

    /**
     * Returns the user of a client.
     *
     * @param client the client's end of the connection
     * @param port   the port's end
     */
    User user(InetSocketAddress client, InetSocketAddress port);
}
