package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The text monitor with {@code nc}, as people use it. */
@Timeout(60)
class NetcatTest {

    @Test
    void netcatGetsItsAnswersAndEnds() throws Exception {
        needNetcat();
        try (TestMachine machine = new TestMachine();
             DebugPort port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), null,
                     machine.monitor, machine.turn)) {
            assertThat(netcat(port, "echo one\nnonsense\necho three\n")).isEqualTo(
                    "one\nerror: unknown command 'nonsense'; 'help' lists the commands\nthree\n");
            assertThat(netcat(port, "echo one\nquit\n")).isEqualTo("one\n");
            assertThat(netcat(port, "GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 501 ");
        }
    }

    /** Runs netcat with {@code -N}: the end of standard input ends its output, and it then waits for the answers. */
    private static String netcat(DebugPort port, String input) throws IOException, InterruptedException {
        Process nc = new ProcessBuilder("nc", "-N", "127.0.0.1", Integer.toString(port.address().getPort()))
                .redirectErrorStream(true).start();
        try (var in = nc.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(nc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(nc.waitFor(10, TimeUnit.SECONDS)).as("nc ended").isTrue();
        return output;
    }

    private static void needNetcat() {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (new File(directory, "nc").canExecute()) {
                return;
            }
        }
        String word = "nc is not installed (netcat-openbsd has it), so the port was not tried with it";
        if ("required".equals(System.getenv("FERRITE_TOOLS"))) {
            fail(word);
        }
        abort(word);
    }
}
