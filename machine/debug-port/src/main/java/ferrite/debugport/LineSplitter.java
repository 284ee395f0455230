package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Splits a stream of bytes into lines. It holds at most one line. */
final class LineSplitter {

    static final int MAX_LINE_BYTES = 4096;

    /** Marker for a line of more than {@link #MAX_LINE_BYTES}, which was discarded. Compare by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String TOO_LONG = new String("(too long)");

    private final byte[] line = new byte[MAX_LINE_BYTES + 1]; // one more for the carriage return
    private int length;
    private boolean overflowed;

    /**
     * Returns the next line without its end, {@link #TOO_LONG}, or null if the input has no further line end. It
     * consumes the bytes.
     */
    String next(ByteBuf input) {
        int end = input.bytesBefore((byte) '\n');
        take(input, end < 0 ? input.readableBytes() : end);
        if (end < 0) {
            return null;
        }
        input.skipBytes(1);
        return finish();
    }

    /** Returns the text after the last line end, at the end of the input. It may be empty. */
    String rest() {
        return finish();
    }

    private void take(ByteBuf input, int count) {
        int kept = Math.min(count, line.length - length);
        input.readBytes(line, length, kept).skipBytes(count - kept);
        length += kept;
        overflowed |= kept < count;
    }

    private String finish() {
        int bytes = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        String result = overflowed || bytes > MAX_LINE_BYTES ? TOO_LONG
                : new String(line, 0, bytes, StandardCharsets.UTF_8);
        length = 0;
        overflowed = false;
        return result;
    }
}
