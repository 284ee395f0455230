package ferrite.hardware.monitor;

/** Failure of a monitor command. The message is a sentence for the person who typed it. */
public final class MonitorException extends Exception {

    private static final long serialVersionUID = 1;

    public MonitorException(String message) {
        super(message, null, false, false);
    }
}
