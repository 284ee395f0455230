package ferrite.debugport.gdb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Formats packets: a frame, escapes and a checksum. */
final class PacketWriter {

    private PacketWriter() { }

    /**
     * Returns a packet with this data, a byte for each character. A JVM that has just started interprets the loop over
     * the bytes, so it is a short one.
     */
    static ByteBuf packet(String data) {
        byte[] text = data.getBytes(StandardCharsets.ISO_8859_1);
        byte[] out = new byte[2 * text.length + 4];
        int length = 0;
        out[length++] = '$';
        int sum = 0;
        for (byte each : text) {
            byte c = each;
            if (c == '$' || c == '#' || c == '}' || c == '*') {
                out[length++] = '}';
                sum += '}';
                c ^= 0x20;
            }
            out[length++] = c;
            sum += c;
        }
        out[length++] = '#';
        out[length++] = digit(sum >> 4);
        out[length++] = digit(sum);
        return Unpooled.wrappedBuffer(out, 0, length);
    }

    private static byte digit(int value) {
        return (byte) Character.forDigit(value & 15, 16);
    }
}
