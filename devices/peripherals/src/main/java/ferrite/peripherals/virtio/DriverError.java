package ferrite.peripherals.virtio;

import ferrite.hardware.state.StateException;

/**
 * The driver broke a rule of the specification. Its device stops, sets DEVICE_NEEDS_RESET and keeps the sentence for whoever asks. Stackless: it is an event of
 * the machine, not of our code.
 */
final class DriverError extends RuntimeException {

    private static final long serialVersionUID = 1;

    DriverError(String what) {
        super(what, null, false, false);
    }

    /** Checks saved state with what checks a driver: a device that works cannot have come to what it would not have let a driver do. */
    static void refuse(Runnable check) {
        try {
            check.run();
        } catch (DriverError impossible) {
            throw new StateException(impossible.getMessage());
        }
    }
}
