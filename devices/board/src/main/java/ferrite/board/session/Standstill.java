package ferrite.board.session;

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
    private static final String JAR = ".jar";
    private static final String KERNEL = "ferrite.kernel.";

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

    /** As {@link #of(Strand, String, String)}, for a host thread that a driver has started. */
    public static Standstill of(Thread thread, String mistake, String remedy) {
        StackTraceElement[] stack = thread.getStackTrace();
        return new Standstill(mistake + " " + where(stack) + ", in the host thread '" + thread.getName() + "': "
                + remedy, stack);
    }

    /** Returns the innermost frame of a loaded driver. If there is none, returns {@link #innermost}. */
    static StackTraceElement culprit(StackTraceElement[] stack) {
        return Arrays.stream(stack).filter(frame -> !jar(frame).isEmpty()).findFirst().orElse(innermost(stack));
    }

    /** Returns the innermost frame that is not the JDK's, or null. */
    public static StackTraceElement innermost(StackTraceElement[] stack) {
        return Arrays.stream(stack).filter(frame -> !isJdk(frame)).findFirst().orElse(null);
    }

    /**
     * Returns whether no driver keeps the turn: our own code waits for the host, as for a file or for the reader of its
     * output, or the host has no time for us.
     */
    public static boolean isOurWait(StackTraceElement[] stack) {
        StackTraceElement caller = innermost(stack);
        return caller == null || jar(culprit(stack)).isEmpty() || jar(caller).isEmpty() && isJdk(stack[0]);
    }

    private static boolean isJdk(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }

    /** Returns the name of the jar of a loaded driver's frame; empty for other code. */
    private static String jar(StackTraceElement frame) {
        String loader = frame.getClassLoaderName();
        return loader == null || !loader.endsWith(JAR) ? "" : loader;
    }

    private static String where(StackTraceElement[] stack) {
        StackTraceElement frame = culprit(stack);
        return frame == null ? "at an unknown line" : "in " + inWords(frame);
    }

    private static String inWords(StackTraceElement frame) {
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + " ("
                + (frame.getFileName() == null ? "?" : frame.getFileName() + line) + ")"
                + (jar(frame).isEmpty() ? "" : " of " + jar(frame));
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
    List<String> frames() {
        List<String> lines = new ArrayList<>();
        boolean outside = false;
        StackTraceElement[] stack = getStackTrace();
        for (StackTraceElement frame : List.of(stack).subList(afterExit(stack), stack.length)) {
            boolean isKernel = frame.getClassName().startsWith(KERNEL);
            if (outside && isKernel || lines.size() == MAX_FRAMES) {
                break;
            }
            outside |= !isKernel && !isJdk(frame);
            lines.add("  at " + inWords(frame));
        }
        return lines;
    }
}
