package ferrite.hardware.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * The bytes of an ELF file, its name, and the checks common to all its tables. Callers check offsets before they read.
 */
final class ElfFile {
    private final byte[] bytes;
    private final ByteBuffer buffer;
    private final String name;

    ElfFile(byte[] bytes, String name) {
        this.bytes = bytes;
        this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.name = name;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    int byteAt(int offset) {
        return Byte.toUnsignedInt(bytes[offset]);
    }

    int half(int offset) {
        return Short.toUnsignedInt(buffer.getShort(offset));
    }

    long word(int offset) {
        return Integer.toUnsignedLong(buffer.getInt(offset));
    }

    /** Requires that {@code size} bytes at {@code offset} lie inside the file. Returns the offset as an index. */
    int requireInside(String what, long offset, long size) {
        if (offset + size > bytes.length) {
            throw fault("%s takes 0x%x bytes at offset 0x%x; it should end within the file, which has 0x%x bytes",
                    what, size, offset, bytes.length);
        }
        return (int) offset;
    }

    void requireEqual(String field, long value, long right, String meaning) {
        if (value != right) {
            throw fault("%s is 0x%x; it should be 0x%x (%s)", field, value, right, meaning);
        }
    }

    ElfException fault(String what, Object... arguments) {
        return new ElfException(name + ": " + String.format(Locale.ROOT, what, arguments) + ".");
    }
}
