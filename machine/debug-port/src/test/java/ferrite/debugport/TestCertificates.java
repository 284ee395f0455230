package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** Certificates and their keys as PEM files, from the JDK's keytool. */
final class TestCertificates {

    private static final String PASSWORD = "changeit";

    private TestCertificates() { }

    /** Makes NAME.pem, which is returned, and NAME.key. */
    static Path make(Path directory, String name, String algorithm) throws Exception {
        Path file = directory.resolve(name + ".p12");
        Process made = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", name, "-keyalg", algorithm, "-dname", "CN=" + name, "-storetype", "PKCS12",
                "-storepass", PASSWORD, "-keystore", file.toString())
                .redirectErrorStream(true).redirectOutput(directory.resolve("keytool").toFile()).start();
        assertThat(made.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        write(directory.resolve(name + ".key"), "PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded());
        return write(directory.resolve(name + ".pem"), "CERTIFICATE", store.getCertificate(name).getEncoded());
    }

    private static Path write(Path file, String kind, byte[] bytes) throws Exception {
        return Files.writeString(file, "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind + "-----\n");
    }
}
