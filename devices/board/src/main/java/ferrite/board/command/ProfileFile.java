package ferrite.board.command;

import ferrite.board.front.GuestProfile;
import ferrite.board.session.BareSession;
import ferrite.hardware.Machine;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that writes where the host's time goes. */
final class ProfileFile {

    @Option(names = "--profile", paramLabel = "FILE", description = "writes the host's time by function of the "
            + "program, interpreted and translated, in the form that flame graph tools read (stack, blank, "
            + "microseconds), and prints the sums; the run is the same")
    private Path file;

    /** Profiles a session from now on, if the option is given. Closing the result writes the file. */
    Closeable record(BareSession session, PrintStream err) throws InputException {
        if (file == null) {
            return () -> { };
        }
        write("");                                     // a run is not worth its time if this fails after it
        Machine machine = session.machine();
        GuestProfile profile = new GuestProfile(machine.harts(), session.board().symbols(), System::nanoTime);
        session.board().useTranslator(profile::measure, profile::measure);
        machine.onSlice(hart -> profile.slice(hart, machine.clock().now()));
        return () -> {
            profile.slice(-1, machine.clock().now());
            write(String.join("\n", profile.lines()) + "\n");
            CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
            boolean known = compilers != null && compilers.isCompilationTimeMonitoringSupported();
            err.println(profile.summary(known ? compilers.getTotalCompilationTime() : 0));
        };
    }

    private void write(String text) throws InputException {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new InputException("--profile " + file + " cannot be written: " + HostFiles.reason(e));
        }
    }
}
