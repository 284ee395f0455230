package ferrite.scenarios;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Certificates for a test, made by the JDK's {@code keytool}: each certifies itself, so it is its own authority. */
final class Certificates {

    private static final String PASSWORD = "changeit";

    /** The store of each certificate that was made so far, by its terms: keytool takes a second. */
    private static final Map<String, byte[]> STORES = new HashMap<>();

    private Certificates() { }

    /** Makes NAME.pem and NAME.key. The certificate is for a host, as in {@code ip:127.0.0.1}. */
    static void make(Path directory, String name, String host, String algorithm) throws IOException,
            InterruptedException, GeneralSecurityException {
        String terms = name + " " + host + " " + algorithm;
        if (!STORES.containsKey(terms)) {
            STORES.put(terms, newStore(directory, name, host, algorithm));
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(STORES.get(terms)), PASSWORD.toCharArray());
        write(directory.resolve(name + ".pem"), "CERTIFICATE", store.getCertificate(name).getEncoded());
        write(directory.resolve(name + ".key"), "PRIVATE KEY",
                store.getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private static byte[] newStore(Path directory, String name, String host, String algorithm) throws IOException,
            InterruptedException {
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        if (!Files.isExecutable(keytool)) {
            Tools.skip("This test needs keytool, and this Java has none; run the tests on a JDK.");
        }
        Path file = directory.resolve(name + ".p12");
        Program.Ended made = Program.start(directory, List.of(keytool.toString(), "-genkeypair", "-alias", name,
                "-keyalg", algorithm, "-dname", "CN=" + name, "-ext", "san=" + host, "-ext", "bc:c=ca:true",
                "-validity", "30", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", file.toString()))
                .end();
        if (made.status() != 0) {
            throw new IOException(made.out() + made.err());
        }
        return Files.readAllBytes(file);
    }

    private static void write(Path file, String kind, byte[] bytes) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }
}
