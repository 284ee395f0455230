package ferrite.hardware.elf;

/**
 * A named address of an image.
 *
 * @param name  the name, not empty
 * @param value the virtual address
 * @param size  the size of the object or function in bytes, or 0 if the image does not give it
 * @param type  one of the {@code STT_} constants, or another number from the image
 */
public record Symbol(String name, long value, long size, int type) {
    public static final int STT_NOTYPE = 0;
    public static final int STT_OBJECT = 1;
    public static final int STT_FUNC = 2;
}
