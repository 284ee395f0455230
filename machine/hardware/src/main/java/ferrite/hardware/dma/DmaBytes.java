package ferrite.hardware.dma;

/**
 * The bytes of one call of a {@link DmaRequester}, on their way between memory and the device. They are copied once,
 * between the pages of RAM and an array of the device.
 *
 * <p>A device may move them in several pieces, each of whole transfers, but not more than the call asks for. Bytes that
 * it does not put read as ones: a bus that no device drives. Bytes that it does not get are lost.
 */
public interface DmaBytes {

    /** Puts the next bytes from an array on the bus. Only in {@link DmaRequester#supply}. */
    void put(byte[] from, int at, int length);

    /** Gets the next bytes from the bus into an array. Only in {@link DmaRequester#accept}. */
    void get(byte[] into, int at, int length);
}
