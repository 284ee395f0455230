package ferrite.board.image;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;

/**
 * The boot ROM: an image from firmware-images, with two words filled in that tell it where to jump, as in QEMU's reset
 * vector.
 */
public final class BootRom implements BusDevice {

    private static final String BOOT_INFO = "boot_info";
    private static final String PAYLOAD = "payload";

    public static final long BYTES = 0x1000;

    private final long base;
    private final byte[] bytes = new byte[(int) BYTES];

    /**
     * @param elf        the image, position-independent
     * @param base       the ROM's address on the bus
     * @param entry      the address to which its code jumps
     * @param deviceTree the address of the device tree
     */
    public BootRom(byte[] elf, long base, long entry, long deviceTree) {
        this(elf, base, entry, deviceTree, 0);
    }

    /** Creates a boot ROM that jumps to a firmware, which jumps to the payload. */
    public BootRom(byte[] elf, long base, long entry, long deviceTree, long payload) {
        this.base = base;
        ElfImage image = ElfImage.parse(elf, "boot ROM");
        long linkedAt = image.entryPa();
        for (Segment segment : image.segments()) {
            System.arraycopy(segment.file(), segment.offset(), bytes, (int) (segment.pa() - linkedAt),
                    segment.fileSize());
        }
        int info = (int) (image.symbol(BOOT_INFO).orElseThrow() - linkedAt);
        putWord(info, (int) entry);
        putWord(info + 4, (int) deviceTree);
        if (payload != 0) {
            putWord((int) (image.symbol(PAYLOAD).orElseThrow() - linkedAt), (int) payload);
        }
    }

    /** Creates a boot ROM from the contents of another. */
    public BootRom(long base, byte[] contents) {
        this.base = base;
        System.arraycopy(contents, 0, bytes, 0, bytes.length);
    }

    private void putWord(int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >>> 8 * i);
        }
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[(int) offset + i] & 0xff) << 8 * i;
        }
        return value;
    }

    @Override
    public void store(long offset, int width, int value) {
        throw new BusFault(base + offset, width, "the boot ROM cannot be written");
    }
}
