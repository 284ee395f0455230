package ferrite.hardware.bus;

/**
 * What answers in a range of the physical bus. Offsets count from the start of the device's range and are aligned to
 * the access; widths are 1, 2 or 4 bytes; values are in the low bits.
 *
 * <p>An access that the device has no register for throws {@link BusFault}: nothing is answered with a silent zero.
 */
public interface BusDevice {

    int load(long offset, int width);

    void store(long offset, int width, int value);

    /** What {@link #load} would answer, without any of its effects. */
    int peek(long offset, int width);
}
