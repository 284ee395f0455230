package ferrite.board.matrix;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaRequester;
import ferrite.hardware.interrupt.IrqLine;

/**
 * A test device on two channels of the ISA controller. It supplies a pattern, or compares the bytes that it
 * gets with the pattern. One transfer runs at a time.
 */
final class ChannelProbe implements BusDevice, DmaRequester {

    /** A place on the bus where the {@code ferrite} board has nothing. */
    static final long BASE = 0xf00e_0000L;
    static final long BYTES = 0x1000;
    static final int CHANNEL = 1;
    static final int CHANNEL16 = 5;

    /** Write: the number of the channel to use. */
    static final int LINE = 0x00;
    /** Write: {@link #SUPPLY} or {@link #ACCEPT} starts, {@link #STOP} withdraws the request. */
    static final int COMMAND = 0x04;
    static final int STOP = 0;
    static final int SUPPLY = 1;
    static final int ACCEPT = 2;
    /** Write: the number of bytes of the next transfer. */
    static final int COUNT = 0x08;
    /** Write: chooses the pattern. */
    static final int SEED = 0x0c;
    /** Read: bytes moved since the start. */
    static final int MOVED = 0x10;
    /** Read: those of them that were the pattern's. */
    static final int RIGHT = 0x14;

    private final IrqLine request8;
    private final IrqLine request16;
    private int line;
    private int left;
    private int seed;
    private int count;
    private int moved;
    private int right;

    ChannelProbe(DmaController controller) {
        request8 = controller.connect(CHANNEL, this);
        request16 = controller.connect(CHANNEL16, this);
    }

    /** Returns a byte of a pattern. */
    static byte pattern(int seed, int index) {
        return (byte) (seed * 31 + index * 7 + (index >> 8) * 3);
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        return switch ((int) offset) {
            case LINE -> line;
            case COUNT -> count;
            case SEED -> seed;
            case MOVED -> moved;
            case RIGHT -> right;
            default -> 0;
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        switch ((int) offset) {
            case LINE -> line = value;
            case COUNT -> count = value;
            case SEED -> seed = value;
            case COMMAND -> command(value);
            default -> { }
        }
    }

    private void command(int command) {
        left = command == STOP ? 0 : count;
        if (command != STOP) {
            moved = 0;
            right = 0;
        }
        (line == CHANNEL ? request8 : request16).set(left > 0);
    }

    @Override
    public String name() {
        return "probe";
    }

    @Override
    public int ready() {
        return left;
    }

    @Override
    public void supply(DmaBytes bus, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = pattern(seed, moved + i);
        }
        bus.put(bytes, 0, length);
        right += length;
        moved(length);
    }

    @Override
    public void accept(DmaBytes bus, int length) {
        byte[] bytes = new byte[length];
        bus.get(bytes, 0, length);
        for (int i = 0; i < length; i++) {
            right += bytes[i] == pattern(seed, moved + i) ? 1 : 0;
        }
        moved(length);
    }

    private void moved(int bytes) {
        moved += bytes;
        left -= bytes;
        if (left == 0) {
            (line == CHANNEL ? request8 : request16).set(false);
        }
    }

    @Override
    public void terminalCount() { }
}
