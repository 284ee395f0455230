package ferrite.kernel.log;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.Supervisor;
import ferrite.kernel.base.Plumbing;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The line that called the kernel, as {@code DiskDriver.java:71}: the first frame that is neither the JDK's, nor the hardware's, nor {@link Plumbing}.
 */
public final class CallSite {

    private static final String HARDWARE = Machine.class.getPackageName() + ".";
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final ClassValue<Boolean> IS_PLUMBING = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isJdk(type.getModule().getName()) || type.getName().startsWith(HARDWARE) || isMarked(type.getNestHost());
        }

        /** Only code that comes with this class can be marked: a test or a driver of another jar may have a package of the same name. */
        private boolean isMarked(Class<?> type) {
            boolean marked = type.isAnnotationPresent(Plumbing.class) || type.getPackage().isAnnotationPresent(Plumbing.class);
            return marked && Objects.equals(type.getProtectionDomain().getCodeSource(), CallSite.class.getProtectionDomain().getCodeSource());
        }
    };

    private CallSite() { }

    /** The caller's place in its source. Costs a microsecond or two of the host, and nothing of the machine. */
    public static String ofCaller() {
        return WALKER.walk(frames -> first(frames).orElse("?"));
    }

    /** The line of the access that faulted, seen from the trap handler: the first such frame of what the trap interrupted. */
    public static String ofFault() {
        return WALKER.walk(frames -> first(frames.dropWhile(frame -> !isTrap(frame))).orElse("?"));
    }

    /** Whether a frame is the kernel's trap handler. The frames below it are those of the code that the trap interrupted. */
    public static boolean isTrap(StackWalker.StackFrame frame) {
        return frame.getMethodName().equals("trap") && Supervisor.class.isAssignableFrom(frame.getDeclaringClass());
    }

    private static Optional<String> first(Stream<StackWalker.StackFrame> frames) {
        return frames.filter(frame -> !IS_PLUMBING.get(frame.getDeclaringClass())).findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber());
    }

    /** The line where an exception began, leaving the same frames out. */
    public static String of(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (!isPlumbing(frame)) {
                return frame.getFileName() + ":" + frame.getLineNumber();
            }
        }
        return "?";
    }

    /** A class that the kernel's loader does not find is a loaded driver's. */
    private static boolean isPlumbing(StackTraceElement frame) {
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
