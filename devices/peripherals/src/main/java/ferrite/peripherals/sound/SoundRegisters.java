package ferrite.peripherals.sound;

/**
 * The registers of the sound card, one byte wide, at the offsets that a Sound Blaster 16 has from its base port, and
 * the commands of its signal processor (DSP). Creative's <em>Sound Blaster Series Hardware Programming Guide</em>,
 * chapters 2, 4 and 6.
 */
final class SoundRegisters {

    static final long BYTES = 0x1000;

    /** Write: the number of the mixer's register; it is accessed through the next one. */
    static final int MIXER_ADDRESS = 0x4;
    static final int MIXER_DATA = 0x5;
    /** Write: 1, and then 0, resets the DSP. {@link #READY} can be read {@link #RESET_MICROSECONDS} later. */
    static final int RESET = 0x6;
    /** Read: the oldest byte from the DSP. */
    static final int READ_DATA = 0xa;
    /** Write: a command, or a byte of its arguments. Read: {@link #BUSY} while the DSP takes no byte. */
    static final int WRITE_DATA = 0xc;
    static final int BUSY = 1 << 7;
    /**
     * Read: {@link #AVAILABLE} while there is a byte from the DSP. Withdraws the interrupt of 8-bit transfers.
     */
    static final int READ_STATUS = 0xe;
    static final int AVAILABLE = 1 << 7;
    /** Read: withdraws the interrupt of 16-bit transfers. */
    static final int ACKNOWLEDGE_16 = 0xf;

    static final int READY = 0xaa;
    static final int RESET_MICROSECONDS = 100;
    /** The DSP takes this time for a byte, and loses the bytes that are written meanwhile. */
    static final int BUSY_MICROSECONDS = 1;

    // the mixer

    /** Write: gives all registers of the mixer their values at power-on. */
    static final int MIXER_RESET = 0x00;
    /** Read: a bit for each DMA channel that the card uses, {@link #CHANNEL_8} and {@link #CHANNEL_16}. */
    static final int MIXER_DMA = 0x81;
    /** Read: {@link #IRQ_8} and {@link #IRQ_16} while their interrupts are raised. */
    static final int MIXER_IRQ = 0x82;
    static final int IRQ_8 = 1;
    static final int IRQ_16 = 1 << 1;

    /** The DMA channels of 8-bit and of 16-bit transfers. */
    static final int CHANNEL_8 = 1;
    static final int CHANNEL_16 = 5;

    // commands, with their arguments

    /** Sampling rate of playback, and of recording: high byte, low byte, in hertz. */
    static final int SET_OUTPUT_RATE = 0x41;
    static final int SET_INPUT_RATE = 0x42;
    static final int MIN_RATE = 5000;
    static final int MAX_RATE = 44_100;
    /**
     * Begin 16-bit and 8-bit transfers: mode, low and high byte of a block's samples less 1. The card interrupts at the
     * end of each block. The low bits of the commands follow.
     */
    static final int START_16 = 0xb0;
    static final int START_8 = 0xc0;
    static final int START_MASK = 0xf0;
    static final int RECORD = 1 << 3;
    /** After a block the next one begins, until {@link #EXIT_8} or {@link #EXIT_16}. */
    static final int AUTO_INIT = 1 << 2;
    static final int FIFO = 1 << 1;
    static final int MODE_STEREO = 1 << 5;
    static final int MODE_SIGNED = 1 << 4;
    /** Older cards' commands for a mono block of unsigned bytes, with the length of {@link #SET_BLOCK}. */
    static final int START_OLD_PLAY = 0x1c;
    static final int START_OLD_RECORD = 0x2c;
    static final int SET_BLOCK = 0x48;
    static final int PAUSE_8 = 0xd0;
    static final int SPEAKER_ON = 0xd1;
    static final int SPEAKER_OFF = 0xd3;
    static final int CONTINUE_8 = 0xd4;
    static final int PAUSE_16 = 0xd5;
    static final int CONTINUE_16 = 0xd6;
    /** Write: the transfers end with the block that they are in. */
    static final int EXIT_16 = 0xd9;
    static final int EXIT_8 = 0xda;
    /** The DSP answers with the next byte's complement. */
    static final int IDENTIFY = 0xe0;
    /** The DSP answers with two bytes: {@link #VERSION_MAJOR}, {@link #VERSION_MINOR}. */
    static final int GET_VERSION = 0xe1;
    static final int VERSION_MAJOR = 4;
    static final int VERSION_MINOR = 5;
    /** Raise the interrupt of 8-bit, of 16-bit transfers. */
    static final int TRIGGER_8 = 0xf2;
    static final int TRIGGER_16 = 0xf3;

    private SoundRegisters() { }

    /** Returns the number of argument bytes that a command has. */
    static int arguments(int command) {
        int start = command & START_MASK;
        if (start == START_16 || start == START_8) {
            return 3;
        }
        return switch (command) {
            case SET_OUTPUT_RATE, SET_INPUT_RATE, SET_BLOCK -> 2;
            case IDENTIFY -> 1;
            default -> 0;
        };
    }
}
