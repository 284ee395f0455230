package ferrite.peripherals.uart;

/** What is at the other end of a {@link Uart}. Called in the middle of a run, by whoever has the turn. */
public interface SerialLine {

    /** A byte leaves the transmitter. */
    void send(int value);

    /**
     * The receiver is empty, and software waits for it. Whoever has a byte gives it with {@link Uart#receive}, at any time; whoever may have one later
     * has this called again with {@link Uart#askAgainIn}. No answer means that no byte will come.
     *
     * @param polled whether software does nothing but ask, again and again; otherwise it has enabled the interrupt, and may be busy
     */
    void awaited(boolean polled);
}
