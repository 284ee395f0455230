package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code --debug-tls}, with {@code ferrite attach --tls} and {@code curl} at the other end. */
@Timeout(120)
class TlsTest {

    @TempDir
    private Path directory;

    private void certify(String algorithm) throws Exception {
        Certificates.make(directory, "port", "ip:127.0.0.1,dns:localhost", algorithm);
    }

    private Program machine(String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("run", "--ram", "32M", "--debug", "0", "--debug-tls",
                "port.pem,port.key"));
        words.addAll(List.of(more));
        return FerriteJar.start(directory, words.toArray(String[]::new));
    }

    private Program.Ended attach(String address, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("attach", address));
        all.addAll(List.of(words));
        return FerriteJar.run(directory, all.toArray(String[]::new));
    }

    private static void end(Program machine, String address) throws Exception {
        Program.Ended ended = machine.type("echo alive").end();
        assertThat(ended.out()).isEqualTo("alive\n");
        assertThat(ended.err()).as("no warning").isEqualTo("debug port " + address + "\n");
        assertThat(ended.status()).isZero();
    }

    @Test
    void aClientThatTrustsAnRsaCertificateAttaches() throws Exception {
        certify("RSA");
        try (Program machine = machine()) {
            String address = machine.awaitErrLine("debug port ");
            assertThat(attach(address, "--tls", "--tls-ca", "port.pem", "-c", "echo in").out()).isEqualTo("in\n");
            end(machine, address);
        }
    }

    @Test
    void aClientThatTrustsTheCertificateAttachesAndTheOthersAreTold() throws Exception {
        certify("EC");
        Certificates.make(directory, "elsewhere", "dns:elsewhere.example", "EC");
        try (Program machine = machine("--token", "s3cret")) {
            String address = machine.awaitErrLine("debug port ");
            Program.Ended fine = attach(address, "--tls", "--tls-ca", "port.pem", "--token", "s3cret", "-c",
                    "echo in; cat /proc/dma; nonsense");
            assertThat(fine.out()).isEqualTo("in\n 2: disk\n 4: cascade\n");
            assertThat(fine.err()).isEqualTo("nonsense: command not found; 'help' lists the commands\n");
            assertThat(fine.status()).isEqualTo(1);
            assertThat(attach(address, "--tls", "--tls-ca", "port.pem", "-c", "echo in").err())
                    .contains("needs a token").hasLineCount(1);
            for (String[] wrong : new String[][] {{"--tls"}, {"--tls", "--tls-ca", "elsewhere.pem"}}) {
                Program.Ended ended = attach(address, wrong);
                assertThat(ended.err()).startsWith("ferrite attach: the certificate of the server at " + address
                        + " is not trusted (").contains("--tls-ca FILE").hasLineCount(1);
                assertThat(ended.out()).isEmpty();
                assertThat(ended.status()).isEqualTo(1);
            }
            Program.Ended plain = attach(address, "-c", "echo must not run");
            assertThat(plain.err()).isEqualTo("ferrite attach: the port at " + address + " says: this port speaks "
                    + "TLS only; use 'ferrite attach --tls', or https\n");
            assertThat(plain.status()).isEqualTo(1);
            end(machine, address);
        }
    }

    @Test
    void theCertificateMustBeForTheHostThatWasTyped() throws Exception {
        Certificates.make(directory, "port2", "dns:elsewhere.example", "EC");
        try (Program machine = FerriteJar.start(directory, "run", "--ram", "32M", "--debug", "0", "--debug-tls",
                "port2.pem,port2.key")) {
            String address = machine.awaitErrLine("debug port ");
            Program.Ended ended = attach(address, "--tls", "--tls-ca", "port2.pem", "-c", "echo in");
            assertThat(ended.err()).contains("is not trusted (No subject alternative names matching IP address "
                    + "127.0.0.1 found)").hasLineCount(1);
            assertThat(ended.status()).isEqualTo(1);
            end(machine, address);
        }
    }

    @Test
    void curlReadsAPageOverHttps() throws Exception {
        certify("EC");
        try (Program machine = machine()) {
            String address = machine.awaitErrLine("debug port ");
            String url = "https://" + address + "/api/v1/zones";
            assertThat(Tools.text(directory, "curl", "-sS", "--fail", "--noproxy", "*", "--cacert", "port.pem", url,
                    url)).contains("\"DMA\"");
            assertThat(Tools.text(directory, "curl", "-sS", "--noproxy", "*", "--cacert", "port.pem",
                    "-H", "Origin: https://" + address, "-o", "/dev/null", "-w", "%{http_code}", url))
                    .isEqualTo("200");
            assertThat(Tools.text(directory, "curl", "-sS", "--noproxy", "*", "--cacert", "port.pem",
                    "-H", "Origin: http://" + address, "-w", " %{http_code}", url)).endsWith(" 403");
            assertThat(Tools.text(directory, "curl", "-sS", "--noproxy", "*", "-w", " %{http_code}",
                    url.replace("https:", "http:"))).contains("TLS only").endsWith(" 400");
            end(machine, address);
        }
    }

    @Test
    void whatIsNoHandshakeIsClosed() throws Exception {
        certify("EC");
        try (Program machine = machine()) {
            String address = machine.awaitErrLine("debug port ");
            for (String said : List.of("help\n", "$?#3f", "+", "\0\0", "\u0016nonsense and more of it")) {
                try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(address.replaceAll(".*:", "")))) {
                    socket.setSoTimeout(10_000);
                    socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
                    String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                    if (said.charAt(0) == 22) {
                        assertThat(answer).as("an alert").hasSizeLessThan(16);
                    } else {
                        assertThat(answer).contains("this port speaks TLS only").hasLineCount(1);
                    }
                }
            }
            assertThat(attach(address, "--tls", "--tls-ca", "port.pem", "-c", "echo in").out()).isEqualTo("in\n");
            end(machine, address);
        }
    }

    @Test
    void unusableFilesAndWrongOptionsHaveTheirStatus() throws Exception {
        certify("EC");
        Program.Ended ended = FerriteJar.run(directory, "run", "--debug", "0", "--debug-tls", "none.pem,port.key", "-c",
                "echo must not run");
        assertThat(ended.err()).startsWith("ferrite run: --debug-tls: none.pem cannot be read").hasLineCount(1);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.status()).isEqualTo(3);
        Program.Ended attached = attach("127.0.0.1:1", "--tls", "--tls-ca", "port.key");
        assertThat(attached.err()).startsWith("ferrite attach: --tls-ca: port.key: it is no certificate")
                .hasLineCount(1);
        assertThat(attached.status()).isEqualTo(3);
        for (String[] wrong : new String[][] {{"run", "--debug-tls", "port.pem,port.key"},
            {"run", "--debug", "0", "--debug-tls", "port.pem"}, {"attach", "127.0.0.1:1", "--tls-ca", "port.pem"}}) {
            assertThat(FerriteJar.run(directory, wrong).status()).isEqualTo(2);
        }
    }
}
