package ferrite.hardware.elf;

/**
 * A named address of an image.
 *
 * @param name  its name, not empty
 * @param value the virtual address that it stands for
 * @param size  how many bytes the object or function has; 0 if the image does not say
 * @param type  one of the {@code STT_} constants, or another number that the image uses
 */
public record Symbol(String name, long value, long size, int type) {
    public static final int STT_NOTYPE = 0;
    public static final int STT_OBJECT = 1;
    public static final int STT_FUNC = 2;
}
