package ferrite.debugport;

import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Linux's tables of sockets, {@code /proc/net/tcp} and {@code tcp6} (proc(5)). They name the user of the other end of a
 * connection within this host. A system without them cannot tell users apart; all clients are then own ones.
 */
public final class SocketTable implements LocalClients {

    private static final int USER = 7;
    private static final int INODE = 9;
    /** More than a line has. */
    private static final int READ_BYTES = 8192;

    private final Path directory;
    private final String user;

    /**
     * Creates a table.
     *
     * @param directory the directory of the files, {@code /proc/net}
     * @param user      the number of the user of the own programs
     */
    SocketTable(Path directory, String user) {
        this.directory = directory;
        this.user = user;
    }

    /** Returns the tables of this host, with the user of this process. */
    public static SocketTable ofHost() {
        return new SocketTable(Path.of("/proc/net"), user());
    }

    /** Returns the number of the user of this process; empty if the system does not tell it. */
    private static String user() {
        try {
            return Files.getAttribute(Path.of("/proc/self/"), "unix:uid").toString();
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
            return "";
        }
    }

    @Override
    public User user(InetSocketAddress client, InetSocketAddress port) {
        Path old = directory.resolve("tcp");
        if (user.isEmpty() || !Files.exists(old)) {
            return User.OWN;
        }
        User found = find(old, client, port);
        return found != User.GONE ? found : find(directory.resolve("tcp6"), client, port);
    }

    private User find(Path table, InetSocketAddress client, InetSocketAddress port) {
        byte[] ends = ends(client, port, table.endsWith("tcp6"));
        byte[] lines = new byte[READ_BYTES];
        int filled = 0;
        try (InputStream in = Files.newInputStream(table)) {
            for (int n = in.read(lines); n > 0; n = in.read(lines, filled, READ_BYTES - filled)) {
                filled += n;
                int start = 0;
                for (int end = lineEnd(lines, start, filled); end >= 0; end = lineEnd(lines, start, filled)) {
                    if (contains(lines, start, end, ends)) {
                        return user(new String(lines, start, end - start, StandardCharsets.ISO_8859_1));
                    }
                    start = end + 1;
                }
                filled -= start;
                System.arraycopy(lines, start, lines, 0, filled);
            }
        } catch (IOException unreadable) {
            return User.GONE;
        }
        return User.GONE;
    }

    /** Returns the user that a line names. Linux shows a closed socket as one of user 0 and inode 0. */
    private User user(String line) {
        String[] words = line.strip().split(" +");
        return words.length <= INODE || words[INODE].equals("0") ? User.GONE
                : words[USER].equals(user) ? User.OWN : User.OTHER;
    }

    private static int lineEnd(byte[] lines, int start, int end) {
        int at = start;
        while (at < end && lines[at] != '\n') {
            at++;
        }
        return at < end ? at : -1;
    }

    /**
     * Tells whether a line has both ends of a connection, after the number of the socket. A line is compared in place:
     * a host may have thousands of sockets.
     */
    private static boolean contains(byte[] lines, int start, int end, byte[] ends) {
        int colon = start;
        while (colon < end && lines[colon] != ':') {
            colon++;
        }
        int from = colon + 1;
        return from + ends.length <= end && Arrays.equals(lines, from, from + ends.length, ends, 0, ends.length);
    }

    /** Writes the two ends of a connection as the tables do, each with a blank before it, and a blank after both. */
    private static byte[] ends(InetSocketAddress local, InetSocketAddress remote, boolean wide) {
        return (' ' + text(local, wide) + ' ' + text(remote, wide) + ' ').getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Writes an address as the tables do: words of 32 bits in the host's byte order, and the port. */
    private static String text(InetSocketAddress address, boolean wide) {
        byte[] bytes = address.getAddress().getAddress();
        StringBuilder text = new StringBuilder();
        if (wide && bytes.length == Integer.BYTES) {
            text.append("0000000000000000").append(word(new byte[] {0, 0, -1, -1}, 0));
        }
        for (int at = 0; at < bytes.length; at += Integer.BYTES) {
            text.append(word(bytes, at));
        }
        return text.append(':').append(digits(address.getPort(), 4)).toString();
    }

    private static String word(byte[] bytes, int at) {
        int word = ByteBuffer.wrap(bytes, at, Integer.BYTES).order(ByteOrder.nativeOrder()).getInt();
        return digits(word & 0xffff_ffffL, 8);
    }

    private static String digits(long value, int digits) {
        return Hex.digits(value, digits).toUpperCase(Locale.ROOT);
    }
}
