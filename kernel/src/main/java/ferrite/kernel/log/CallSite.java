package ferrite.kernel.log;

import java.util.List;
import java.util.Optional;

/** Who called the kernel: the first frame outside its allocators and locks, as {@code DiskDriver.java:71}. */
public final class CallSite {

    private static final String KERNEL = "ferrite.kernel.Kernel";
    private static final String MEMORY_CALLS = "ferrite.kernel.MemoryCalls";
    private static final List<String> LOCKS_AND_LISTS = List.of("ferrite.kernel.sched.SpinLock", "ferrite.kernel.sched.Mutex",
            "ferrite.kernel.sched.WaitQueue", "ferrite.kernel.sched.Context", "ferrite.kernel.irq.Interrupts", "ferrite.kernel.base.ListHead");
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

    /** Where the access was that faulted, seen from the trap handler: the first such frame of what the trap interrupted. */
    public static String ofFault() {
        Optional<String> site = WALKER.walk(frames -> frames
                .dropWhile(frame -> !frame.getClassName().equals(KERNEL))
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
        return LOCKS_AND_LISTS.contains(className) || className.startsWith("ferrite.kernel.mm.") || className.startsWith("ferrite.kernel.log.") || className.startsWith("ferrite.kernel.check.")
                || className.startsWith("ferrite.kernel.dma.") || className.equals(KERNEL) || className.startsWith(KERNEL + "$") || className.startsWith(MEMORY_CALLS)
                || className.equals("ferrite.kernel.base.TextTable") || className.startsWith("ferrite.kernel.driver.Holdings") || className.startsWith("ferrite.hardware.")
                || className.startsWith("java.") || className.startsWith("jdk.");            // which differ from one JDK to the next
    }
}
