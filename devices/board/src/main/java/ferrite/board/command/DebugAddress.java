package ferrite.board.command;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** {@code [HOST:]PORT}; loopback when no host is named. */
final class DebugAddress {

    private static final int LONGEST_TOKEN = 256;

    private DebugAddress() { }

    /** @param token what clients have to say first, or null */
    static InetSocketAddress parse(String text, String token) {
        checkToken(token);
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new UsageException("--debug " + text + ": [HOST:]PORT is expected, with a port from 0 (any that is free) to 65535");
        }
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        InetSocketAddress address = host.isEmpty()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port))
                : new InetSocketAddress(host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new UsageException("--debug " + text + ": there is no host " + host);
        }
        if (!address.getAddress().isLoopbackAddress() && token == null) {
            throw new UsageException("--debug " + text + ": beyond the loopback address a token is needed; give --token T");
        }
        return address;
    }

    /** {@code HOST:PORT}, where a client finds a machine. */
    static InetSocketAddress parseClient(String text, String token) {
        checkToken(token);
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        String host = text.substring(0, Math.max(0, colon)).replaceAll("^\\[(.*)]$", "$1");
        if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535 || Integer.parseInt(port) == 0) {
            throw new UsageException(text + ": HOST:PORT is expected, with a port from 1 to 65535, as in the line 'debug port' that the machine printed");
        }
        InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(port));
        if (address.isUnresolved()) {
            throw new UsageException(text + ": there is no host " + host);
        }
        return address;
    }

    private static void checkToken(String token) {
        if (token != null && !token.matches("(?U)[^\\s\\p{Cntrl}]{1," + LONGEST_TOKEN + "}")) {
            throw new UsageException("--token: one word of 1 to " + LONGEST_TOKEN + " characters is expected");
        }
    }

    /** An address as {@link #parse} reads it. */
    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
