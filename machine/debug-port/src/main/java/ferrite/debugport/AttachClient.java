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
 * The client's end of an attachment to a machine's prompt, see {@link AttachProtocol}. One thread listens; {@link #run}, {@link #interrupt} and
 * {@link #quit} are for one other. What the port says is not trusted: nothing that is no frame, and no length, can make the client hang or keep more than a piece.
 */
public final class AttachClient implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    /** How long a machine may take to say that it is one. */
    private static final int GREETING_MILLIS = 10_000;
    private static final int MOST_LINE_BYTES = 4096;
    private static final int PIECE = 8192;

    /** What the port says, as it comes. */
    public interface Listener {

        /** Bytes that the command of a line wrote to standard output, or to standard error. */
        void output(boolean error, byte[] bytes, int length);

        /** Part of a text about a broken rule. */
        void violation(byte[] bytes, int length);

        /** The command of the line with this number goes on in the background; the next line may be run. */
        void background(int number);

        /** The command of the line with this number has ended. */
        void ended(int number, int status);

        /** Words that could stand where {@link #complete} asked; perhaps none. Nothing comes to who does not ask. */
        default void candidates(List<String> words) { }

        /** The attachment is over: the client left, or the machine's run has ended with this exit status, for a reason that is empty if the client knows it. */
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

    /**
     * Attaches to a machine's prompt.
     *
     * @param token what the port wants to hear first, or null
     * @throws IOException with a sentence: nobody listens there, who listens is no Ferrite, or it will have none of this client
     */
    public static AttachClient connect(InetSocketAddress address, String token) throws IOException {
        String where = address.getHostString() + ":" + address.getPort();
        Socket socket = new Socket();
        try {
            socket.connect(address, CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
        } catch (IOException e) {
            socket.close();
            throw new IOException("nobody answers at " + where + " (" + e.getMessage() + "); a machine that was started with --debug does, until its run ends", e);
        }
        try {
            AttachClient client = new AttachClient(socket, where);
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
            socket.setSoTimeout(GREETING_MILLIS);
            say((token == null ? "" : "token " + token + "\n") + AttachProtocol.GREETING + "\n");
            answer = line();
            socket.setSoTimeout(0);
        } catch (SocketTimeoutException e) {
            throw new IOException("who listens at " + where + " does not answer as a Ferrite would", e);
        } catch (IOException e) {
            throw new IOException("who listens at " + where + " hung up without a word (" + e.getMessage() + "); is it a Ferrite?", e);
        }
        if (token != null && answer.startsWith("error: unknown command 'token")) {
            throw new IOException("the port at " + where + " needs no token; leave --token away");
        }
        if (answer.startsWith(AttachProtocol.ERROR)) {
            throw refused(answer);
        }
        if (!answer.equals(AttachProtocol.GREETING)) {
            throw new IOException("who listens at " + where + " is no Ferrite that can be attached to");
        }
    }

    /** Runs a line. The number is larger than those before, and the line before has ended or is in the background. */
    public void run(int number, String line) throws IOException {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > AttachProtocol.MOST_LINE_BYTES) {
            throw new IOException("a line of " + bytes.length + " bytes is too long; " + AttachProtocol.MOST_LINE_BYTES + " can be sent");
        }
        say(AttachProtocol.RUN + " " + number + " " + bytes.length + "\n" + line);
    }

    /** Asks how a line could go on after these words, of whose next one so much is typed. {@link Listener#candidates} follows; only then may the next question come. */
    public void complete(List<String> words, String word) throws IOException {
        StringBuilder question = new StringBuilder();
        words.forEach(one -> question.append(one.replace('\n', ' ')).append('\n'));
        byte[] bytes = question.append(word).toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > AttachProtocol.MOST_LINE_BYTES) {
            throw new IOException("a line of " + bytes.length + " bytes is too long; " + AttachProtocol.MOST_LINE_BYTES + " can be sent");
        }
        say(AttachProtocol.COMPLETE + " " + bytes.length + "\n" + question);
    }

    /** Asks that the line that was run last be interrupted. */
    public void interrupt() throws IOException {
        say(AttachProtocol.INTERRUPT + "\n");
    }

    /** Says that no more lines come; {@link Listener#bye} follows. */
    public void quit() throws IOException {
        say(AttachProtocol.QUIT + "\n");
    }

    /**
     * Hears everything up to and with the bye.
     *
     * @throws IOException with a sentence, when the connection is lost, or the port says nonsense
     */
    public void listen(Listener listener) throws IOException {
        try {
            while (hear(listener)) {
                // until bye
            }
        } catch (EOFException e) {
            throw new IOException("the connection to " + where + " was lost: the machine is gone, or it hung up on a client that was slow to take what it said", e);
        }
    }

    /** One frame. Returns whether there are more. */
    private boolean hear(Listener listener) throws IOException {
        String header = line();
        if (header.startsWith(AttachProtocol.ERROR)) {
            throw refused(header);
        }
        String[] words = header.split(" ", -1);
        switch (words.length == 1 ? "" : words[0]) {
            case AttachProtocol.OUT, AttachProtocol.ERR -> {
                number(header, words, 1, 3);
                body(number(header, words, 2, 3), (bytes, length) -> listener.output(words[0].equals(AttachProtocol.ERR), bytes, length));
            }
            case AttachProtocol.VIOLATION -> body(number(header, words, 1, 2), listener::violation);
            case AttachProtocol.BACKGROUND -> listener.background(number(header, words, 1, 2));
            case AttachProtocol.END -> listener.ended(number(header, words, 1, 3), number(header, words, 2, 3));
            case AttachProtocol.CANDIDATES -> {
                String text = text(Math.min(number(header, words, 1, 2), AttachProtocol.MOST_LINE_BYTES));
                listener.candidates(text.isEmpty() ? List.of() : List.of(text.split("\n")));
            }
            case AttachProtocol.BYE -> {
                listener.bye(number(header, words, 1, 3), text(Math.min(number(header, words, 2, 3), MOST_LINE_BYTES)));
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
        return new IOException("who listens at " + where + " says '" + start + "', which is no frame of '" + AttachProtocol.GREETING + "'");
    }

    /** The word at {@code at} of a frame that has {@code of} words, as a number. */
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
            if (line.size() == MOST_LINE_BYTES) {
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
