package ferrite.kernel.log;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.Supervisor;
import ferrite.kernel.base.LoadedCode;
import ferrite.kernel.base.Plumbing;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The source line that called the kernel, for example {@code DiskDriver.java:71}. It is the first stack frame outside
 * the JDK, the hardware and classes marked as {@link Plumbing}.
 */
public final class CallSite {

    private static final String HARDWARE = Machine.class.getPackageName() + ".";
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final ClassValue<Boolean> IS_PLUMBING = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isJdk(type.getModule().getName()) || type.getName().startsWith(HARDWARE)
                    || isMarked(type.getNestHost());
        }

        /**
         * Marks count only in this class's own jar: a test or a driver of another jar may have a package of the same
         * name.
         */
        private boolean isMarked(Class<?> type) {
            boolean marked = type.isAnnotationPresent(Plumbing.class)
                    || type.getPackage().isAnnotationPresent(Plumbing.class);
            return marked && Objects.equals(type.getProtectionDomain().getCodeSource(),
                    CallSite.class.getProtectionDomain().getCodeSource());
        }
    };

    private CallSite() { }

    /** Finds the caller's source line. This takes one or two microseconds on the host, and no time of the machine. */
    public static String ofCaller() {
        return WALKER.walk(frames -> first(frames).orElse("?"));
    }

    /** Finds the name of the caller's method, as C's {@code __func__} is. */
    public static String methodOfCaller() {
        return WALKER.walk(frames -> outside(frames).findFirst().map(StackWalker.StackFrame::getMethodName)
                .orElse("?"));
    }

    /**
     * A caller.
     *
     * @param line its source line
     * @param type its class; null if there is none
     */
    public record Caller(String line, Class<?> type) {

        /** Returns what tells the caller's driver from others: a loaded driver's class loader, or a package's name. */
        public Object code() {
            return type == null ? "" : type.getClassLoader() instanceof LoadedCode ? type.getClassLoader()
                    : type.getPackageName();
        }
    }

    /** Finds the caller's source line and class. */
    public static Caller caller() {
        return WALKER.walk(frames -> outside(frames).findFirst()
                .map(frame -> new Caller(line(frame), frame.getDeclaringClass())).orElse(new Caller("?", null)));
    }

    /** Finds the line of a faulting access, from inside the trap handler: the first such frame below the trap. */
    public static String ofFault() {
        return WALKER.walk(frames -> first(frames.dropWhile(frame -> !isTrap(frame))).orElse("?"));
    }

    /** Returns whether a frame is the kernel's trap handler. The frames below it belong to the interrupted code. */
    public static boolean isTrap(StackWalker.StackFrame frame) {
        return frame.getMethodName().equals("trap") && Supervisor.class.isAssignableFrom(frame.getDeclaringClass());
    }

    private static Optional<String> first(Stream<StackWalker.StackFrame> frames) {
        return outside(frames).findFirst().map(CallSite::line);
    }

    private static Stream<StackWalker.StackFrame> outside(Stream<StackWalker.StackFrame> frames) {
        return frames.filter(frame -> !IS_PLUMBING.get(frame.getDeclaringClass()));
    }

    private static String line(StackWalker.StackFrame frame) {
        return frame.getFileName() + ":" + frame.getLineNumber();
    }

    /** Finds the line that threw an exception, leaving out the same frames. */
    public static String of(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (!isPlumbing(frame)) {
                return frame.getFileName() + ":" + frame.getLineNumber();
            }
        }
        return "?";
    }

    /**
     * Returns whether call sites leave a frame out. A class that the kernel's class loader cannot find belongs to a
     * loaded driver.
     */
    static boolean isPlumbing(StackTraceElement frame) {
        if (isJdk(frame.getModuleName())) {
            return true;
        }
        try {
            return IS_PLUMBING.get(Class.forName(frame.getClassName(), false, CallSite.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static boolean isJdk(String module) {
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
