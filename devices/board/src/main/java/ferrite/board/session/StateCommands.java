package ferrite.board.session;

import ferrite.hardware.Machine;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The monitor's commands about a bare machine as a whole: {@code snapshot} and {@code digest}, which do not change the
 * run, and {@code reset}.
 */
final class StateCommands {

    private StateCommands() { }

    static void addTo(Monitor monitor, BareSession session) {
        monitor.add(new SnapshotCommand(session));
        monitor.add(new RestoreCommand(session));
        monitor.add(new DigestCommand(session.machine()));
        monitor.add(new ResetCommand(session.debugTarget()));
    }

    private record SnapshotCommand(BareSession session) implements MonitorCommand {

        @Override
        public String name() {
            return "snapshot";
        }

        @Override
        public String usage() {
            return "snapshot FILE";
        }

        @Override
        public String summary() {
            return "write the machine to a file in the directory of --snapshots, for 'restore FILE' and "
                    + "'ferrite boot --restore'";
        }

        @Override
        public List<String> examples() {
            return List.of("snapshot booted");
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            try {
                Path file = session.snapshots().takeNow(arguments);
                return Report.ofText("snapshot", "saved to " + file + "\n").text("file", file.toString());
            } catch (IllegalArgumentException e) {
                throw new MonitorException(e.getMessage());
            } catch (IOException e) {
                throw new MonitorException("the snapshot could not be written: " + e.getMessage());
            }
        }
    }

    private record RestoreCommand(BareSession session) implements MonitorCommand {

        @Override
        public String name() {
            return "restore";
        }

        @Override
        public String usage() {
            return "restore FILE";
        }

        @Override
        public String summary() {
            return "return a halted machine to a snapshot of 'snapshot FILE'; it stays halted, points stay set, and "
                    + "input is not given again";
        }

        @Override
        public List<String> examples() {
            return List.of("restore booted");
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            try {
                Path file = session.returnTo(arguments);
                return Report.ofText("restore", "restored from " + file + "\n").text("file", file.toString());
            } catch (IllegalArgumentException e) {
                throw new MonitorException(e.getMessage());
            } catch (IOException e) {
                throw new MonitorException("the snapshot was not restored: " + e.getMessage());
            }
        }
    }

    private record ResetCommand(DebugTarget target) implements MonitorCommand {

        @Override
        public String name() {
            return "reset";
        }

        @Override
        public String usage() {
            return "reset [halt]";
        }

        @Override
        public String summary() {
            return "return a halted machine to power-on; it stays halted";
        }

        @Override
        public Report run(String arguments) throws MonitorException {
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

    private record DigestCommand(Machine machine) implements MonitorCommand {

        @Override
        public String name() {
            return "digest";
        }

        @Override
        public String usage() {
            return "digest";
        }

        @Override
        public String summary() {
            return "fingerprints of the run so far; equal runs have equal ones";
        }

        @Override
        public Report run(String arguments) {
            Machine.Digest digest = machine.digest();
            return Report.ofText("digest", digest.toString()).number("events", digest.events())
                    .number("instructions", digest.instructions())
                    .text("memory", digest.memory()).text("schedule", digest.schedule());
        }
    }
}
