package ferrite.peripherals.virtio;

/**
 * The driver broke a rule of the specification. Its device stops, sets DEVICE_NEEDS_RESET and keeps the sentence for whoever asks. Stackless: it is an event of
 * the machine, not of our code.
 */
final class DriverError extends RuntimeException {

    private static final long serialVersionUID = 1;

    DriverError(String what) {
        super(what, null, false, false);
    }
}
