package ferrite.kernel.log;

import java.util.Optional;

/** Who called the kernel: the first frame outside its allocators and locks, as {@code DiskDriver.java:71}. */
public final class CallSite {

    private static final StackWalker WALKER = StackWalker.getInstance();

    private CallSite() { }

    /** The caller's place in its source. Costs a microsecond or two of the host, and nothing of the machine. */
    public static String ofCaller() {
        Optional<String> site = WALKER.walk(frames -> frames
                .filter(frame -> !isPlumbing(frame.getClassName()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber()));
        return site.orElse("?");
    }

    /** Where an exception began, leaving the kernel's own frames aside. */
    public static String of(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (!isPlumbing(frame.getClassName())) {
                return frame.getFileName() + ":" + frame.getLineNumber();
            }
        }
        return "?";
    }

    private static boolean isPlumbing(String className) {
        return className.startsWith("ferrite.kernel.mm.") || className.startsWith("ferrite.kernel.log.")
                || className.startsWith("ferrite.kernel.dma.") || className.equals("ferrite.kernel.Kernel")
                || className.equals("ferrite.kernel.TextTable") || className.startsWith("ferrite.hardware.");
    }
}
