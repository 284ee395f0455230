package ferrite.hardware.devicetree;

import static ferrite.hardware.devicetree.FlattenedDeviceTree.HEADER_BYTES;
import static ferrite.hardware.devicetree.FlattenedDeviceTree.MAX_BYTES;
import static ferrite.hardware.devicetree.FlattenedDeviceTree.RESERVATION_BYTES;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The bytes of a flattened tree with a checked header: its blocks lie inside the bytes (Devicetree Specification v0.4,
 * section 5.2).
 *
 * <pre>
 * offset 0 magic | 4 totalsize | 8 off_dt_struct | 12 off_dt_strings | 16 off_mem_rsvmap | 20 version
 *       24 last_comp_version | 28 boot_cpuid_phys | 32 size_dt_strings | 36 size_dt_struct | 40 end
 * </pre>
 */
final class FlatTreeBlob {
    final int structureStart;
    final int structureEnd;
    private final int reservationsStart;
    private final int stringsStart;
    private final int stringsEnd;
    private final ByteBuffer bytes;
    private final int totalSize;

    FlatTreeBlob(byte[] blob) {
        bytes = ByteBuffer.wrap(blob);
        if (blob.length < HEADER_BYTES) {
            throw fault(blob.length, "the blob ends; its header alone should have " + HEADER_BYTES + " bytes");
        }
        checkMagicAndVersions();
        totalSize = checkedTotalSize();
        structureStart = blockStart(8, "off_dt_struct", Integer.BYTES);
        structureEnd = blockEnd(36, "size_dt_struct", structureStart);
        stringsStart = blockStart(12, "off_dt_strings", 1);
        stringsEnd = blockEnd(32, "size_dt_strings", stringsStart);
        reservationsStart = blockStart(16, "off_mem_rsvmap", Long.BYTES);
        if ((structureEnd - structureStart) % Integer.BYTES != 0) {
            throw fault(36, "size_dt_struct is " + (structureEnd - structureStart) + "; it should be a multiple of 4");
        }
    }

    private void checkMagicAndVersions() {
        if (word(0) != FlattenedDeviceTree.MAGIC) {
            throw fault(0, String.format(Locale.ROOT, "the magic number is 0x%08x; it should be 0x%08x", word(0),
                    FlattenedDeviceTree.MAGIC));
        }
        if (Integer.compareUnsigned(word(20), FlattenedDeviceTree.VERSION) < 0) {
            throw fault(20, "the version is " + Integer.toUnsignedString(word(20)) + "; it should be 17 or later");
        }
        if (Integer.compareUnsigned(word(24), FlattenedDeviceTree.VERSION) > 0) {
            throw fault(24, "the last compatible version is " + Integer.toUnsignedString(word(24))
                    + "; it should be at most 17");
        }
    }

    private int checkedTotalSize() {
        int size = word(4);
        if (size < HEADER_BYTES || size > MAX_BYTES) {
            throw fault(4, "totalsize is " + Integer.toUnsignedString(size) + "; it should be from " + HEADER_BYTES
                    + " to " + MAX_BYTES);
        }
        if (size > bytes.capacity()) {
            throw fault(4, "totalsize is " + size + ", but the blob has only " + bytes.capacity() + " bytes");
        }
        return size;
    }

    private int blockStart(int field, String name, int alignment) {
        int start = word(field);
        if (start < HEADER_BYTES || start > totalSize) {
            throw fault(field,
                    String.format(Locale.ROOT, "%s is 0x%x; it should lie after the header and within the total size, "
                            + "0x%x", name, start, totalSize));
        }
        if (start % alignment != 0) {
            throw fault(field,
                    String.format(Locale.ROOT, "%s is 0x%x; it should be a multiple of %d", name, start, alignment));
        }
        return start;
    }

    private int blockEnd(int field, String name, int start) {
        int size = word(field);
        if (size < 0 || size > totalSize - start) {
            throw fault(field,
                    String.format(Locale.ROOT, "%s is 0x%x; the block starts at 0x%x and should end within the total "
                            + "size, 0x%x", name, size, start, totalSize));
        }
        return start + size;
    }

    /** Reads the reservations: pairs up to the pair (0, 0) (section 5.3). */
    List<Region> reservations() {
        List<Region> reservations = new ArrayList<>();
        for (int at = reservationsStart; at <= totalSize - RESERVATION_BYTES; at += RESERVATION_BYTES) {
            Region region = new Region(bytes.getLong(at), bytes.getLong(at + Long.BYTES));
            if (region.address() == 0 && region.size() == 0) {
                return reservations;
            }
            reservations.add(region);
        }
        throw fault(totalSize,
                "the blob ends inside the memory reservation block; the block should end with a pair (0, 0)");
    }

    int word(int offset) {
        return bytes.getInt(offset);
    }

    byte[] copy(int offset, int length) {
        byte[] copy = new byte[length];
        bytes.get(offset, copy);
        return copy;
    }

    /**
     * Reads a property's name at an offset into the strings block. {@code usedAt} is the offset of the word that refers
     * to it.
     */
    String propertyName(int offset, int usedAt) {
        if (offset < 0 || offset >= stringsEnd - stringsStart) {
            throw fault(usedAt,
                    String.format(Locale.ROOT, "the name of a property is at 0x%x of the strings block, which has 0x%x "
                            + "bytes", offset, stringsEnd - stringsStart));
        }
        String name = stringAt(stringsStart + offset, stringsEnd);
        requireName(name, stringsStart + offset, "property");
        return name;
    }

    /** Reads a string. Its zero byte must come before {@code end} and within the maximum length of a name. */
    String stringAt(int start, int end) {
        int limit = Math.min(end, start + DeviceTreeNames.MAX_LENGTH + 1);
        int at = start;
        while (at < limit && bytes.get(at) != 0) {
            at++;
        }
        if (at == limit) {
            throw fault(start, "a name does not end within " + (limit - start) + " bytes, the maximum here");
        }
        return new String(bytes.array(), start, at - start, StandardCharsets.ISO_8859_1);
    }

    void requireName(String name, int offset, String kind) {
        String fault = DeviceTreeNames.faultOf(name);
        if (fault != null) {
            throw fault(offset, "the name of a " + kind + " is malformed: " + fault);
        }
    }

    static DeviceTreeException fault(int offset, String what) {
        return new DeviceTreeException(String.format(Locale.ROOT,
                "At byte 0x%x of the flattened device tree, %s.", offset, what));
    }
}
