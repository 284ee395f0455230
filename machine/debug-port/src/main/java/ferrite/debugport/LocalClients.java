package ferrite.debugport;

import java.net.InetSocketAddress;

/** Knowledge of the users of clients that connect from this host. */
@FunctionalInterface
public interface LocalClients {

    /**
     * Tells whether a program of this process's user has a connection.
     *
     * @param client the client's end of the connection
     * @param port   the port's end
     */
    boolean areOwn(InetSocketAddress client, InetSocketAddress port);
}
