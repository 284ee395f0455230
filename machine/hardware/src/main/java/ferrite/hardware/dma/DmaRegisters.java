package ferrite.hardware.dma;

/**
 * The registers of the PC/AT's pair of 8237A, at their port numbers (Intel 8237A data sheet, "software commands" and
 * "register description"; Intersil 82C37A for registers that can be read back; IBM PC/AT technical reference for the
 * page registers; EISA specification for the high page registers). All are one byte wide.
 *
 * <pre>
 *  0x000 - 0x00f  first controller, channels 0-3: bytes
 *  0x080 - 0x08f  page registers, in the PC's order
 *  0x0c0 - 0x0de  second controller, channels 4-7, two ports apart: 4 carries the first controller, 5-7 move words
 *  0x480 - 0x48f  high page registers, 0x400 above the page registers
 *  0x48c          refusals
 * </pre>
 *
 * A constant without a channel is the register's number in its chip, which is also its port at the first controller.
 * {@link #port} converts the number to the port of either controller.
 */
public final class DmaRegisters {

    public static final int CHANNELS = 8;
    /** The channel through which the first controller requests the bus from the second. */
    public static final int CASCADE = 4;

    /**
     * Address of a chip's channel n at 2n, and count at 2n + 1. Each has two bytes, low first. The byte pointer
     * flip-flop selects between them.
     */
    public static final int ADDRESS_0 = 0x0;
    public static final int COUNT_0 = 0x1;
    /** Read: terminal counts in bits 0-3 (cleared by reading), requests in 4-7. */
    public static final int STATUS = 0x8;

    /**
     * Write:
     * <pre>
     * 7            6            5                4                 3
     * DACK sense   DREQ sense   extended write   rotate priority   compressed timing
     *
     * 2            1                        0
     * disable      channel 0 address hold   memory to memory
     * </pre>
     */
    public static final int COMMAND = 0x8;
    public static final int COMMAND_MEMORY_TO_MEMORY = 1;
    public static final int COMMAND_ADDRESS_HOLD = 1 << 1;
    public static final int COMMAND_DISABLE = 1 << 2;
    public static final int COMMAND_ROTATE = 1 << 4;

    /** Write: channel in bits 0-1; bit 2 sets or clears a software request. Read: the requests in bits 0-3. */
    public static final int REQUEST = 0x9;
    /** Write: channel in bits 0-1; bit 2 sets or clears its mask. */
    public static final int SINGLE_MASK = 0xa;
    public static final int SET = 1 << 2;
    /** Read: the value last written to {@link #COMMAND}. */
    public static final int READ_COMMAND = 0xa;

    /**
     * Write. Read: the channels' modes one after the other, with ones in the channel bits.
     * <pre>
     *  7 6                              5          4                3 2                     1 0
     *  demand, single, block, cascade   decrement  auto-initialise  verify, write, read, -  channel
     * </pre>
     */
    public static final int MODE = 0xb;
    public static final int MODE_VERIFY = 0;
    public static final int MODE_WRITE = 1 << 2;
    public static final int MODE_READ = 2 << 2;
    public static final int MODE_TRANSFER = 3 << 2;
    public static final int MODE_AUTO_INITIALISE = 1 << 4;
    public static final int MODE_DECREMENT = 1 << 5;
    public static final int MODE_DEMAND = 0;
    public static final int MODE_SINGLE = 1 << 6;
    public static final int MODE_BLOCK = 2 << 6;
    public static final int MODE_CASCADE = 3 << 6;

    /** Write: any value selects the low byte next. */
    public static final int CLEAR_FLIP_FLOP = 0xc;
    /** Read: selects the high byte next. */
    public static final int SET_FLIP_FLOP = 0xc;
    /** Write: any value resets the controller. */
    public static final int MASTER_CLEAR = 0xd;
    /** Read: the last byte of a memory-to-memory transfer. */
    public static final int TEMPORARY = 0xd;
    public static final int CLEAR_MASKS = 0xe;
    /** Read: makes the next read of {@link #MODE} return the chip's first channel. */
    public static final int CLEAR_MODE_COUNTER = 0xe;
    /** The masks of all channels in bits 0-3. */
    public static final int ALL_MASKS = 0xf;

    /** A bit for each refused channel; writing a one clears it. This register is not in the data sheets. */
    public static final int ERROR = 0x48c;

    static final int CHIP_CHANNELS = 4;
    private static final int CHIP_REGISTERS = 16;
    private static final int SECOND = 0xc0;

    /** Ports of the page registers, with address bits 16-23, in the PC's order. That of channel 4 serves refresh. */
    private static final int[] PAGES = {0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a};
    /** Offset from a page register's port to the port for address bits 24-31. */
    private static final int HIGH = 0x400;

    /** The ports below this one have the registers of the PC/AT. */
    public static final int LOW_BYTES = 0x100;
    /** The first port of the high page registers, and their number. */
    public static final int HIGH_PORTS = 0x480;
    public static final int HIGH_BYTES = 0x10;

    private DmaRegisters() { }

    /** Returns the port of a register of the controller with this channel. */
    public static int port(int channel, int register) {
        return channel < CASCADE ? register : SECOND + 2 * register;
    }

    public static int address(int channel) {
        return port(channel, ADDRESS_0 + 2 * (channel % CHIP_CHANNELS));
    }

    public static int count(int channel) {
        return port(channel, COUNT_0 + 2 * (channel % CHIP_CHANNELS));
    }

    public static int page(int channel) {
        return PAGES[channel];
    }

    public static int highPage(int channel) {
        return PAGES[channel] + HIGH;
    }

    static boolean isOfFirst(int port) {
        return port < CHIP_REGISTERS;
    }

    static boolean isOfSecond(int port) {
        return port >= SECOND && port < SECOND + 2 * CHIP_REGISTERS && port % 2 == 0;
    }

    /** Returns the register number in its chip for a port of the second controller. */
    static int registerOfSecond(int port) {
        return (port - SECOND) / 2;
    }

    /** Returns the channel of the page register at this port, or -1. */
    static int channelOfPage(int port) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            if (PAGES[channel] == port) {
                return channel;
            }
        }
        return -1;
    }

    /** Returns the channel of the high page register at this port, or -1. */
    static int channelOfHighPage(int port) {
        return channelOfPage(port - HIGH);
    }
}
