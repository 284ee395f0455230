package ferrite.peripherals.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A capture that a test makes or reads. */
public final class CaptureFile {

    private static final int HEADER = Capture.FILE_HEADER_BYTES;

    private final ByteBuffer bytes;
    private final int unit;

    public CaptureFile(boolean nanoseconds, ByteOrder order) {
        bytes = ByteBuffer.allocate(1 << 19).order(order);
        unit = nanoseconds ? 1 : 1000;
        bytes.putInt(nanoseconds ? Capture.NANOSECONDS_MAGIC : Capture.MICROSECONDS_MAGIC).putShort((short) 2)
                .putShort((short) 4).putLong(0).putInt(65_535).putInt(1);
    }

    /** Returns a capture of the kind that most tools write. */
    public static CaptureFile usual() {
        return new CaptureFile(false, ByteOrder.LITTLE_ENDIAN);
    }

    public CaptureFile add(long nanoseconds, byte[] frame) {
        bytes.putInt((int) (nanoseconds / 1_000_000_000)).putInt((int) (nanoseconds % 1_000_000_000) / unit)
                .putInt(frame.length).putInt(frame.length).put(frame);
        return this;
    }

    /** Overwrites a word. */
    CaptureFile word(int at, int value) {
        bytes.putInt(at, value);
        return this;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    public Path write(Path path) throws IOException {
        return Files.write(path, bytes());
    }

    /** Returns a broadcast frame with so many bytes, of which the last one is given. */
    public static byte[] frame(int length, int last) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        frame[12] = 8;
        frame[length - 1] = (byte) last;
        return frame;
    }

    /** Returns the time in nanoseconds and the length of each frame of a capture that Ferrite has written. */
    public static String read(Path path) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder text = new StringBuilder(Integer.toHexString(file.getInt(0)));
        for (int at = HEADER; at < file.limit(); at += Capture.FRAME_HEADER_BYTES + file.getInt(at + 8)) {
            text.append(' ').append(file.getInt(at) * 1_000_000_000L + file.getInt(at + 4)).append(':')
                    .append(file.getInt(at + 8));
        }
        return text.toString();
    }
}
