package ferrite.peripherals.uart;

/** The other end of a {@link Uart}. Each method is called during a run, on the thread that has the turn. */
public interface SerialLine {

    /** Takes a byte from the transmitter. */
    void send(int value);

    /**
     * Reports that the receiver is empty and software waits for a byte. A line that has a byte gives it with {@link
     * Uart#receive}, at any time. A line that may have one later asks for another call with {@link Uart#askAgainIn}. No
     * answer means that no byte will come.
     *
     * @param polled true if software only polls for a byte; false if software has enabled the interrupt and may be busy
     */
    void awaited(boolean polled);
}
