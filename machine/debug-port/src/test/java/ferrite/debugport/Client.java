package ferrite.debugport;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/** A client of a debug port: a plain socket with a timeout of ten seconds. */
final class Client implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    final Socket socket = new Socket();
    private final InputStream in;

    Client(InetSocketAddress address) throws IOException {
        this(address, port -> { });
    }

    /** @param from is told the client's own port before it connects */
    Client(InetSocketAddress address, IntConsumer from) throws IOException {
        socket.bind(new InetSocketAddress("127.0.0.1", 0));
        from.accept(socket.getLocalPort());
        socket.connect(address, TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Client endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Returns the next line without its end, or null after the port ended the connection. */
    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Returns the port's answer to GDB that refuses it: an acknowledgement and a packet. */
    static String gdbError(String sentence) {
        int sum = ("E." + sentence).chars().sum() & 0xff;
        return "+$E." + sentence + "#" + (sum < 16 ? "0" : "") + Integer.toHexString(sum);
    }

    /** Skips a number of bytes. */
    void skip(int bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** Returns all bytes up to the end of the connection. */
    byte[] bytes() throws IOException {
        return in.readAllBytes();
    }

    /** Returns everything up to the end of the connection. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
