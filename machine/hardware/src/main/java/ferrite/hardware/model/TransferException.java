package ferrite.hardware.model;

/**
 * A transfer of a device that the bus did not carry out: there is no memory at the address, or the device has too few
 * address wires for it. A real device would set an error bit.
 */
public final class TransferException extends Exception {

    private static final long serialVersionUID = 1;

    private final long address;
    private final boolean outOfReach;

    TransferException(long address, boolean outOfReach, String message) {
        super(message);
        this.address = address;
        this.outOfReach = outOfReach;
    }

    /** Returns the first physical address that was not reached. */
    public long address() {
        return address;
    }

    /** Tells whether the device has too few address wires. A violation has been reported then. */
    public boolean isOutOfReach() {
        return outOfReach;
    }
}
