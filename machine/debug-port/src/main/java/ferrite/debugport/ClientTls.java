package ferrite.debugport;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** The authorities that a client trusts when it connects to a port with TLS. */
public final class ClientTls {

    private final SSLSocketFactory sockets;

    private ClientTls(SSLSocketFactory sockets) {
        this.sockets = sockets;
    }

    /** Trusts the authorities that this Java trusts. */
    public static ClientTls ofSystem() throws IOException {
        return trusting((KeyStore) null);
    }

    /**
     * Trusts the certificates in a PEM file, and no others.
     *
     * @throws IOException with a sentence that names the file and says what would be right
     */
    public static ClientTls trusting(Path authorities) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : ServerTls.certificates(authorities)) {
                store.setCertificateEntry("authority " + number++, certificate);
            }
            return trusting(store);
        } catch (GeneralSecurityException e) {
            throw new IOException(authorities + ": this Java cannot trust its certificates: " + e.getMessage(), e);
        }
    }

    private static ClientTls trusting(KeyStore store) throws IOException {
        try {
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return new ClientTls(context.getSocketFactory());
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    /**
     * Begins TLS on a connection, and checks the name of the server's host.
     *
     * @param host  the name or address as the user typed it
     * @param where the server's address in a sentence
     * @throws IOException with a sentence: the server speaks no TLS, or its certificate is not to be trusted
     */
    Socket begin(Socket plain, String host, int port, String where) throws IOException {
        SSLSocket socket = (SSLSocket) sockets.createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
            return socket;
        } catch (SSLException e) {
            throw new IOException(sentence(e, where), e);
        } catch (SocketTimeoutException e) {
            throw new IOException("the server at " + where + " does not answer as a Ferrite machine with --debug-tls "
                    + "would", e);
        } catch (SocketException e) {
            throw new IOException("the server at " + where + " closed the connection during TLS's handshake ("
                    + e.getMessage() + ")", e);
        }
    }

    private static String sentence(SSLException e, String where) {
        CertificateException wrong = null;
        for (Throwable cause = e; cause != null && wrong == null; cause = cause.getCause()) {
            wrong = cause instanceof CertificateException certificate ? certificate : null;
        }
        if (wrong == null) {
            return "there is no TLS with the server at " + where + " (" + e.getMessage()
                    + "); was the machine started with --debug-tls?";
        }
        return "the certificate of the server at " + where + " is not trusted (" + wrong.getMessage()
                + "); --tls-ca FILE names the certificate of an authority, and HOST must be a name in the server's";
    }
}
