package ferrite.peripherals.fault;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** A fault of a request to a device. */
public enum FaultKind {
    /** The request fails with an error status. */
    ERROR,
    /** Only a part of the bytes is moved: half of them, or half of a chain's first piece. */
    SHORT,
    /** The request is done, and its interrupt does not come. */
    LOST,
    /** An interrupt comes when the request begins. */
    SPURIOUS,
    /** The request takes a second longer. */
    SLOW,
    /** A bit of the data is inverted. */
    WRONG,
    /** The device writes past the end of the buffer. */
    OVERRUN,
    /** The device is pulled out during the request: its registers read as ones, and it does nothing any more. */
    REMOVED;

    private static final int NONE = -1;

    /** Saves the fault of a request, which may be null for none. */
    public static void save(StateWriter out, FaultKind fault) {
        out.put32(fault == null ? NONE : fault.ordinal());
    }

    /** Restores what {@link #save} has saved. */
    public static FaultKind restore(StateReader in) {
        int ordinal = in.get32(NONE, values().length - 1);
        return ordinal == NONE ? null : values()[ordinal];
    }
}
