package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.debugport.LocalClients.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user of the other end of a connection within this host. */
class SocketTableTest {

    private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
            + "uid  timeout inode\n";
    private static final InetSocketAddress CLIENT = new InetSocketAddress("127.0.0.1", 0xea2c);
    private static final InetSocketAddress PORT = new InetSocketAddress("127.0.0.1", 0xa0af);

    @TempDir
    private Path directory;

    private static String row(String local, String remote, int user, int inode) {
        return "   3: " + local + " " + remote + " 01 00000000:00000000 00:00000000 00000000 " + user + "        0 "
                + inode + " 2 000000003b28f6aa 20 0 0 10 -1\n";
    }

    private User user(String... rows) throws IOException {
        Assumptions.assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "The rows are of such a host.");
        Files.writeString(directory.resolve("tcp"), HEAD + String.join("", rows));
        return new SocketTable(directory, "1000").user(CLIENT, PORT);
    }

    @Test
    void theClientsEndNamesTheUser() throws IOException {
        String port = row("0100007F:A0AF", "0100007F:EA2C", 1000, 7);
        assertThat(user(port, row("0100007F:EA2C", "0100007F:A0AF", 1000, 8))).isEqualTo(User.OWN);
        assertThat(user(port, row("0100007F:EA2C", "0100007F:A0AF", 1001, 8))).isEqualTo(User.OTHER);
        assertThat(user(port, row("0100007F:EA2C", "0100007F:A0AF", 0, 8))).isEqualTo(User.OTHER);
        assertThat(user(port)).as("the port's end alone").isEqualTo(User.GONE);
        assertThat(user(row("0100007F:EA2C", "0100007F:A0AF", 1000, 0))).as("a closed socket").isEqualTo(User.GONE);
    }

    @Test
    void aSocketOfBothVersionsOfIpIsInTheOtherTable() throws IOException {
        Files.writeString(directory.resolve("tcp6"), HEAD + row("0000000000000000FFFF00000100007F:EA2C",
                "0000000000000000FFFF00000100007F:A0AF", 1000, 8));
        assertThat(user()).isEqualTo(User.OWN);
    }

    @Test
    void aHostWithoutTablesCannotTellUsersApart() {
        assertThat(new SocketTable(directory.resolve("none"), "1000").user(CLIENT, PORT)).isEqualTo(User.OWN);
    }

    @Test
    void thisProcessIsItsOwnUser() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "This test needs Linux's /proc/net/tcp.");
        for (String address : new String[] {"127.0.0.1", "::1"}) {
            try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(address));
                    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                    Socket accepted = server.accept()) {
                InetSocketAddress other = (InetSocketAddress) accepted.getRemoteSocketAddress();
                InetSocketAddress here = (InetSocketAddress) accepted.getLocalSocketAddress();
                assertThat(SocketTable.ofHost().user(other, here)).isEqualTo(User.OWN);
                assertThat(new SocketTable(Path.of("/proc/net"), "4711").user(other, here)).isEqualTo(User.OTHER);
                assertThat(client.isConnected()).isTrue();
            } catch (IOException withoutIp6) {
                assertThat(address).isEqualTo("::1");
            }
        }
    }
}
