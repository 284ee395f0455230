package ferrite.board.session;

import ferrite.book.BookDrivers;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.monitor.ActionCommand;
import ferrite.hardware.monitor.Effect;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.Turn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The snapshots of a machine with the mini-kernel, by name, in this process's memory; and the monitor's commands for
 * them. A snapshot is taken when the shell waits for a line and every task stands at its restart point, or executes its
 * program. All methods are called by the thread that holds the turn.
 */
final class KernelSnapshots {

    private static final int MAX_SNAPSHOTS = 16;
    /** How long the machine may run on until every task rests: a second. */
    private static final long PATIENCE_TICKS = Clock.TICKS_PER_SECOND;
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}";

    private interface Action {
        String run(String name) throws MonitorException;
    }

    private final Session session;
    private final Map<String, Machine.Snapshot> kept = new LinkedHashMap<>();
    /** Name of the snapshot to take, or null. */
    private String wanted;
    /** The tick at which the request for it is given up. */
    private long end;
    /** Name of the snapshot to return to, or null. */
    private String returning;

    KernelSnapshots(Session session) {
        this.session = session;
    }

    void addTo(Monitor monitor) {
        monitor.add(command("snapshot", "keep the machine's state under a name, in memory, as soon as the shell "
                + "waits for a line and every task rests, or executes its program", this::want));
        monitor.add(command("restore", "return the machine to a state that 'snapshot' has kept; running commands "
                + "end, and points stay set", this::returnTo));
    }

    private static ActionCommand command(String name, String summary, Action action) {
        return new ActionCommand(name, name + " NAME", summary, List.of(name + " booted"), arguments -> {
            if (!arguments.matches(NAME)) {
                throw new MonitorException("'" + arguments + "' is no name for a snapshot, which has up to 100 "
                        + "letters, digits, '_', '-' and '.'");
            }
            String text = action.run(arguments);
            return Report.ofText(name, text + "\n").text("name", arguments).text("state", text);
        }).with(Effect.STEERS);
    }

    /** Tells whether the controller has something to do when the shell waits for a line. */
    boolean isWaiting() {
        return wanted != null || returning != null;
    }

    boolean isWanted() {
        return wanted != null;
    }

    private String want(String name) throws MonitorException {
        Machine machine = session.machine();
        if (!session.board().kernel().isUp()) {
            throw new MonitorException("the kernel has not booted yet");
        }
        if (session.board().kernel().drivers().modules().all(machine.peek(0)).stream()
                .anyMatch(module -> !BookDrivers.names().contains(module.file()))) {
            throw new MonitorException("a driver is loaded, which may keep state outside the machine; 'rmmod' it "
                    + "first");
        }
        if (kept.size() >= MAX_SNAPSHOTS && !kept.containsKey(name)) {
            throw new MonitorException("there are " + MAX_SNAPSHOTS + " snapshots already; reuse a name of "
                    + String.join(", ", kept.keySet()));
        }
        if (wanted != null) {
            session.notice("snapshot " + wanted + " is not taken: another one is asked for\n");
        }
        wanted = name;
        end = Long.MAX_VALUE;
        if (session.awaitsLine()) {
            shellWaits();
        }
        return "snapshot " + name + " is taken as soon as the shell waits for a line and every task rests";
    }

    private String returnTo(String name) throws MonitorException {
        if (!kept.containsKey(name)) {
            throw new MonitorException("there is no snapshot '" + name + "'" + (kept.isEmpty()
                    ? "; 'snapshot NAME' takes one" : "; there are " + String.join(", ", kept.keySet())));
        }
        returning = name;
        if (session.isAtRest()) {
            returnIfWanted();
            return "restored " + name;
        }
        session.machine().turn().stop(Turn.Stop.HALTED);       // the run's loop returns to it
        return "returning to " + name;
    }

    // ---- the controller ----

    /** The shell waits for a line: what runs now are commands in the background. */
    void shellWaits() {
        end = Math.min(end, session.machine().clock().now() + PATIENCE_TICKS);
    }

    /** Tells whether the snapshot that is wanted can be taken, or is to be given up. Only looks. */
    boolean isDue() {
        return session.machine().clock().now() >= end || session.board().kernel().isQuiescent();
    }

    /** Takes the snapshot that is wanted, or gives it up. The machine is between two slices. */
    void take() {
        if (wanted != null && session.board().kernel().isQuiescent()) {
            kept.put(wanted, session.board().snapshot());
            session.notice("snapshot " + wanted + " is taken, at event " + session.machine().turn().eventNumber()
                    + "\n");
        } else if (wanted != null) {
            List<String> tasks = session.board().kernel().tasks().restless(session.machine().peek(0));
            session.notice("snapshot " + wanted + " is not taken, because "
                    + (tasks.isEmpty() ? "a hart" : String.join(", ", tasks)) + " was inside the kernel or a driver\n");
        }
        wanted = null;
    }

    /** Returns to a snapshot, if that was asked. Returns whether it was. If code does not end, the run fails. */
    boolean returnIfWanted() {
        if (returning == null) {
            return false;
        }
        try {
            session.board().restore(kept.get(returning));
        } catch (IllegalStateException endless) {
            returning = null;
            session.machine().turn().fail(endless);
            return false;
        }
        session.machine().control().returned(0);
        session.restored("the machine has returned to snapshot " + returning + "\n");
        returning = null;
        return true;
    }

    /** Returns a sentence about a snapshot that was asked for and not taken, or null. */
    String missed() {
        return wanted == null ? null : "snapshot " + wanted
                + " was not taken: the shell did not wait for a line before the end";
    }
}
