package ferrite.hardware.monitor;

import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The registered commands, in order, and the search for the command of a typed line. */
public final class Monitor {

    private final List<MonitorCommand> commands = new ArrayList<>();
    private final List<StopReason> stopReasons = new ArrayList<>();
    private final Map<String, Consumer<Boolean>> traces = new LinkedHashMap<>();
    private Consumer<String> printer = line -> { };

    public Monitor() {
        add(new Help());
    }

    public Monitor add(MonitorCommand command) {
        commands.add(command);
        return this;
    }

    /** Adds a reason to {@code break on}. */
    public Monitor add(StopReason reason) {
        stopReasons.add(reason);
        return this;
    }

    /**
     * Adds a kind of event to {@code trace on}.
     *
     * @param kind     the kind, one of {@link ferrite.hardware.event.MachineEvents#TRACES}
     * @param switches begins or ends the telling of the events
     */
    public Monitor addTrace(String kind, Consumer<Boolean> switches) {
        traces.put(kind, switches);
        return this;
    }

    /** Sets the place where {@code trace FILTER on} prints events, a line each. */
    public void printTo(Consumer<String> lines) {
        printer = lines;
    }

    void print(String line) {
        printer.accept(line);
    }

    List<StopReason> stopReasons() {
        return stopReasons;
    }

    Map<String, Consumer<Boolean>> traces() {
        return traces;
    }

    /** Returns all commands, in the order in which they were registered. */
    public List<MonitorCommand> commands() {
        return List.copyOf(commands);
    }

    private List<String> names() {
        return commands.stream().map(MonitorCommand::name).toList();
    }

    /**
     * Runs one typed line. Only the thread that holds the turn may call this.
     *
     * @throws MonitorException if there is no such command, or from the command itself
     */
    public Report execute(String line) throws MonitorException {
        return execute(line, Effect.USES_FILES);
    }

    /**
     * Runs one typed line, as {@link #execute(String)} does.
     *
     * @param most the strongest effect that the line may have
     */
    public Report execute(String line, Effect most) throws MonitorException {
        String typed = line.strip().replaceAll("\\s+", " ");
        MonitorCommand command = find(typed);
        if (command == null) {
            throw new MonitorException("unknown command '" + typed + "'; " + NearNames.question(typed, names(),
                    "'help' lists the commands"));
        }
        String arguments = typed.substring(command.name().length()).strip();
        if (command.effect(arguments).compareTo(most) > 0) {
            throw new MonitorException("'" + command.name() + "' controls the machine, and this client may only look; "
                    + "name the machine's token in the first line, 'token T', or use the client that controls it");
        }
        return command.run(arguments);
    }

    /** Finds the command whose name starts the line, or null. The longest name wins. */
    public MonitorCommand find(String line) {
        String typed = line.strip().replaceAll("\\s+", " ");
        MonitorCommand best = null;
        for (MonitorCommand command : commands) {
            String name = command.name();
            boolean matches = typed.equals(name) || typed.startsWith(name + " ") || typed.startsWith(name + "/");
            if (matches && (best == null || name.length() > best.name().length())) {
                best = command;
            }
        }
        return best;
    }

    private final class Help implements MonitorCommand {

        @Override
        public String name() {
            return "help";
        }

        @Override
        public String usage() {
            return "help [COMMAND]";
        }

        @Override
        public String summary() {
            return "list the commands, or explain one";
        }

        @Override
        public List<String> examples() {
            return List.of("help", "help who");
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            if (arguments.isEmpty()) {
                StringBuilder text = new StringBuilder();
                commands.forEach(command -> HelpLayout.add(text, command.usage(), command.summary()));
                Report report = Report.ofText("help", text.toString());
                commands.forEach(command -> report.text(command.usage(), command.summary()));
                return report;
            }
            MonitorCommand command = find(arguments);
            if (command == null) {
                throw new MonitorException("no help for '" + arguments + "': there is no such command; "
                        + NearNames.question(arguments, names(), "'help' lists all"));
            }
            return explain(command);
        }

        private static Report explain(MonitorCommand command) {
            StringBuilder text = new StringBuilder();
            HelpLayout.explain(text, command.usage(), command.summary());
            command.examples().forEach(example -> text.append("  for example: ").append(example).append('\n'));
            Report report = Report.ofText("help", text.toString()).text(command.usage(), command.summary());
            return command.examples().isEmpty() ? report : report.texts("examples", command.examples());
        }
    }
}
