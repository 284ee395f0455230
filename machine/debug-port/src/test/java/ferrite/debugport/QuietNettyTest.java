package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.monitor.Monitor;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fresh JVM that opens a port, answers one client and ends. Its output is what a user would see. */
@Timeout(60)
class QuietNettyTest {

    /** The program of that JVM. */
    public static final class Main {

        private Main() { }

        public static void main(String[] arguments) throws IOException {
            try (DebugPort port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), null, new Monitor(),
                    Runnable::run); Client client = new Client(port.address())) {
                System.out.println(client.send("help help\n").line());
            }
        }
    }

    @Test
    void neitherTheJvmNorNettyPrintsAnything() throws Exception {
        Process jvm = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin" + File.separator
                + "java", "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()).redirectErrorStream(true).start();
        String printed = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(printed.lines()).containsExactly("help [COMMAND]  list the commands, or explain one");
        assertThat(jvm.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.exitValue()).isZero();
    }
}
