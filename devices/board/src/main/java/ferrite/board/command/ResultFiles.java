package ferrite.board.command;

import ferrite.board.results.RunResults;
import ferrite.board.session.ExitStatus;
import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.kernel.check.Checks;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files of {@code --sarif} and {@code --junit}. They are opened before the run, so that a wrong name is noticed at
 * once, and written at its end.
 */
final class ResultFiles implements AutoCloseable {

    private static final String SARIF = "--sarif ";
    private static final String JUNIT = "--junit ";

    private final String command;
    private final RunResults results;
    private final Path sarif;
    private final Path junit;
    private final OutputStream sarifOut;
    private final OutputStream junitOut;

    /** Opens the files; null stands for an option that was not given. */
    ResultFiles(String command, Path sarif, Path junit, Checks checks) throws InputException {
        this.command = command;
        this.results = new RunResults(command, checks);
        this.sarif = sarif;
        this.junit = junit;
        this.sarifOut = open(SARIF, sarif);
        this.junitOut = open(JUNIT, junit);
    }

    private static OutputStream open(String option, Path file) throws InputException {
        try {
            return file == null ? null : Files.newOutputStream(file);
        } catch (IOException e) {
            throw new InputException(cannotBeWritten(option, file, e));
        }
    }

    private static String cannotBeWritten(String option, Path file, IOException why) {
        return option + file + " cannot be written: " + HostFiles.reason(why);
    }

    /** Adds a violation. Returns the report for a person. */
    String add(Violation violation, String text, String again) {
        results.add(violation, text, again);
        return text;
    }

    /**
     * Writes the files. A failure is told on {@code err}.
     *
     * @param status the run's exit status
     * @return the command's exit status
     */
    int write(Machine machine, int status, String again, PrintStream err) {
        RunResults.End end = new RunResults.End(again, machine.clock().now(), status);
        boolean written = write(SARIF, sarif, err, () -> results.writeSarif(sarifOut, end));
        written &= write(JUNIT, junit, err, () -> results.writeJUnit(junitOut, end));
        return written || status != ExitStatus.SUCCESS ? status : ExitStatus.FAILED;
    }

    /** Writes one file. */
    @FunctionalInterface
    private interface Writer {
        void write() throws IOException;
    }

    private boolean write(String option, Path file, PrintStream err, Writer writer) {
        try {
            if (file != null) {
                writer.write();
            }
            return true;
        } catch (IOException e) {
            err.println(command + ": " + cannotBeWritten(option, file, e));
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        if (sarifOut != null) {
            sarifOut.close();
        }
        if (junitOut != null) {
            junitOut.close();
        }
    }
}
