package ferrite.peripherals.uart;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The receiver's 16 bytes, each with its error bits; one byte while FIFOs are off (PC16550D data sheet, section 8.9).
 */
final class ReceiveFifo implements Saveable {

    static final int DEPTH = 16;
    private static final int[] TRIGGERS = {1, 4, 8, 14};

    private final int[] bytes = new int[DEPTH];
    private int first;
    private int count;
    private boolean enabled;
    private int trigger = 1;

    boolean isEnabled() {
        return enabled;
    }

    /** Stores to the FCR. Switching FIFOs on or off empties them (section 8.4). */
    void control(int fcr) {
        boolean enable = (fcr & UartRegisters.FCR_ENABLE) != 0;
        if (enable != enabled || enable && (fcr & UartRegisters.FCR_CLEAR_RECEIVER) != 0) {
            clear();
        }
        enabled = enable;
        trigger = enable ? TRIGGERS[fcr >>> UartRegisters.FCR_TRIGGER_SHIFT & 3] : 1;
    }

    private void clear() {
        first = 0;
        count = 0;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean hasReachedTrigger() {
        return count >= trigger;
    }

    /**
     * Adds a byte with its LSR error bits. A full FIFO drops the new byte; a full single register takes it in place of
     * the old one.
     *
     * @return true if a byte was lost
     */
    boolean add(int value, int errors) {
        int room = enabled ? DEPTH : 1;
        boolean overrun = count == room;
        if (overrun && enabled) {
            return true;
        }
        if (!overrun) {
            count++;
        }
        bytes[(first + count - 1) % DEPTH] = value & 0xff | errors << 8;
        return overrun;
    }

    /** Returns the next byte to read, or the last one read if the receiver is empty. */
    int peek() {
        return bytes[first] & 0xff;
    }

    int take() {
        int value = peek();
        if (count > 0) {
            count--;
            first = (first + 1) % DEPTH;
        }
        return value;
    }

    /** Returns the LSR error bits of the next byte to read. */
    int topErrors() {
        return count == 0 ? 0 : bytes[first] >>> 8;
    }

    void clearTopErrors() {
        bytes[first] &= 0xff;
    }

    boolean hasErrors() {
        for (int i = 0; i < count; i++) {
            if (bytes[(first + i) % DEPTH] >>> 8 != 0) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(bytes);
        out.putInts(new int[] {first, count, enabled ? 1 : 0, trigger});
    }

    @Override
    public void restore(StateReader in) {
        in.getInts(bytes);
        int[] rest = new int[4];
        in.getInts(rest);
        first = StateReader.bitsOf(rest[0], DEPTH - 1);
        count = rest[1];
        enabled = rest[2] != 0;
        trigger = StateReader.bitsOf(rest[3], DEPTH - 1);
        StateReader.requireThat(count >= 0 && count <= DEPTH, "a FIFO of " + DEPTH + " bytes holds " + count);
    }
}
