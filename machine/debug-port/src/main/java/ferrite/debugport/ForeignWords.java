package ferrite.debugport;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The last words to clients whose protocol is not text, in their own form, so that they show the sentence. */
final class ForeignWords {

    private static final int HTTP2_SETTINGS = 4;
    private static final int HTTP2_GO_AWAY = 7;
    private static final int HTTP_1_1_REQUIRED = 13;
    private static final int SSH_DISCONNECT = 1;
    private static final int SSH_SERVICE_NOT_AVAILABLE = 7;
    private static final int SSH_BLOCK_BYTES = 8;
    private static final int SSH_MIN_PADDING = 4;

    private ForeignWords() { }

    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            body.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array can always be written", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Returns the acknowledgement of a packet of GDB, and an error with text as the answer. GDB shows it as the failure
     * of what it asked.
     */
    static byte[] gdbError(String sentence) {
        byte[] packet = ("E." + sentence).replaceAll("[$#}*]", "?").getBytes(StandardCharsets.UTF_8);
        int sum = 0;
        for (byte b : packet) {
            sum += b;
        }
        String end = String.format(Locale.ROOT, "#%02x", sum & 0xff);
        return bytes(out -> {
            out.writeBytes("+$");
            out.write(packet);
            out.writeBytes(end);
        });
    }

    /** Returns the preface of an HTTP/2 server and a GOAWAY with the sentence (RFC 9113, sections 6.5 and 6.8). */
    static byte[] goAway(String sentence) {
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        return bytes(out -> {
            frame(out, HTTP2_SETTINGS, 0);
            frame(out, HTTP2_GO_AWAY, 8 + text.length);
            out.writeInt(0);                           // the last stream that was served
            out.writeInt(HTTP_1_1_REQUIRED);
            out.write(text);
        });
    }

    private static void frame(DataOutputStream out, int type, int length) throws IOException {
        out.writeByte(length >> 16);
        out.writeShort(length);
        out.writeByte(type);
        out.writeByte(0);                              // no flags
        out.writeInt(0);                               // of the connection
    }

    /**
     * Returns the alert handshake_failure (RFC 8446, section 6), as alerts have no text; and a line after it, for a
     * person who looks at the bytes.
     */
    static byte[] alert(String line) {
        return bytes(out -> {
            out.write(new byte[] {21, 3, 3, 0, 2, 2, 40});
            out.write(line.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** Returns the version and a disconnect message of an SSH server (RFC 4253, sections 4.2, 6 and 11.1). */
    static byte[] disconnect(String sentence) {
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        byte[] payload = bytes(out -> {
            out.writeByte(SSH_DISCONNECT);
            out.writeInt(SSH_SERVICE_NOT_AVAILABLE);
            out.writeInt(text.length);
            out.write(text);
            out.writeInt(0);                           // no language
        });
        int unpadded = Integer.BYTES + 1 + payload.length + SSH_MIN_PADDING;
        int padding = SSH_MIN_PADDING + Math.floorMod(-unpadded, SSH_BLOCK_BYTES);
        return bytes(out -> {
            out.writeBytes("SSH-2.0-ferrite\r\n");
            out.writeInt(1 + payload.length + padding);
            out.writeByte(padding);
            out.write(payload);
            out.write(new byte[padding]);
        });
    }
}
