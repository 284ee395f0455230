package ferrite.board.session;

import ferrite.hardware.report.CodePlace;
import ferrite.hardware.turn.Strand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The end of a run in which code does not come back to the machine: it loops without an access, waits on the host, or
 * ends the process. The stack trace is that of the strand that has the turn.
 */
public final class Standstill extends RuntimeException {

    private static final long serialVersionUID = 1;

    private static final int MAX_FRAMES = 16;
    private static final String RUNTIME = Runtime.class.getName();
    /** Part of the names of classes that the JVM makes, which differ from run to run. */
    private static final String LAMBDA = "$$Lambda";
    private static final String KERNEL = "ferrite.kernel.";
    private static final String MODEL = "ferrite.hardware.model.";

    private Standstill(String message, StackTraceElement[] stack) {
        super(message, null, false, true);
        setStackTrace(stack);
    }

    /**
     * Returns the end of a run in which a strand did something that it must not do.
     *
     * @param mistake the sentence up to the line of source
     * @param remedy  the rest of the sentence
     */
    public static Standstill of(Strand strand, String mistake, String remedy) {
        StackTraceElement[] stack = strand.stack();
        return new Standstill(mistake + " " + where(stack) + ", in task '" + strand.name() + "': " + remedy, stack);
    }

    /** As {@link #of(Strand, String, String)}, for the thread that controls the machine. */
    public static Standstill ofController(StackTraceElement[] stack, String mistake, String remedy) {
        return new Standstill(mistake + " " + where(stack) + ": " + remedy, stack);
    }

    /** As {@link #of(Strand, String, String)}, for a host thread that a driver has started. */
    public static Standstill of(Thread thread, String mistake, String remedy) {
        StackTraceElement[] stack = thread.getStackTrace();
        return new Standstill(mistake + " " + where(stack) + ", in the host thread '" + thread.getName() + "': "
                + remedy, stack);
    }

    /** Returns the innermost frame of a jar that a user brought. If there is none, returns {@link #innermost}. */
    static StackTraceElement culprit(StackTraceElement[] stack) {
        return Arrays.stream(stack).filter(frame -> !CodePlace.jar(frame).isEmpty()).findFirst()
                .orElse(innermost(stack));
    }

    /** Returns the innermost frame that is not the JDK's, or null. */
    public static StackTraceElement innermost(StackTraceElement[] stack) {
        return Arrays.stream(stack).filter(frame -> !CodePlace.isJdk(frame)).findFirst().orElse(null);
    }

    /**
     * Returns whether no driver keeps the turn: our own code waits for the host, as for a file or for the reader of its
     * output, or the host has no time for us.
     */
    public static boolean isOurWait(StackTraceElement[] stack) {
        StackTraceElement caller = innermost(stack);
        return caller == null || CodePlace.jar(culprit(stack)).isEmpty()
                || CodePlace.jar(caller).isEmpty() && CodePlace.isJdk(stack[0]);
    }

    /** Tells whether the model of a device keeps the turn. */
    public static boolean isInModel(StackTraceElement[] stack) {
        StackTraceElement culprit = culprit(stack);
        boolean inside = false;
        for (StackTraceElement frame : stack) {
            inside |= frame.equals(culprit);
            if (inside && frame.getClassName().startsWith(KERNEL)) {
                return false;
            }
            if (inside && frame.getClassName().startsWith(MODEL)) {
                return !CodePlace.jar(culprit).isEmpty();
            }
        }
        return false;
    }

    private static String where(StackTraceElement[] stack) {
        StackTraceElement frame = culprit(stack);
        return frame == null ? "at an unknown line" : "in " + CodePlace.of(frame);
    }

    /** Returns where the frames begin that called {@code Runtime.exit}; 0 if none did. */
    private static int afterExit(StackTraceElement[] stack) {
        for (int i = 0; i < stack.length; i++) {
            if (isExit(stack[i])) {
                return i;
            }
        }
        return 0;
    }

    /** Returns whether a frame is {@code Runtime.exit}. */
    public static boolean isExit(StackTraceElement frame) {
        return frame.getMethodName().equals("exit") && frame.getClassName().equals(RUNTIME);
    }

    /** Returns the Java frames down to the kernel's, as lines for a person. */
    public List<String> frames() {
        List<String> lines = new ArrayList<>();
        boolean outside = false;
        StackTraceElement[] stack = getStackTrace();
        for (StackTraceElement frame : List.of(stack).subList(afterExit(stack), stack.length)) {
            boolean isKernel = frame.getClassName().startsWith(KERNEL) || frame.getClassName().startsWith(MODEL);
            if (outside && isKernel || lines.size() == MAX_FRAMES) {
                break;
            }
            outside |= !isKernel && !CodePlace.isJdk(frame);
            if (!frame.getClassName().contains(LAMBDA)) {
                lines.add("  at " + CodePlace.of(frame));
            }
        }
        return lines;
    }
}
