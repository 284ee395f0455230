package ferrite.board.session;

import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.ActionCommand;
import ferrite.hardware.monitor.Effect;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The monitor's commands about a bare machine as a whole: {@code snapshot} and {@code digest}, which do not change the
 * run, and {@code restore} and {@code reset}.
 */
final class StateCommands {

    private StateCommands() { }

    static void addTo(Monitor monitor, BareSession session) {
        monitor.add(new ActionCommand("snapshot", "snapshot FILE", "write the machine to a file in the directory of "
                + "--snapshots, for 'restore FILE' and 'ferrite boot --restore'", List.of("snapshot booted"),
                name -> ofFile("snapshot", "saved to ", "the snapshot could not be written: ",
                        () -> session.snapshots().takeNow(name))).with(Effect.USES_FILES));
        monitor.add(new ActionCommand("restore", "restore FILE", "return a halted machine to a snapshot of 'snapshot "
                + "FILE'; it stays halted, points stay set, and input is not given again", List.of("restore booted"),
                name -> ofFile("restore", "restored from ", "the snapshot was not restored: ",
                        () -> session.returnTo(name))).with(Effect.USES_FILES));
        monitor.add(new ActionCommand("digest", "digest", "fingerprints of the run so far; equal runs have equal ones",
                List.of("digest"), arguments -> digest(session.machine().digest())));
        monitor.add(new ActionCommand("reset", "reset [halt]",
                "return a halted machine to power-on; it stays halted", List.of("reset", "reset halt"),
                arguments -> reset(session.debugTarget(), arguments)).with(Effect.STEERS));
    }

    /** The part of a command that works on the file of a snapshot. */
    private interface FileAction {
        Path run() throws IOException;
    }

    private static Report ofFile(String name, String did, String failed, FileAction action) throws MonitorException {
        try {
            Path file = action.run();
            return Report.ofText(name, did + file + "\n").text("file", file.toString());
        } catch (IllegalArgumentException e) {
            throw new MonitorException(e.getMessage());
        } catch (IOException e) {
            throw new MonitorException(failed + e.getMessage());
        }
    }

    private static Report digest(Machine.Digest digest) {
        return Report.ofText("digest", digest.toString()).number("events", digest.events())
                .number("instructions", digest.instructions()).text("memory", digest.memory())
                .text("schedule", digest.schedule());
    }

    private static Report reset(DebugTarget target, String arguments) throws MonitorException {
        if (!arguments.isEmpty() && !arguments.equals("halt") && !arguments.equals("init")) {
            throw new MonitorException("reset " + arguments + ": 'reset halt' would be right; 'continue' then "
                    + "lets the machine run");
        }
        String refusal = target.restart();
        if (refusal != null) {
            throw new MonitorException(refusal);
        }
        return Report.ofText("reset", "at power-on, halted\n");
    }
}
