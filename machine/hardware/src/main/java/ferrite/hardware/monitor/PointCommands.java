package ferrite.hardware.monitor;

import ferrite.hardware.hart.DebugPoints;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.RunControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The monitor's breakpoints and watchpoints: {@code break}, {@code watch}, {@code delete} and {@code info break}. They
 * are apart from those of a GDB client, and change no run. Software above the hardware adds reasons to {@code break on}
 * ({@link StopReason}).
 */
final class PointCommands {

    private static final int MAX_POINTS = 256;
    private static final int MAX_WATCHED_BYTES = 1 << 20;
    private static final int MAX_CAUSE = 31;
    private static final int ANY_MODE = -1;
    private static final String VIOLATION = "violation";

    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-fA-F]{1,8})|([0-9]{1,10})");
    private static final Pattern TRAP = Pattern.compile("on (trap|interrupt) ([0-9]{1,2})");
    private static final Pattern WATCH = Pattern.compile("(?:(r|w|a|read|write|access) )?(\\S+)(?: (\\S+))?");

    /** One point, and the action that clears it. */
    private record Point(int number, String text, Runnable clear) { }

    /** {@code break}, whose help names the reasons that are there. */
    private final class Break implements MonitorCommand {

        @Override
        public String name() {
            return "break";
        }

        @Override
        public String usage() {
            StringBuilder usage = new StringBuilder("break ADDRESS");
            reasons().forEach(reason -> usage.append(" | on ").append(reason));
            return usage.toString();
        }

        @Override
        public String summary() {
            return "halt before an instruction, or when the named event happens";
        }

        @Override
        public List<String> examples() {
            List<String> examples = new ArrayList<>(List.of("break 0x80000040", "break on violation",
                    "break on trap 2"));
            monitor.stopReasons().forEach(reason -> examples.add("break on " + reason.example()));
            return examples;
        }

        @Override
        public Effect effect(String arguments) {
            return Effect.STEERS;
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            return setBreak(arguments);
        }
    }

    private final RunControl control;
    private final Monitor monitor;
    private final List<Point> points = new ArrayList<>();
    private int next = 1;

    private PointCommands(RunControl control, Monitor monitor) {
        this.control = control;
        this.monitor = monitor;
    }

    /** @param monitor has the stop reasons of the software */
    static List<MonitorCommand> all(RunControl control, Monitor monitor) {
        PointCommands commands = new PointCommands(control, monitor);
        return List.of(commands.new Break(),
                new ActionCommand("watch", "watch [read|write|access] ADDRESS [BYTES]",
                        "halt before an access to memory at a virtual address; the default is a write of 4 bytes",
                        List.of("watch 0x80001000", "watch access 0xc0001000 64"), commands::setWatch)
                        .with(Effect.STEERS),
                new ActionCommand("delete", "delete [NUMBER]", "clear one point of the monitor, or all",
                        List.of("delete 1", "delete"), commands::delete).with(Effect.STEERS),
                new ActionCommand("info break", "info break", "the points of the monitor", List.of("info break"),
                        arguments -> commands.list()));
    }

    private Report setBreak(String arguments) throws MonitorException {
        Matcher trap = TRAP.matcher(arguments);
        if (arguments.equals("on violation")) {
            ControlCommands.requireDebugger(control);
            control.breakOnViolation(true);
            return add(VIOLATION, () -> control.breakOnViolation(
                    points.stream().anyMatch(point -> point.text.equals(VIOLATION))));
        }
        if (trap.matches()) {
            int cause = Integer.parseInt(trap.group(2));
            if (cause > MAX_CAUSE) {
                throw new MonitorException("a cause is 0 to " + MAX_CAUSE + ", not " + cause);
            }
            DebugPoints.CaughtTrap caught = new DebugPoints.CaughtTrap(
                    trap.group(1).equals("interrupt") ? cause | Integer.MIN_VALUE : cause, ANY_MODE);
            ControlCommands.requireDebugger(control);
            control.points().catchTrap(caught);
            return add(arguments.substring(3), () -> control.points().ignoreTrap(caught));
        }
        if (arguments.startsWith("on ") || arguments.equals("on")) {
            return setReason(arguments.substring(2).strip());
        }
        long va = address(arguments, "break 0x80000040");
        ControlCommands.requireDebugger(control);
        control.points().setBreakpoint(va);
        return add("instruction at " + Hex.address(va), () -> control.points().clearBreakpoint(va));
    }

    private Report setReason(String words) throws MonitorException {
        for (StopReason reason : monitor.stopReasons()) {
            StopReason.Point point = reason.set(words);
            if (point != null) {
                if (!control.isDebuggerExpected()) {
                    point.clear().run();
                }
                ControlCommands.requireDebugger(control);
                return add(point.text(), point.clear());
            }
        }
        throw new MonitorException("this machine cannot break on '" + words + "'; it can on "
                + String.join(", ", reasons()) + (monitor.stopReasons().isEmpty()
                        ? ". Events of the kernel need the mini-kernel of 'ferrite run'" : ""));
    }

    private List<String> reasons() {
        List<String> reasons = new ArrayList<>(List.of("violation", "trap CAUSE", "interrupt CAUSE"));
        monitor.stopReasons().forEach(reason -> reasons.add(reason.usage()));
        return reasons;
    }

    private Report setWatch(String arguments) throws MonitorException {
        Matcher matcher = WATCH.matcher(arguments);
        if (!matcher.matches()) {
            throw new MonitorException("'watch " + arguments + "': watch [read|write|access] ADDRESS [BYTES] is "
                    + "expected, for example watch 0x80001000");
        }
        long va = address(matcher.group(2), "watch 0x80001000");
        long bytes = matcher.group(3) == null ? 4 : address(matcher.group(3), "watch 0x80001000 64");
        if (bytes == 0 || bytes > MAX_WATCHED_BYTES || va + bytes > 1L << 32) {
            throw new MonitorException("a watchpoint has 1 to " + MAX_WATCHED_BYTES + " bytes, inside 32 bits");
        }
        DebugPoints.Watchpoint point = new DebugPoints.Watchpoint(kind(matcher.group(1)), va, bytes);
        ControlCommands.requireDebugger(control);
        control.points().setWatchpoint(point);
        return add(point.kind().name().toLowerCase(Locale.ROOT) + " of " + bytes + " bytes at " + Hex.address(va),
                () -> control.points().clearWatchpoint(point));
    }

    private static DebugPoints.Kind kind(String typed) {
        char letter = typed == null ? 'w' : typed.charAt(0);
        return letter == 'r' ? DebugPoints.Kind.READ : letter == 'a' ? DebugPoints.Kind.ACCESS
                : DebugPoints.Kind.WRITE;
    }

    private Report delete(String arguments) throws MonitorException {
        List<Point> gone = arguments.isEmpty() ? List.copyOf(points)
                : points.stream().filter(point -> Integer.toString(point.number).equals(arguments)).toList();
        if (gone.isEmpty() && !arguments.isEmpty()) {
            throw new MonitorException("there is no point " + arguments + "; 'info break' lists them");
        }
        points.removeAll(gone);
        gone.forEach(point -> point.clear.run());
        return list();
    }

    private Report list() {
        StringBuilder text = new StringBuilder(points.isEmpty() ? "no breakpoints or watchpoints\n" : "");
        points.forEach(point -> text.append(point.number).append("  ").append(point.text).append('\n'));
        Report report = Report.ofText("break", text.toString());
        points.forEach(point -> report.text(Integer.toString(point.number), point.text));
        return report;
    }

    private Report add(String text, Runnable clear) throws MonitorException {
        if (points.size() >= MAX_POINTS) {
            clear.run();
            throw new MonitorException("there are " + MAX_POINTS + " points already; 'delete' clears them");
        }
        points.add(new Point(next++, text, clear));
        return Report.ofText("break", (next - 1) + "  " + text + "\n").number("number", next - 1).text("point", text);
    }

    private static long address(String typed, String example) throws MonitorException {
        Matcher matcher = ADDRESS.matcher(typed);
        long value = !matcher.matches() ? -1 : matcher.group(1) != null ? Long.parseLong(matcher.group(1), 16)
                : Long.parseLong(matcher.group(2));
        if (value < 0 || value >>> 32 != 0) {
            throw new MonitorException("'" + typed + "' is no 32-bit address or number; for example " + example);
        }
        return value;
    }
}
