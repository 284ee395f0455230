package ferrite.debugport.gdb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** Formats packets: a frame, escapes and a checksum. */
final class PacketWriter {

    private PacketWriter() { }

    /** Returns a packet with this data, a byte for each character. */
    static ByteBuf packet(ByteBufAllocator allocator, String data) {
        ByteBuf out = allocator.buffer(data.length() + 4);
        out.writeByte('$');
        int sum = 0;
        for (int i = 0; i < data.length(); i++) {
            char c = data.charAt(i);
            if (c == '$' || c == '#' || c == '}' || c == '*') {
                out.writeByte('}').writeByte(c ^ 0x20);
                sum += '}' + (c ^ 0x20);
            } else {
                out.writeByte(c);
                sum += c;
            }
        }
        out.writeByte('#');
        out.writeCharSequence(Packets.hex(sum & 0xff, 2), StandardCharsets.US_ASCII);
        return out;
    }
}
