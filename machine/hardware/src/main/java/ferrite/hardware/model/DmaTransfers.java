package ferrite.hardware.model;

/**
 * A device's side of its channel of the DMA controller. The controller calls it while the request line is set and
 * software has set up the channel.
 *
 * <p>The calls come in bulk, at the latest when an access could see the difference, and a debugger's look may cause
 * one. {@link #supply} and {@link #accept} therefore move bytes only, and do not depend on the time. An interrupt or an
 * event follows the last byte that was ready, or {@link #terminalCount}: these come at their exact moments.
 */
public interface DmaTransfers {

    /**
     * Returns the number of bytes that the device can move before it drops its request line. It decreases by the bytes
     * moved. When it increases, the device calls {@link DmaLine#request} again. Changes nothing.
     */
    int ready();

    /** Puts bytes on the bus, at most {@link #ready} of them, for a transfer from the device to memory. */
    void supply(byte[] into, int at, int length);

    /** Takes bytes from the bus, at most {@link #ready} of them, for a transfer from memory to the device. */
    void accept(byte[] from, int at, int length);

    /** Signals that the channel has moved its last byte. */
    default void terminalCount() { }
}
