package ferrite.hardware.model;

import ferrite.hardware.report.CodePlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The end of a run because of a mistake in a model. The message names the device and the model's line. */
public final class ModelFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final int MAX_FRAMES = 16;

    ModelFailure(String device, String when, Throwable cause) {
        super("the model of " + device + " failed " + when + ": " + message(cause) + ", " + where(cause), cause, false,
                false);
    }

    private static String message(Throwable cause) {
        return cause instanceof ModelException ? cause.getMessage() : cause.toString();
    }

    /** Returns the innermost line of the model, in words. */
    static String where(Throwable cause) {
        return Arrays.stream(cause.getStackTrace()).filter(ModelFailure::isModels).findFirst()
                .map(frame -> "in " + CodePlace.of(frame)).orElse("at an unknown line");
    }

    private static boolean isModels(StackTraceElement frame) {
        return !CodePlace.isJdk(frame) && !isOurs(frame);
    }

    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().startsWith("ferrite.hardware.");
    }

    /** Returns the Java frames down to the machine's, as lines for a person. */
    public List<String> frames() {
        List<String> lines = new ArrayList<>();
        boolean outside = false;
        for (StackTraceElement frame : getCause().getStackTrace()) {
            if (outside && isOurs(frame) || lines.size() == MAX_FRAMES) {
                break;
            }
            outside |= isModels(frame);
            lines.add("  at " + CodePlace.of(frame));
        }
        return lines;
    }
}
