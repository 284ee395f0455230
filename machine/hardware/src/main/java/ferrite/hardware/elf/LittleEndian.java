package ferrite.hardware.elf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a section that is being written, in the machine's byte order. */
public final class LittleEndian {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Offset of the next byte. */
    public int size() {
        return bytes.size();
    }

    public LittleEndian u8(int value) {
        bytes.write(value);
        return this;
    }

    public LittleEndian u16(int value) {
        return u8(value).u8(value >> 8);
    }

    /** Appends the low 32 bits of a number or an address. */
    public LittleEndian u32(long value) {
        return u16((int) value).u16((int) (value >> 16));
    }

    /** Appends an unsigned number in DWARF's variable length (DWARF 4, section 7.6). */
    public LittleEndian uleb128(int value) {
        int left = value;
        while (left >>> 7 != 0) {
            u8(left & 0x7f | 0x80);
            left >>>= 7;
        }
        return u8(left);
    }

    /** Appends a text with its NUL. */
    public LittleEndian string(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8)).u8(0);
    }

    public LittleEndian bytes(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    /** Appends zeros up to a multiple of {@code alignment}. */
    public LittleEndian align(int alignment) {
        while (size() % alignment != 0) {
            u8(0);
        }
        return this;
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
