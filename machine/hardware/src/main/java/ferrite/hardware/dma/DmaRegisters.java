package ferrite.hardware.dma;

/**
 * The registers of the first 8237A of the PC/AT, at their port numbers (Intel 8237A data sheet; IBM PC/AT technical reference for the page
 * registers; EISA specification for the high page registers). All are one byte wide.
 */
public final class DmaRegisters {

    public static final int CHANNELS = 4;

    /** Address of channel n at 2n, count at 2n + 1: two bytes each, low first, told apart by the byte pointer flip-flop. */
    public static final int ADDRESS_0 = 0x00;
    public static final int COUNT_0 = 0x01;
    /** Read: terminal counts in bits 0-3 (cleared by reading), requests in 4-7. */
    public static final int STATUS = 0x08;
    /** Write: bit 2 disables the controller. */
    public static final int COMMAND = 0x08;
    public static final int COMMAND_DISABLE = 1 << 2;
    /** Write: bits 0-1 channel, bit 2 set or clear a software request. */
    public static final int REQUEST = 0x09;
    /** Write: bits 0-1 channel, bit 2 set or clear its mask. */
    public static final int SINGLE_MASK = 0x0a;
    public static final int SET = 1 << 2;
    /** Write: bits 0-1 channel, 2-3 transfer, 4 auto-initialise, 5 decrement, 6-7 mode. */
    public static final int MODE = 0x0b;
    public static final int MODE_WRITE = 1 << 2;
    public static final int MODE_READ = 2 << 2;
    public static final int MODE_TRANSFER = 3 << 2;
    public static final int MODE_AUTO_INITIALISE = 1 << 4;
    public static final int MODE_DECREMENT = 1 << 5;
    public static final int MODE_SINGLE = 1 << 6;
    public static final int MODE_SELECT = 3 << 6;
    /** Write: any value makes the next byte the low one. */
    public static final int CLEAR_FLIP_FLOP = 0x0c;
    /** Write: any value resets the controller. */
    public static final int MASTER_CLEAR = 0x0d;
    public static final int CLEAR_MASKS = 0x0e;
    /** Write: the masks of all channels in bits 0-3. */
    public static final int ALL_MASKS = 0x0f;

    /** Address bits 16-23, in the PC's order. */
    private static final int[] PAGES = {0x87, 0x83, 0x81, 0x82};
    /** What has to be added to a page register's port for address bits 24-31. */
    private static final int HIGH = 0x400;

    /** Not in the data sheet: a bit for each channel that was refused; written ones are cleared. */
    public static final int ERROR = 0x48c;

    private DmaRegisters() { }

    public static int page(int channel) {
        return PAGES[channel];
    }

    public static int highPage(int channel) {
        return PAGES[channel] + HIGH;
    }

    /** The channel whose page register is at this port, or -1. */
    static int channelOfPage(int port) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            if (PAGES[channel] == port) {
                return channel;
            }
        }
        return -1;
    }

    /** The channel whose high page register is at this port, or -1. */
    static int channelOfHighPage(int port) {
        return channelOfPage(port - HIGH);
    }
}
