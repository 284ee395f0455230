package ferrite.board.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a flat {@code Image} of Linux begins (Linux, Documentation/riscv/boot-image-header.rst): two words of code, and then what a loader has to know.
 *
 * <pre>
 *  0x08  text_offset   where it belongs, counted from the start of RAM
 *  0x10  image_size    what it takes of RAM, more than the file has
 *  0x38  "RSC\5"
 * </pre>
 *
 * @param textOffset as the file has it, which may be anything
 * @param imageSize  as the file has it, which may be anything
 */
record LinuxHeader(long textOffset, long imageSize) {

    static final int BYTES = 0x40;

    private static final int TEXT_OFFSET = 0x08;
    private static final int IMAGE_SIZE = 0x10;
    private static final int MAGIC = 0x38;
    private static final int RSC_5 = 0x0543_5352;

    /** The header that these bytes are, or null. */
    static LinuxHeader of(byte[] start) {
        ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        return start.length < BYTES || header.getInt(MAGIC) != RSC_5 ? null : new LinuxHeader(header.getLong(TEXT_OFFSET), header.getLong(IMAGE_SIZE));
    }

    /** What the image takes of RAM, if its file has so many bytes; one that claims more than there can be stays negative. */
    long bytes(long fileBytes) {
        return Long.compareUnsigned(imageSize, fileBytes) > 0 ? imageSize : fileBytes;
    }
}
