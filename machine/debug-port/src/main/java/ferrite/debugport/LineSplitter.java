package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Cuts a stream of bytes into lines, and holds never more than one line's worth of it. */
final class LineSplitter {

    static final int MAX_LINE_BYTES = 4096;

    /** Stands for a line of more than {@link #MAX_LINE_BYTES}, which was discarded; compare by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String TOO_LONG = new String("(too long)");

    private final byte[] line = new byte[MAX_LINE_BYTES + 1]; // one more for the carriage return
    private int length;
    private boolean overflowed;

    /** The next line without its end, {@link #TOO_LONG}, or null when the input holds no more line ends. Bytes taken are consumed. */
    String next(ByteBuf input) {
        int end = input.bytesBefore((byte) '\n');
        take(input, end < 0 ? input.readableBytes() : end);
        if (end < 0) {
            return null;
        }
        input.skipBytes(1);
        return finish();
    }

    /** What stood after the last line end, when the input has ended; may be empty. */
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
        String result = overflowed || bytes > MAX_LINE_BYTES ? TOO_LONG : new String(line, 0, bytes, StandardCharsets.UTF_8);
        length = 0;
        overflowed = false;
        return result;
    }
}
