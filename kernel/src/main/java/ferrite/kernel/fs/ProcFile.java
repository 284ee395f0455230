package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;

/**
 * A file under {@code /proc}: Linux's text, made from the kernel's memory. The caller chooses the view: a task's loads,
 * or a view that only looks.
 */
public interface ProcFile {

    String name();

    /**
     * Returns the spinlock that keeps the lists of the text as they are while a task reads them; 0 if there are none.
     */
    default long lock() {
        return 0;
    }

    /** Returns the whole text, with line ends. */
    String text(ReadableMemory view);

    /** Returns the same values as a report, for front ends with another format. */
    Report report(ReadableMemory view);
}
