package ferrite.hardware.monitor;

import ferrite.hardware.report.Excerpt;

/** Failure of a monitor command. The message is a sentence for the person who typed it, with little of long words. */
public final class MonitorException extends Exception {

    private static final long serialVersionUID = 1;

    public MonitorException(String message) {
        super(Excerpt.in(message), null, false, false);
    }
}
