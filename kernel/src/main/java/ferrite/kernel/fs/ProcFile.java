package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;

/** A file under {@code /proc}: Linux's text, made from the kernel's memory. The caller says how memory is read: as a task does, or by one who only looks. */
public interface ProcFile {

    String name();

    /** The whole text, line ends included. */
    String text(ReadableMemory view);

    /** The same findings without Linux's form, for front ends that have another. */
    Report report(ReadableMemory view);
}
