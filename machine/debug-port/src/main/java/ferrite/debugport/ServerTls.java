package ferrite.debugport;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** The certificate and the key with which a port serves TLS. */
public final class ServerTls {

    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]*)-----END PRIVATE KEY-----");
    private static final Pattern OTHER_KEY = Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----");

    private final SslContext context;

    private ServerTls(SslContext context) {
        this.context = context;
    }

    /**
     * Reads the port's certificate and key.
     *
     * @param certificate a PEM file with the certificate, and those of its authorities up to a trusted one
     * @param key         a PEM file with the certificate's private key in PKCS#8, without a password
     * @throws IOException with a sentence that names the file and says what would be right
     */
    public static ServerTls read(Path certificate, Path key) throws IOException {
        QuietNetty.prepare();
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey privateKey = key(key, chain.get(0).getPublicKey().getAlgorithm());
        if (!belongs(privateKey, chain.get(0).getPublicKey())) {
            throw new IOException(key + ": the key does not belong to the certificate in " + certificate
                    + "; give the key for which that certificate was made");
        }
        try {
            return new ServerTls(SslContextBuilder.forServer(privateKey, chain).sslProvider(SslProvider.JDK).build());
        } catch (SSLException | IllegalArgumentException e) {
            throw new IOException(certificate + ": this Java cannot serve TLS with it: " + e.getMessage(), e);
        }
    }

    SslContext context() {
        return context;
    }

    /** Reads the certificates of a PEM file, of which there is at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] bytes = bytes(file, "a certificate");
        try {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes)).stream()
                    .map(X509Certificate.class::cast).toList();
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (GeneralSecurityException malformed) {
            throw new IOException(file + ": it is no certificate (" + malformed.getMessage()
                    + "); a PEM file with '-----BEGIN CERTIFICATE-----' would be right", malformed);
        }
        throw new IOException(file + ": there is no certificate in it; a PEM file with "
                + "'-----BEGIN CERTIFICATE-----' would be right");
    }

    private static PrivateKey key(Path file, String algorithm) throws IOException {
        String text = new String(bytes(file, "a key"), StandardCharsets.ISO_8859_1);
        Matcher key = KEY.matcher(text);
        if (!key.find()) {
            Matcher other = OTHER_KEY.matcher(text);
            throw new IOException(file + ": there is no key in PKCS#8 in it, which begins with '-----BEGIN PRIVATE "
                    + "KEY-----'" + (other.find() ? ", but '" + other.group(1) + "'" : "")
                    + "; 'openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW' makes one");
        }
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": the key cannot be read as one of " + algorithm
                    + ", the certificate's algorithm; give the certificate's own key in PKCS#8", e);
        }
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update((byte) 1);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certified);
            verifier.update((byte) 1);
            return verifier.verify(signature);
        } catch (GeneralSecurityException different) {
            return false;
        }
    }

    private static byte[] bytes(Path file, String kind) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_FILE_BYTES + 1);
        } catch (IOException e) {
            throw new IOException(file + " cannot be read: " + (e instanceof java.nio.file.NoSuchFileException
                    ? "there is no such file" : e instanceof java.nio.file.AccessDeniedException
                    ? "permission denied" : e.getMessage()) + "; a PEM file with " + kind + " would be right", e);
        }
        if (bytes.length > MAX_FILE_BYTES) {
            throw new IOException(file + ": more than " + MAX_FILE_BYTES + " bytes are no PEM file with " + kind);
        }
        return bytes;
    }
}
