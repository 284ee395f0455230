package ferrite.debugport.gdb;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Splits a client's bytes into packets (GDB manual, appendix E.1). It holds at most one packet.
 *
 * <pre>
 *   $ data # checksum      in data, '}' escapes the next byte, which was changed by 0x20
 *   + -                    acknowledgements
 *   0x03                   the interrupt character
 * </pre>
 */
final class PacketReader {

    /** What the bytes so far are. */
    enum Event {
        /** More bytes are needed. */
        NEEDS_MORE,
        /** A packet is complete: {@link #data}. */
        PACKET,
        /** A packet's checksum is wrong. */
        BAD_CHECKSUM,
        /** A packet is longer than {@link #MAX_DATA_BYTES}. */
        TOO_LONG,
        /** The last packet that was sent is wanted again. */
        NACK,
        INTERRUPT
    }

    /** The PacketSize that GDB is told: 128 KiB of memory in hexadecimal, and room for the rest of a packet. */
    static final int MAX_DATA_BYTES = 0x40000 + 0x400;

    private static final int INITIAL_BYTES = 1024;
    private static final int ESCAPED = 0x20;

    private enum State { BETWEEN, DATA, ESCAPE, FIRST_DIGIT, SECOND_DIGIT }

    private State state = State.BETWEEN;
    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;
    private int sum;
    private int given;

    /** Consumes bytes up to the next event. */
    Event next(ByteBuf in) {
        while (in.isReadable()) {
            Event event = take(in.readByte() & 0xff);
            if (event != Event.NEEDS_MORE) {
                return event;
            }
        }
        return Event.NEEDS_MORE;
    }

    boolean isBetweenPackets() {
        return state == State.BETWEEN;
    }

    /** Returns the data of the packet that was just completed, a character for each byte. */
    String data() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private Event take(int b) {
        switch (state) {
            case BETWEEN -> {
                if (b == '$') {
                    begin();
                }
                return b == 0x03 ? Event.INTERRUPT : b == '-' ? Event.NACK : Event.NEEDS_MORE;
            }
            case DATA -> {
                return takeData(b);
            }
            case ESCAPE -> {
                sum += b;
                state = State.DATA;
                return put(b ^ ESCAPED);
            }
            case FIRST_DIGIT -> {
                given = Character.digit(b, 16) << 4;
                state = State.SECOND_DIGIT;
                return Event.NEEDS_MORE;
            }
            default -> {
                state = State.BETWEEN;
                return (given | Character.digit(b, 16)) == (sum & 0xff) ? Event.PACKET : Event.BAD_CHECKSUM;
            }
        }
    }

    private Event takeData(int b) {
        switch (b) {
            case '#' -> {
                state = State.FIRST_DIGIT;
                return Event.NEEDS_MORE;
            }
            case '$' -> {                              // the client began anew
                begin();
                return Event.NEEDS_MORE;
            }
            case '}' -> {
                sum += b;
                state = State.ESCAPE;
                return Event.NEEDS_MORE;
            }
            default -> {
                sum += b;
                return put(b);
            }
        }
    }

    private void begin() {
        state = State.DATA;
        length = 0;
        sum = 0;
        if (bytes.length > INITIAL_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
    }

    private Event put(int b) {
        if (length == MAX_DATA_BYTES) {
            return Event.TOO_LONG;
        }
        if (length == bytes.length) {
            bytes = java.util.Arrays.copyOf(bytes, Math.min(MAX_DATA_BYTES, 4 * length));
        }
        bytes[length++] = (byte) b;
        return Event.NEEDS_MORE;
    }
}
