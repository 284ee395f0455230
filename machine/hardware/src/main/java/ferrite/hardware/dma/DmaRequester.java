package ferrite.hardware.dma;

/**
 * A device that is wired to a channel of the DMA controller. It raises its request line when it has data to move, and
 * answers these calls while the controller acknowledges it. The calls come in bulk, at the latest when an access could
 * see the difference.
 *
 * <p>In block mode the controller continues when the device has nothing more. Such bytes read as ones, or are lost, and
 * the device is not called for them. For verify transfers it is called at terminal count only.
 */
public interface DmaRequester {

    /** Returns the device's name for reports, such as {@code disk0}. */
    String name();

    /** Describes the device's current request in a few words, for reports. */
    default String request() {
        return name();
    }

    /**
     * Returns the number of bytes that the device can move before it drops its request line. It decreases by the bytes
     * moved. Whenever it increases, the device sets its request line, even if the line is high already.
     */
    int ready();

    /**
     * Puts {@code length} bytes on the bus, at most {@link #ready} of them: the data sheet's write transfer, from the
     * device to memory.
     */
    void supply(DmaBytes bus, int length);

    /**
     * Takes {@code length} bytes from the bus, at most {@link #ready} of them: the data sheet's read transfer, from
     * memory to the device.
     */
    void accept(DmaBytes bus, int length);

    /** Signals terminal count (EOP), with the last byte. */
    void terminalCount();
}
