package ferrite.hardware.bus;

/**
 * A device on the physical bus. Offsets count from the start of the device's range and are aligned to the access.
 * Widths are 1, 2 or 4 bytes, and values are in the low bits.
 *
 * <p>An access to an offset without a register throws {@link BusFault}. It is never answered with a silent zero.
 */
public interface BusDevice {

    int load(long offset, int width);

    void store(long offset, int width, int value);

    /** Returns the value that {@link #load} would return, without side effects. */
    int peek(long offset, int width);
}
