package ferrite.peripherals.net;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import java.io.Closeable;
import java.io.IOException;

/**
 * The cable of a network card, and everything at its other end. Each method is called during a run, on the thread that
 * has the turn. The state of a wire is part of the card's.
 *
 * <p>A frame is an Ethernet frame from its destination address to the end of its data, without preamble and checksum.
 */
public interface Wire extends Saveable, Closeable {

    /** The length of the two addresses and the type. */
    int HEADER_BYTES = 14;
    /** The maximum length of a frame: the header, a VLAN tag and 65,535 bytes of data. */
    int MAX_FRAME_BYTES = HEADER_BYTES + 4 + 0xffff;

    /** The end of the cable that is plugged into the card. */
    @FunctionalInterface
    interface Card {

        /** Takes a frame that arrives. The card may lose it. */
        void receive(byte[] frame);

        /** Notices that the cable was plugged in or pulled out at its other end, see {@link Wire#isPlugged}. */
        default void linkChanged() { }
    }

    /**
     * Plugs the cable into a card. Called once, when the machine is built.
     *
     * @param clock the machine's clock, for events of the wire
     */
    void plugInto(Card card, Clock clock);

    /** Tells whether the other end of the cable is plugged in. */
    default boolean isPlugged() {
        return true;
    }

    /** Takes a frame that the card sends. */
    void send(byte[] frame);

    /**
     * Refuses saved state with a frame that no cable carries.
     *
     * @return the frame
     */
    static byte[] requireFrame(byte[] frame) {
        StateReader.requireThat(frame.length >= HEADER_BYTES && frame.length <= MAX_FRAME_BYTES,
                "a frame on its way has " + frame.length + " bytes");
        return frame;
    }

    /** Closes the files at the other end. */
    @Override
    default void close() throws IOException { }

    /** Returns the time for which a frame keeps one direction of the cable busy, at 1 Gbit/s, in ticks. */
    static long ticks(int frameBytes) {
        return Math.max(1, frameBytes * 8L / Clock.NANOSECONDS_PER_TICK);
    }
}
