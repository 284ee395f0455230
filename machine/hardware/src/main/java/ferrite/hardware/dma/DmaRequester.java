package ferrite.hardware.dma;

/**
 * A device that is wired to a channel of the DMA controller. It raises its request line when it has data to move, and
 * answers these calls while the controller acknowledges it. The calls come in bulk, at the moments when somebody could see the difference.
 *
 * <p>In block mode the controller goes on when the device has nothing more: such bytes read as ones, or are lost, and the device hears
 * nothing of them. In verify transfers it hears of the terminal count only.
 */
public interface DmaRequester {

    /** As reports call it: {@code disk0}. */
    String name();

    /**
     * How many bytes it can move before it lets its request line drop. It becomes less by what is moved; whenever it becomes more, the device
     * sets its request line, even if that is up already.
     */
    int ready();

    /** Gives bytes to the bus, at most {@link #ready} of them: the data sheet's write transfer, from the device to memory. The array is the bus's. */
    void supply(byte[] into, int at, int length);

    /** Takes bytes from the bus, at most {@link #ready} of them: the data sheet's read transfer, from memory to the device. The array is the bus's. */
    void accept(byte[] from, int at, int length);

    /** The controller signals terminal count (EOP) with the last byte. */
    void terminalCount();
}
