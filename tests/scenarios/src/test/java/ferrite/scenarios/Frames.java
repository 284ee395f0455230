package ferrite.scenarios;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Frames of another host, and captures of frames. */
final class Frames {

    static final int ETHERNET = 14;
    static final int ICMP = ETHERNET + 20;

    private static final int SECOND = 1_000_000_000;
    private static final int[] CARD = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
    private static final int[] HOST = {2, 0, 0, 0, 0, 9};

    private Frames() { }

    private static void put(ByteBuffer to, int... bytes) {
        for (int value : bytes) {
            to.put((byte) value);
        }
    }

    /** A question of host 10.0.0.9 for the address of 10.0.0.1. */
    static byte[] arp() {
        ByteBuffer frame = ByteBuffer.allocate(42);
        put(frame, 255, 255, 255, 255, 255, 255);
        put(frame, HOST);
        put(frame, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1);
        put(frame, HOST);
        put(frame, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1);
        return frame.array();
    }

    /** Returns the Internet's checksum. */
    static int sum(byte[] bytes, int from, int count) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (bytes[from + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~(sum + (sum >>> 16)) & 0xffff;
    }

    /** An echo request of host 10.0.0.9 to 10.0.0.1 with random data. */
    static byte[] echo(int number, byte[] data) {
        return echo(8, 0x0707, number, data);
    }

    /** An answer of host 10.0.0.9 to a question of 10.0.0.1. */
    static byte[] reply(int identifier, int number) {
        return echo(0, identifier, number, new byte[56]);
    }

    private static byte[] echo(int type, int identifier, int number, byte[] data) {
        ByteBuffer frame = ByteBuffer.allocate(ICMP + 8 + data.length);
        put(frame, CARD);
        put(frame, HOST);
        put(frame, 8, 0, 0x45, 0);
        frame.putShort((short) (28 + data.length)).putShort((short) number);
        put(frame, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 9, 10, 0, 0, 1, type, 0, 0, 0);
        frame.putShort((short) identifier).putShort((short) number).put(data);
        frame.putShort(ETHERNET + 10, (short) sum(frame.array(), ETHERNET, 20));
        return frame.putShort(ICMP + 2, (short) sum(frame.array(), ICMP, 8 + data.length)).array();
    }

    /** Writes a capture whose frames begin after five seconds. */
    static Path write(Path path, List<byte[]> frames, int microsecondsBetween) throws IOException {
        return write(path, frames, frame -> 1000 * microsecondsBetween * frame);
    }

    /** @param times returns the time of the frame with a number, in nanoseconds */
    static Path write(Path path, List<byte[]> frames, IntUnaryOperator times) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN).putInt(0xa1b2_3c4d)
                .putInt(0x0004_0002).putLong(0).putInt(65_535).putInt(1);
        for (int i = 0; i < frames.size(); i++) {
            int length = frames.get(i).length;
            int time = times.applyAsInt(i);
            file.putInt(5 + time / SECOND).putInt(time % SECOND).putInt(length).putInt(length).put(frames.get(i));
        }
        return Files.write(path, Arrays.copyOf(file.array(), file.position()));
    }

    /** Reads the frames of a capture that Ferrite has written. */
    static List<byte[]> read(Path path) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN).position(24);
        List<byte[]> frames = new ArrayList<>();
        while (file.hasRemaining()) {
            byte[] frame = new byte[file.getInt(file.position() + 8)];
            file.position(file.position() + 16).get(frame);
            frames.add(frame);
        }
        return frames;
    }
}
