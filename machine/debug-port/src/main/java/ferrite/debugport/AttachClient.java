package ferrite.debugport;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The client's end of an attachment to a machine's prompt, see {@link AttachProtocol}. One thread calls {@link
 * #listen}. One other thread calls {@link #run}, {@link #interrupt} and {@link #quit}.
 *
 * <p>The port is not trusted. Neither a malformed frame nor any length can make the client hang, or keep more than a
 * piece of data.
 */
public final class AttachClient implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    /** Maximum time for the port's greeting. */
    private static final int GREETING_MILLIS = 10_000;
    private static final int MAX_LINE_BYTES = 4096;
    private static final int PIECE = 8192;

    /** Receiver of the port's frames, in order. */
    public interface Listener {

        /** Receives bytes that a line's command wrote to standard output or standard error. */
        void output(boolean error, byte[] bytes, int length);

        /** Receives part of a text about a violation. */
        void violation(byte[] bytes, int length);

        /** Receives part of any other text for people. */
        default void notice(byte[] bytes, int length) { }

        /** Notes that the command of this line continues in the background. The next line may be run. */
        void background(int number);

        /** Notes that the command of this line has ended. */
        void ended(int number, int status);

        /** Receives words that fit where {@link #complete} asked, perhaps none. It is called only after a question. */
        default void candidates(List<String> words) { }

        /**
         * Notes the end of the attachment: the client left, or the machine's run ended with this exit status. The
         * reason is empty if the client knows it.
         */
        void bye(int status, String reason);
    }

    private final Socket socket;
    private final InputStream in;
    private final String where;

    private AttachClient(Socket socket, String where) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), PIECE);
        this.where = where;
    }

    /** Attaches to a machine's prompt in plain text. */
    public static AttachClient connect(InetSocketAddress address, String token) throws IOException {
        return connect(address, token, null);
    }

    /**
     * Attaches to a machine's prompt.
     *
     * @param token the port's token, or null
     * @param tls   the authorities to trust, or null for plain text
     * @throws IOException with a sentence: the address does not answer, the server is not a Ferrite machine, or it
     *                     refuses this client
     */
    public static AttachClient connect(InetSocketAddress address, String token, ClientTls tls) throws IOException {
        String where = address.getHostString() + ":" + address.getPort();
        Socket socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
        } catch (IOException e) {
            socket.close();
            throw new IOException("no answer at " + where + " (" + e.getMessage()
                    + "); a machine started with --debug answers until its run ends", e);
        }
        try {
            socket.setSoTimeout(GREETING_MILLIS);
            AttachClient client = new AttachClient(tls == null ? socket
                    : tls.begin(socket, address.getHostString(), address.getPort(), where), where);
            client.greet(token);
            return client;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void greet(String token) throws IOException {
        String answer;
        try {
            say((token == null ? "" : "token " + token + "\n") + AttachProtocol.GREETING + "\n");
            answer = line();
            socket.setSoTimeout(0);
        } catch (SocketTimeoutException e) {
            throw new IOException("the server at " + where + " does not answer as a Ferrite machine would", e);
        } catch (IOException e) {
            throw new IOException("the server at " + where + " closed the connection without a greeting ("
                    + e.getMessage() + "); is it a Ferrite machine?", e);
        }
        if (token != null && answer.startsWith("error: unknown command 'token")) {
            throw new IOException("the port at " + where + " needs no token; leave out --token, "
                    + "--token-file and FERRITE_TOKEN");
        }
        if (answer.startsWith(AttachProtocol.ERROR)) {
            throw refused(answer);
        }
        if (!answer.equals(AttachProtocol.GREETING)) {
            throw new IOException("the server at " + where + " is not a Ferrite machine that clients can attach to");
        }
    }

    /**
     * Runs a line. Its number is larger than all earlier ones. The line before must have ended, or be in the
     * background.
     */
    public void run(int number, String line) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > AttachProtocol.MAX_LINE_BYTES) {
            throw new IOException("a line of " + bytes.length + " bytes is too long; " + AttachProtocol.MAX_LINE_BYTES
                    + " bytes can be sent");
        }
        say(AttachProtocol.RUN + " " + number + " " + bytes.length + "\n" + line);
    }

    /**
     * Asks for completions of a word that is typed after these words. {@link Listener#candidates} receives the answer.
     * The next question may come only after that.
     */
    public void complete(List<String> words, String word) throws IOException {
        StringBuilder question = new StringBuilder();
        words.forEach(one -> question.append(one.replace('\n', ' ')).append('\n'));
        byte[] bytes = question.append(word).toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > AttachProtocol.MAX_LINE_BYTES) {
            throw new IOException("a line of " + bytes.length + " bytes is too long; " + AttachProtocol.MAX_LINE_BYTES
                    + " bytes can be sent");
        }
        say(AttachProtocol.COMPLETE + " " + bytes.length + "\n" + question);
    }

    /** Asks to interrupt the line that was run last. */
    public void interrupt() throws IOException {
        say(AttachProtocol.INTERRUPT + "\n");
    }

    /** Announces that no more lines come. {@link Listener#bye} follows. */
    public void quit() throws IOException {
        say(AttachProtocol.QUIT + "\n");
    }

    /**
     * Receives all frames, up to and including the bye.
     *
     * @throws IOException with a sentence, if the connection is lost or the port sends anything but frames
     */
    public void listen(Listener listener) throws IOException {
        try {
            while (hear(listener)) {
                // until bye
            }
        } catch (EOFException e) {
            throw new IOException("the connection to " + where
                    + " was lost: the machine is gone, or it dropped this client because it read too slowly", e);
        }
    }

    /** Receives one frame. Returns whether more frames follow. */
    private boolean hear(Listener listener) throws IOException {
        String header = line();
        if (header.startsWith(AttachProtocol.ERROR)) {
            throw refused(header);
        }
        String[] words = header.split(" ", -1);
        switch (words.length == 1 ? "" : words[0]) {
            case AttachProtocol.OUT, AttachProtocol.ERR -> {
                number(header, words, 1, 3);
                body(number(header, words, 2, 3),
                        (bytes, length) -> listener.output(words[0].equals(AttachProtocol.ERR), bytes, length));
            }
            case AttachProtocol.VIOLATION -> body(number(header, words, 1, 2), listener::violation);
            case AttachProtocol.NOTICE -> body(number(header, words, 1, 2), listener::notice);
            case AttachProtocol.BACKGROUND -> listener.background(number(header, words, 1, 2));
            case AttachProtocol.END -> listener.ended(number(header, words, 1, 3), number(header, words, 2, 3));
            case AttachProtocol.CANDIDATES -> {
                String text = text(Math.min(number(header, words, 1, 2), AttachProtocol.MAX_LINE_BYTES));
                listener.candidates(text.isEmpty() ? List.of() : List.of(text.split("\n")));
            }
            case AttachProtocol.BYE -> {
                listener.bye(number(header, words, 1, 3), text(Math.min(number(header, words, 2, 3), MAX_LINE_BYTES)));
                return false;
            }
            default -> throw nonsense(header);
        }
        return true;
    }

    private String text(int bytes) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        body(bytes, (piece, length) -> text.write(piece, 0, length));
        return text.toString(StandardCharsets.UTF_8);
    }

    private interface Piece {
        void take(byte[] bytes, int length);
    }

    private void body(int length, Piece piece) throws IOException {
        byte[] bytes = new byte[Math.min(length, PIECE)];
        for (int left = length; left > 0; ) {
            int read = in.read(bytes, 0, Math.min(left, bytes.length));
            if (read < 0) {
                throw new EOFException();
            }
            piece.take(bytes, read);
            left -= read;
        }
    }

    private IOException nonsense(String header) {
        String start = header.substring(0, Math.min(80, header.length())).replaceAll("[^ -~]", "?");
        return new IOException("the server at " + where + " sent '" + start
                + "', which is not a frame of '" + AttachProtocol.GREETING + "'");
    }

    /** Returns word {@code at} of a frame as a number. The frame must have {@code of} words. */
    private int number(String header, String[] words, int at, int of) throws IOException {
        int number = words.length == of ? AttachProtocol.number(words[at], Integer.MAX_VALUE) : -1;
        if (number < 0) {
            throw nonsense(header);
        }
        return number;
    }

    private IOException refused(String answer) {
        return new IOException("the port at " + where + " says: " + answer.substring(AttachProtocol.ERROR.length()));
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("end of the connection");
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw nonsense(line.toString(StandardCharsets.ISO_8859_1));
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private void say(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
