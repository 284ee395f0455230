package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ferrite attach} as a second process. */
@Timeout(120)
class AttachTest {

    @TempDir
    private Path directory;

    private Program.Ended attach(String... words) throws Exception {
        String[] all = new String[words.length + 1];
        all[0] = "attach";
        System.arraycopy(words, 0, all, 1, words.length);
        return FerriteJar.run(directory, all);
    }

    @Test
    void commandsRunElsewhereAsTheyWouldHere() throws Exception {
        Path disk = Disks.random(directory, "disk.img", 4 << 20, 1);
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "64M", "--disk",
                "disk.img,ro", "--debug", "0")) {
            String address = ferrite.awaitErrLine("debug port ");
            Program.Ended fine = attach(address, "-c", "cat /dev/disk0");
            assertThat(fine.bytes()).as("bytes unchanged").isEqualTo(Files.readAllBytes(disk));
            assertThat(fine.err()).isEmpty();
            assertThat(fine.status()).isZero();

            Program.Ended failed = attach(address, "-c",
                    "cat /dev/nowhere; sha256sum /dev/disk0; zones; dd if=/dev/disk0 bs=1M count=1 of=/dev/stderr &");
            assertThat(failed.out()).startsWith(Tools.sha256(disk) + "  /dev/disk0\nDMA\n");
            assertThat(failed.err()).startsWith("cat: /dev/nowhere: No such file or directory\n")
                    .contains("1+0 records in\n");
            assertThat(failed.status()).isEqualTo(1);

            try (Program piped = FerriteJar.start(directory, "attach", address)) {
                piped.type("echo one; echo 'two;'", "# a remark", "cat /proc/dma");
                piped.awaitOut(" 4: cascade\n");
                Program.Ended ended = piped.end();
                assertThat(ended.out()).isEqualTo("one\ntwo;\n 2: disk\n 4: cascade\n");
                assertThat(ended.err()).isEmpty();
                assertThat(ended.status()).isZero();
            }
            Program.Ended local = ferrite.type("echo still here").end();
            assertThat(local.out()).as("nothing of theirs").isEqualTo("still here\n");
            assertThat(local.status()).isZero();
            Program.Ended late = attach(address, "-c", "echo x");
            assertThat(late.err()).startsWith("ferrite attach: no answer at " + address + " (").hasLineCount(1);
            assertThat(late.status()).isEqualTo(1);
        }
    }

    @Test
    void aViolationAndAPoweroffHaveTheirStatus() throws Exception {
        Disks.random(directory, "disk.img", Disks.PIECE, 1);
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "64M", "--disk", "disk.img,ro", "-o",
                "disk.gfp=GFP_KERNEL", "--debug", "0", "--halt")) {
            String address = ferrite.awaitErrLine("debug port ");
            try (Program waiting = FerriteJar.start(directory, "attach", address)) {
                waiting.type("continue");
                waiting.awaitOut("running\n");
                Program.Ended broken = attach(address, "-c", "nonsense; sha256sum /dev/disk0; sha256sum /dev/disk0");
                assertThat(broken.err()).containsOnlyOnce("violation dma-above-reach: channel 2 was given")
                        .contains("1 more like the one explained above\n");
                assertThat(broken.status()).isEqualTo(4);
                Program.Ended off = attach(address, "-c", "echo last; poweroff; echo never");
                assertThat(off.out()).isEqualTo("last\n");
                assertThat(off.err()).isEmpty();
                assertThat(off.status()).isZero();

                // The prompt ends without input: the machine told it to.
                assertThat(waiting.awaitErrLine("ferrite attach: ")).isEqualTo("the machine was switched off");
                assertThat(waiting.end().status()).as("it heard of the violation").isEqualTo(4);
            }
            assertThat(ferrite.end().status()).isEqualTo(4);
        }
    }

    @Test
    void theMachinesEndUnderACommandIsAFailure() throws Exception {
        Disks.random(directory, "disk.img", 8 << 20, 1);
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "64M", "--disk", "disk.img,ro", "--debug",
                "0", "--max-instructions", "3000000")) {
            Program.Ended cut = attach(ferrite.awaitErrLine("debug port "), "-c",
                    "sha256sum /dev/disk0; sha256sum /dev/disk0; sha256sum /dev/disk0; echo never");
            assertThat(cut.err()).isEqualTo("ferrite attach: --max-instructions ran out after 3000000 instructions, "
                    + "before all commands had ended\n");
            assertThat(cut.status()).isEqualTo(124);
            assertThat(ferrite.end().status()).isEqualTo(124);
        }
    }

    @Test
    void theWrongTokenAndTheWrongPeerAreRefusedInASentence() throws Exception {
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "32M", "--debug", "127.0.0.1:0",
                "--token", "s3cret")) {
            String address = ferrite.awaitErrLine("debug port ");
            assertThat(attach(address, "--token", "s3cret", "-c", "echo in").out()).isEqualTo("in\n");
            for (Program.Ended refused : List.of(attach(address, "--token", "wrong", "-c", "echo in"),
                    attach(address, "-c", "echo in"))) {
                assertThat(refused.err()).startsWith("ferrite attach: the port at " + address
                        + " says: this port needs a token").hasLineCount(1);
                assertThat(refused.out()).isEmpty();
                assertThat(refused.status()).isEqualTo(1);
            }
        }
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread mail = new Thread(() -> greet(other));
            mail.setDaemon(true);
            mail.start();
            Program.Ended refused = attach("127.0.0.1:" + other.getLocalPort(), "-c", "echo in");
            assertThat(refused.err()).isEqualTo("ferrite attach: the server at 127.0.0.1:" + other.getLocalPort()
                    + " is not a Ferrite machine that clients can attach to\n");
            assertThat(refused.status()).isEqualTo(1);
        }
    }

    private static void greet(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write("220 mail.example.com ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        } catch (IOException gone) {
            // the client has closed its end
        }
    }

    @Test
    void atATerminalThereIsAPromptAtWhichCtrlCInterruptsAndThatCtrlDLeaves() throws Exception {
        Tools.need("expect");
        try (RandomAccessFile sparse = new RandomAccessFile(directory.resolve("endless.img").toFile(), "rw")) {
            sparse.setLength(64L << 30);
        }
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "32M", "--disk",
                "endless.img,ro", "--debug", "0")) {
            String address = ferrite.awaitErrLine("debug port ");
            String spawn = "spawn -noecho " + String.join(" ", FerriteJar.command("attach", address));
            String script = String.join("\n", "set timeout 30", "set env(NO_COLOR) 1", "set env(XDG_STATE_HOME) [pwd]",
                    spawn, "expect ferrite>", "send \"echo at  a  terminal\\r\"", "expect {at a terminal} {puts FOUND}",
                    "expect ferrite>", "send \"hexdu\\t\"", "expect hexdump {puts COMPLETED}",
                    "send \\025", "send \"sha256sum /dev/disk0\\r\"", "expect disk0", "after 500", "send \\003",
                    "expect ferrite> {puts INTERRUPTED}", "send \\004", "expect eof", "puts \"left [lindex [wait] 3]\"",
                    spawn, "expect ferrite>", "send \"poweroff\\r\"", "expect eof", "puts \"off [lindex [wait] 3]\"");
            Files.writeString(directory.resolve("script.exp"), script);
            String said = Tools.text(directory, "expect", "script.exp");
            assertThat(said).contains("FOUND").contains("COMPLETED").contains("INTERRUPTED")
                    .contains("left 1").contains("off 0");
            assertThat(ferrite.end().status()).isZero();
        }
    }
}
