package ferrite.hardware.monitor;

/** A monitor command that cannot be carried out; the message is a sentence for the person who typed it. */
public final class MonitorException extends Exception {

    private static final long serialVersionUID = 1;

    public MonitorException(String message) {
        super(message, null, false, false);
    }
}
