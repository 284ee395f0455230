package ferrite.peripherals.fault;

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
    REMOVED
}
