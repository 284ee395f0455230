package ferrite.board.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a flat {@code Image} of Linux (Linux, Documentation/riscv/boot-image-header.rst): two words of code,
 * then data for the loader.
 *
 * <pre>
 *  0x08  text_offset   the image's place, counted from the start of RAM
 *  0x10  image_size    the RAM that it takes, more than the file has
 *  0x38  "RSC\5"
 * </pre>
 *
 * @param textOffset the number in the file, unchecked
 * @param imageSize  the number in the file, unchecked
 */
record LinuxHeader(long textOffset, long imageSize) {

    static final int BYTES = 0x40;

    private static final int TEXT_OFFSET = 0x08;
    private static final int IMAGE_SIZE = 0x10;
    private static final int MAGIC = 0x38;
    private static final int RSC_5 = 0x0543_5352;

    /** Returns the header at the start of a file, or null if there is none. */
    static LinuxHeader of(byte[] start) {
        ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        return start.length < BYTES || header.getInt(MAGIC) != RSC_5 ? null
                : new LinuxHeader(header.getLong(TEXT_OFFSET), header.getLong(IMAGE_SIZE));
    }

    /** Returns the RAM that an image with a file of this size takes. An impossibly large claim stays negative. */
    long bytes(long fileBytes) {
        return Long.compareUnsigned(imageSize, fileBytes) > 0 ? imageSize : fileBytes;
    }
}
