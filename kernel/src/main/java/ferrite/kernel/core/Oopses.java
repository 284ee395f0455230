package ferrite.kernel.core;

import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.JavaStack;
import ferrite.kernel.shadow.Locks;
import java.util.List;

/** Reports of exceptions, errors and faults that end a task or the machine: the Java frames, and the locks held. */
@Plumbing
public final class Oopses {

    private static final int MAX_FRAMES = 12;
    private static final String KERNEL = "ferrite.kernel.";

    private final Violations violations;
    private final Context context;

    public Oopses(KernelBase base) {
        this.violations = base.violations();
        this.context = base.context();
    }

    /** Returns the words for an exception or error. */
    public static String message(Throwable bug) {
        return bug instanceof KernelBug ? bug.getMessage() : bug.toString();
    }

    /**
     * Reports what ends the current task. Only looks.
     *
     * @param where the line of source
     * @param stack the Java frames, innermost first
     */
    public void tell(String message, String where, List<JavaStack.Frame> stack) {
        Violations.Building report = violations.oops(message, where);
        String label = "stack";
        List<JavaStack.Frame> shown = ofDriver(stack);
        for (JavaStack.Frame frame : shown.subList(0, Math.min(MAX_FRAMES, shown.size()))) {
            report.line(label, frame.toString());
            label = "";
        }
        if (shown.size() > MAX_FRAMES) {
            report.line("", "... and " + (shown.size() - MAX_FRAMES) + " more");
        }
        for (Locks.Held lock : context.heldLocks()) {
            report.line("held", lock.describe() + ", and nobody will release it");
        }
        report.line("instead", Rule.OOPS.right()).report();
    }

    /** Returns the frames up to the driver's outermost one, without those of the kernel's plumbing. */
    private static List<JavaStack.Frame> ofDriver(List<JavaStack.Frame> stack) {
        int end = stack.size();
        while (end > 0 && stack.get(end - 1).type().startsWith(KERNEL)) {
            end--;
        }
        return stack.subList(0, end == 0 ? stack.size() : end).stream().filter(frame -> !frame.plumbing()).toList();
    }
}
