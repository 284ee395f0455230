package ferrite.board.front;

import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.hardware.report.Hex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The output of a command on one of its streams, as JSON: a string; {@code {"base64":…}} if it is not text in UTF-8;
 * and if it is longer than {@link #MAX_BYTES}, {@code {"bytes":N,"sha256":…}}, so that no command can fill the host's
 * memory.
 */
final class CapturedOutput {

    static final int MAX_BYTES = 1 << 20;

    /** The output; null once it is too long. */
    private ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
    private MessageDigest digest;
    private long bytes;

    void add(byte[] more) {
        bytes += more.length;
        if (kept != null && bytes <= MAX_BYTES) {
            kept.writeBytes(more);
            return;
        }
        if (kept != null) {
            digest = sha256();
            digest.update(kept.toByteArray());
            kept = null;
        }
        digest.update(more);
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    void write(JsonGenerator json) throws IOException {
        if (kept == null) {
            json.writeStartObject();
            json.writeNumberField("bytes", bytes);
            json.writeStringField("sha256", Hex.bytes(digest.digest()));
            json.writeEndObject();
            return;
        }
        String text = text();
        if (text != null) {
            json.writeString(text);
        } else {
            json.writeStartObject();
            json.writeBinaryField("base64", kept.toByteArray());
            json.writeEndObject();
        }
    }

    private String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(kept.toByteArray())).toString();
        } catch (CharacterCodingException noText) {
            return null;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
