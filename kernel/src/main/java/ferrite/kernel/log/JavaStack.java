package ferrite.kernel.log;

import ferrite.hardware.turn.Strand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The Java frames of a task or of a hart's code, for a debugger. Only looks. */
public final class JavaStack {

    private static final String MONITOR = "ferrite.hardware.monitor.Monitor";
    private static final String REQUESTS = "ferrite.hardware.turn.Posts";
    private static final List<String> MACHINERY = List.of("java.", "jdk.", "sun.", "ferrite.hardware.");

    /**
     * A frame.
     *
     * @param type     the class's name
     * @param file     the source file, or null
     * @param plumbing whether call sites leave the frame out, see {@link CallSite}
     */
    public record Frame(String type, String method, String file, int line, boolean plumbing) {

        /** Returns the frame as GDB prints one, without its number. */
        @Override
        public String toString() {
            return type + "." + method + " (" + (file == null ? "?" : line < 0 ? file : file + ":" + line) + ")";
        }
    }

    private JavaStack() { }

    /**
     * Returns the frames of a strand, innermost first, without those of the JDK and the hardware. It has none before it
     * first runs. Only the thread that holds the turn may call this, or the controller while the machine stands still.
     */
    public static List<Frame> of(Strand strand) {
        StackTraceElement[] all = strand.stack();
        List<Frame> frames = new ArrayList<>();
        for (int i = strand.isCurrent() ? endOfQuestion(all) : 0; i < all.length; i++) {
            StackTraceElement frame = all[i];
            if (!isMachinery(frame.getClassName())) {
                frames.add(frame(frame));
            }
        }
        return frames;
    }

    /** Returns the frames of an exception or error, as {@link #of(Strand)} does. */
    public static List<Frame> of(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace()).filter(frame -> !isMachinery(frame.getClassName()))
                .map(JavaStack::frame).toList();
    }

    /** Returns the frames of a faulting access, from inside the trap handler: those below the trap. */
    public static List<Frame> ofFault() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).walk(frames ->
                frames.dropWhile(frame -> !CallSite.isTrap(frame)).skip(1)
                        .filter(frame -> !isMachinery(frame.getClassName()))
                        .map(frame -> frame(frame.toStackTraceElement())).toList());
    }

    private static Frame frame(StackTraceElement frame) {
        return new Frame(frame.getClassName(), frame.getMethodName(), frame.getFileName(), frame.getLineNumber(),
                CallSite.isPlumbing(frame));
    }

    /** Returns whether a class is the JDK's or the hardware's, or stands for a method reference. */
    private static boolean isMachinery(String type) {
        return MACHINERY.stream().anyMatch(type::startsWith) || type.contains("$$Lambda");
    }

    /** Returns the end of the frames that serve the question itself, on the strand that it is about. */
    private static int endOfQuestion(StackTraceElement[] all) {
        int end = endOf(REQUESTS, all);
        return end > 0 ? end : endOf(MONITOR, all);
    }

    private static int endOf(String type, StackTraceElement[] all) {
        int at = 0;
        while (at < all.length && !all[at].getClassName().equals(type)) {
            at++;
        }
        if (at == all.length) {
            return 0;
        }
        while (at < all.length && all[at].getClassName().equals(type)) {
            at++;
        }
        return at;
    }
}
