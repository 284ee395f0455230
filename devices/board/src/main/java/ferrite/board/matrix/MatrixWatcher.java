package ferrite.board.matrix;

import ferrite.hardware.report.Violation;

/** The host's side of a machine of the matrix. It changes nothing there. */
public interface MatrixWatcher {

    /** Drops all. */
    MatrixWatcher NONE = new MatrixWatcher() {
        @Override
        public void kernelLog(String line) { }

        @Override
        public void violation(Violation violation) { }
    };

    /** Takes a line of the kernel's log, with its line end. */
    void kernelLog(String line);

    /** Takes a violation. The cell may expect it. */
    void violation(Violation violation);
}
