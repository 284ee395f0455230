package ferrite.board.command;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Reads {@code [HOST:]PORT}; the host is the loopback address unless it is named. */
final class DebugAddress {

    private DebugAddress() { }

    /** @param token the token that clients have to name first, or null */
    static InetSocketAddress parse(String text, String token) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new UsageException("--debug " + text
                    + ": [HOST:]PORT is expected, with a port from 0 (any that is free) to 65535");
        }
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        InetSocketAddress address = host.isEmpty()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port))
                : new InetSocketAddress(host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new UsageException("--debug " + text + ": there is no host " + host);
        }
        if (!address.getAddress().isLoopbackAddress() && token == null) {
            throw new UsageException("--debug " + text
                    + ": beyond the loopback address a token is needed; give --token-file FILE or --token T");
        }
        return address;
    }

    /** Reads {@code HOST:PORT}, the address at which a client finds a machine. */
    static InetSocketAddress parseClient(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        String host = text.substring(0, Math.max(0, colon)).replaceAll("^\\[(.*)]$", "$1");
        if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535
                || Integer.parseInt(port) == 0) {
            throw new UsageException(text + ": HOST:PORT is expected, with a port from 1 to 65535, as in the line "
                    + "'debug port' that the machine printed");
        }
        InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new UsageException(text + ": there is no host " + host);
        }
        return address;
    }

    /** Writes an address as {@link #parse} reads it. */
    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
