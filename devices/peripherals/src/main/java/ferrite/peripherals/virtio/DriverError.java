package ferrite.peripherals.virtio;

import ferrite.hardware.state.StateException;

/**
 * A driver broke a rule of the specification, or the user asked for a fault of the device. The device stops, sets
 * DEVICE_NEEDS_RESET and keeps the message for the {@code virtio} command.
 *
 * <p>Stackless: this is an event of the machine, not an error in Ferrite.
 */
final class DriverError extends RuntimeException {

    private static final long serialVersionUID = 1;

    DriverError(String what) {
        super(what, null, false, false);
    }

    /** Stops a device for a fault that the user asked for. Its own errors have no other status. */
    static void requireHealth(boolean isFaulty) {
        if (isFaulty) {
            throw new DriverError("of a fault of the device, which --fault asked for");
        }
    }

    /**
     * Refuses saved state that fails a driver's check. A working device rejects such a request, so it cannot have
     * reached that state.
     */
    static void refuse(Runnable check) {
        try {
            check.run();
        } catch (DriverError impossible) {
            throw new StateException(impossible.getMessage());
        }
    }
}
