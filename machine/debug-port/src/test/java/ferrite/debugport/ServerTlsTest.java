package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {

    @TempDir
    private Path directory;

    private void refused(String certificate, String key, String sentence) {
        assertThatThrownBy(() -> ServerTls.read(directory.resolve(certificate), directory.resolve(key)))
                .isInstanceOf(IOException.class).hasMessageContaining(sentence);
    }

    @Test
    void certificatesOfTheUsualKindsAreServed() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA", "Ed25519"}) {
            Path certificate = TestCertificates.make(directory, algorithm, algorithm);
            assertThat(ServerTls.read(certificate, directory.resolve(algorithm + ".key")).context().isServer())
                    .isTrue();
        }
    }

    @Test
    void unusableFilesAreToldInASentence() throws Exception {
        for (String[] made : new String[][] {{"port", "EC"}, {"other", "EC"}, {"rsa", "RSA"}}) {
            TestCertificates.make(directory, made[0], made[1]);
        }
        Files.writeString(directory.resolve("empty"), "");
        Files.writeString(directory.resolve("old.key"),
                Files.readString(directory.resolve("rsa.key")).replace("PRIVATE KEY", "RSA PRIVATE KEY"));
        Files.writeString(directory.resolve("cut.key"), Files.readString(directory.resolve("port.key"))
                .replaceFirst("(?s)\\n.{20}", "\n"));
        refused("none.pem", "port.key", "none.pem cannot be read: there is no such file");
        refused("port.pem", "none.key", "none.key cannot be read: there is no such file");
        refused("port.pem", "port.pem", "port.pem: there is no key in PKCS#8 in it");
        refused("port.key", "port.key", "port.key: it is no certificate");
        refused("empty", "port.key", "empty: there is no certificate in it");
        refused("port.pem", "other.key", "other.key: the key does not belong to the certificate in ");
        refused("port.pem", "rsa.key", "rsa.key: the key cannot be read as one of EC");
        refused("port.pem", "cut.key", "cut.key: the key cannot be read as one of EC");
        refused("rsa.pem", "old.key", "but 'RSA PRIVATE KEY'; 'openssl pkcs8 -topk8");
        refused("/dev/zero", "port.key", "/dev/zero: more than 1048576 bytes are no PEM file");
        refused(".", "port.key", ". cannot be read");
    }
}
