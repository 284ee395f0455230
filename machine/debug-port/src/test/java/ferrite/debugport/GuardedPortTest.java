package ferrite.debugport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.debugport.LocalClients.User;
import ferrite.hardware.monitor.ActionCommand;
import ferrite.hardware.monitor.Effect;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port at which clients of this host may look without the token, and those of its own user may control. */
@Timeout(60)
class GuardedPortTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);
    private static final String MAY_NOT = "error: 'freeze' controls the machine, and this client may only look; name "
            + "the machine's token in the first line, 'token T', or use the client that controls it";

    private final TestMachine machine = new TestMachine();
    /** The rights of the clients that have attached. */
    private final List<Rights> attached = new ArrayList<>();
    private final Set<Integer> own = ConcurrentHashMap.newKeySet();
    private volatile boolean gone;
    private DebugPort port;

    @BeforeEach
    void openThePort() throws IOException {
        machine.monitor.add(new ActionCommand("freeze", "freeze", "for a test", List.of(),
                arguments -> Report.ofText("freeze", "frozen\n")).with(Effect.STEERS));
        machine.monitor.add(new ActionCommand("store", "store", "for a test", List.of(),
                arguments -> Report.ofText("store", "stored\n")).with(Effect.USES_FILES));
        port = DebugPort.open(LOOPBACK,
                DebugAccess.guarded("s3cret", null, (client, here) -> own.contains(client.getPort()) ? User.OWN
                        : gone ? User.GONE : User.OTHER),
                new DebugServices(machine.monitor, this::attach, null, null, machine.turn));
    }

    private MachinePrompt.Attachment attach(PromptClient client) {
        attached.add(client.rights());
        client.bye(0, client.rights().toString());
        return null;
    }

    @AfterEach
    void closeThePort() {
        port.close();
        machine.close();
    }

    private Client client(boolean ofOwnUser) throws IOException {
        return new Client(port.address(), ofOwnUser ? own::add : from -> { });
    }

    @Test
    void aClientOfAnotherUserMayLookAndNotControl() throws IOException {
        try (Client client = client(false)) {
            assertThat(client.send("echo in\nfreeze\necho on\n").line()).isEqualTo("in");
            assertThat(client.line()).isEqualTo(MAY_NOT);
            assertThat(client.line()).isEqualTo("on");
        }
    }

    @Test
    void aClientOfTheSameUserMayControlWithoutTheToken() throws IOException {
        try (Client client = client(true)) {
            assertThat(client.send("freeze\n").line()).isEqualTo("frozen");
            assertThat(client.send("store\n").line()).isEqualTo("stored");
        }
    }

    /** Its user cannot be told, as of {@code echo continue > /dev/tcp/127.0.0.1/PORT}. */
    @Test
    void aClientThatHasGoneAlreadyOnlyLooks() throws IOException {
        gone = true;
        try (Client client = client(false); Client attaching = client(false)) {
            assertThat(client.send("freeze\nthread\n").line()).startsWith("error: 'freeze' controls the machine");
            assertThat(client.line()).isEqualTo("turn");
            assertThat(attaching.send("ferrite-attach 1\n").rest()).endsWith("LOOK");
        }
    }

    @Test
    void theTokenGivesEachClientAllRightsAndAnAttachingOneNeedsItForTheShell() throws IOException {
        try (Client text = client(false); Client attaching = client(false); Client without = client(false)) {
            assertThat(text.send("token s3cret\nfreeze\n").line()).isEqualTo("frozen");
            assertThat(attaching.send("auth s3cret\nferrite-attach 1\n").rest()).isEqualTo(
                    "ferrite-attach 1\nbye 0 7\nCOMMAND");
            assertThat(without.send("ferrite-attach 1\n").rest()).isEqualTo("ferrite-attach 1\nbye 0 4\nLOOK");
        }
        try (Client ofSameUser = client(true)) {
            assertThat(ofSameUser.send("ferrite-attach 1\n").rest()).endsWith("CONTROL");
        }
    }

    @Test
    void aWordThatBeginsAsTokenDoesIsACommandAndAWrongTokenIsRefused() throws IOException {
        try (Client halves = client(false); Client wrong = client(false)) {
            assertThat(halves.send("t").send("hread\n").line()).isEqualTo("turn");
            assertThat(wrong.send("token s3creT\necho in\n").rest()).startsWith("error: this port needs a token");
        }
        try (Client half = client(false)) {
            assertThat(half.send("to").endOutput().rest()).startsWith("error: unknown command 'to'");
        }
        assertThat(machine.ran).containsExactly("thread");
    }

    @Test
    void wrongTokensSlowDownTheirAddressAndALaterRightOneIsServed() throws Exception {
        long start = System.nanoTime();
        try (Client wrong = client(false); Client right = client(false)) {
            wrong.send("token wrong\n");
            assertThat(wrong.rest()).startsWith("error: this port needs a token");
            assertThat(right.send("token s3cret\necho in\n").line()).isEqualTo("in");
        }
        try (Client wrong = client(false); Client right = client(false)) {
            wrong.send("token wrong\n");
            Thread.sleep(100);
            right.send("token s3cret\nfreeze\n").endOutput();     // lines that wait are not lost when the input ends
            assertThat(right.rest()).isEqualTo("frozen\n");
        }
        assertThat(System.nanoTime() - start).isGreaterThan(850_000_000L);
    }

    @Test
    void silentStrangersKeepOutNobodyAndOnlookersHaveAShareOfTheirOwn() throws IOException {
        List<Client> strangers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            strangers.add(client(false));
        }
        try (Client right = client(false); Client owner = client(true)) {
            assertThat(right.send("token s3cret\necho in\n").line()).isEqualTo("in");
            assertThat(owner.send("freeze\n").line()).isEqualTo("frozen");
        }
        for (Client stranger : strangers) {
            stranger.close();
        }
        strangers.clear();
        for (int i = 0; i < Places.MAX_LOOKING; i++) {
            strangers.add(client(false));
            assertThat(strangers.get(i).send("echo in\n").line()).isEqualTo("in");
        }
        try (Client oneMore = client(false); Client right = client(false)) {
            assertThat(oneMore.send("echo in\n").rest()).startsWith("error: the debug port serves at most 8 clients "
                    + "without its token at once");
            assertThat(right.send("token s3cret\necho in\n").line()).isEqualTo("in");
        }
        for (Client stranger : strangers) {
            stranger.close();
        }
    }

    @Test
    void aClientWithTheRightTokenIsServedWhileFortyOthersAreSilentAtAPortThatNeedsIt() throws IOException {
        try (DebugPort strict = DebugPort.open(LOOPBACK, "s3cret", machine.monitor, machine.turn)) {
            List<Client> silent = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                silent.add(new Client(strict.address()));
            }
            try (Client right = new Client(strict.address())) {
                assertThat(right.send("token s3cret\necho in\n").line()).isEqualTo("in");
                assertThat(silent.get(0).rest()).as("the oldest one goes first").isEmpty();
            }
            for (Client client : silent) {
                client.close();
            }
        }
    }

    /** They come from this host, by many addresses, and each wrong token makes the next one from there wait. */
    @Test
    void wrongTokensOfOtherUsersNeitherKeepOutNorDelayTheOwnUser() throws IOException {
        try (DebugPort strict = DebugPort.open(LOOPBACK, new DebugAccess("s3cret", false, null,
                (client, here) -> own.contains(client.getPort()) ? User.OWN : User.OTHER),
                DebugServices.of(machine.monitor, machine.turn))) {
            List<Client> strangers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                strangers.add(new Client(strict.address()).send("token wrong\n"));
            }
            List<Socket> elsewhere = new ArrayList<>();
            for (int i = 2; i < 2 + Places.MAX_ENTERING; i++) {
                elsewhere.add(new Socket(strict.address().getAddress(), strict.address().getPort(),
                        InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) i}), 0));
                elsewhere.get(elsewhere.size() - 1).getOutputStream().write("token wrong\n".getBytes(UTF_8));
            }
            try (Client right = new Client(strict.address(), own::add)) {
                assertThat(right.send("token s3cret\necho in\n").line()).isEqualTo("in");
            }
            for (Client client : strangers) {
                client.close();
            }
            for (Socket socket : elsewhere) {
                socket.close();
            }
        }
    }

    @Test
    void onlyALoopbackAddressIsGuardedSo() {
        assertThatThrownBy(() -> DebugPort.open(new InetSocketAddress("0.0.0.0", 0),
                DebugAccess.guarded("s3cret", null, (client, here) -> User.OWN),
                DebugServices.of(machine.monitor, machine.turn))).hasMessageContaining("so it needs a token");
    }
}
