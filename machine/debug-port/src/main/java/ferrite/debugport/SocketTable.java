package ferrite.debugport;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Linux's tables of sockets, {@code /proc/net/tcp} and {@code tcp6} (proc(5)). They name the user of the other end of a
 * connection within this host. A system without them cannot tell users apart; all clients are then own ones.
 */
public final class SocketTable implements LocalClients {

    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int USER = 7;
    private static final int INODE = 9;

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
        boolean wide = table.endsWith("tcp6");
        String local = text(client, wide);
        String remote = text(port, wide);
        try (BufferedReader lines = Files.newBufferedReader(table)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Linux shows a closed socket as one of user 0 and inode 0.
                if (line.contains(local) && line.contains(remote)) {
                    String[] words = line.strip().split("\\s+");
                    if (words.length > INODE && words[LOCAL].equals(local) && words[REMOTE].equals(remote)) {
                        return words[INODE].equals("0") ? User.GONE : words[USER].equals(user) ? User.OWN : User.OTHER;
                    }
                }
            }
        } catch (IOException unreadable) {
            return User.GONE;
        }
        return User.GONE;
    }

    /** Writes an address as the tables do: words of 32 bits in the host's byte order, and the port. */
    private static String text(InetSocketAddress address, boolean wide) {
        InetAddress host = address.getAddress();
        byte[] bytes = host.getAddress();
        StringBuilder text = new StringBuilder();
        if (wide && bytes.length == Integer.BYTES) {
            text.append("0000000000000000").append(word(new byte[] {0, 0, -1, -1}, 0));
        }
        for (int at = 0; at < bytes.length; at += Integer.BYTES) {
            text.append(word(bytes, at));
        }
        return text.append(String.format(Locale.ROOT, ":%04X", address.getPort())).toString();
    }

    private static String word(byte[] bytes, int at) {
        int word = ByteBuffer.wrap(bytes, at, Integer.BYTES).order(ByteOrder.nativeOrder()).getInt();
        return String.format(Locale.ROOT, "%08X", word);
    }
}
