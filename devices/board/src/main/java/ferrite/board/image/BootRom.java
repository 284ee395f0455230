package ferrite.board.image;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;

/** The boot ROM: what firmware-images built, with the two words that tell it where to go, as QEMU fills in those of its reset vector. */
public final class BootRom implements BusDevice {

    private static final String BOOT_INFO = "boot_info";
    private static final String PAYLOAD = "payload";

    public static final long BYTES = 0x1000;

    private final long base;
    private final byte[] bytes = new byte[(int) BYTES];

    /**
     * @param elf        what is in it, position-independent
     * @param base       where it is on the bus
     * @param entry      where its code goes in the end
     * @param deviceTree where the device tree is
     */
    public BootRom(byte[] elf, long base, long entry, long deviceTree) {
        this(elf, base, entry, deviceTree, 0);
    }

    /** One whose code goes to a firmware, which goes to the payload. */
    public BootRom(byte[] elf, long base, long entry, long deviceTree, long payload) {
        this.base = base;
        ElfImage image = ElfImage.parse(elf, "boot ROM");
        long linkedAt = image.entryPa();
        for (Segment segment : image.segments()) {
            System.arraycopy(segment.file(), segment.offset(), bytes, (int) (segment.pa() - linkedAt), segment.fileSize());
        }
        int info = (int) (image.symbol(BOOT_INFO).orElseThrow() - linkedAt);
        putWord(info, (int) entry);
        putWord(info + 4, (int) deviceTree);
        if (payload != 0) {
            putWord((int) (image.symbol(PAYLOAD).orElseThrow() - linkedAt), (int) payload);
        }
    }

    /** A boot ROM as it was found in a machine. */
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
