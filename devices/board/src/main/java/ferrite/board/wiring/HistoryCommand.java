package ferrite.board.wiring;

import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.peripherals.console.Console;
import java.util.ArrayList;
import java.util.List;

/** {@code history}: the lines that the console was given in this run, numbered as in bash. */
final class HistoryCommand implements MonitorCommand {

    private static final int DIGITS = 5;

    private final Console console;

    HistoryCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "history";
    }

    @Override
    public String usage() {
        return "history [N]";
    }

    @Override
    public String summary() {
        return "list the lines of this run, or the last N of them";
    }

    @Override
    public List<String> examples() {
        return List.of("history 5", "history | grep insmod");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!arguments.matches("[0-9]{0,9}")) {
            throw new MonitorException("history takes the number of lines to list, as in history 5");
        }
        List<String> lines = new ArrayList<>();
        for (Console.Input input : console.received()) {
            boolean isLine = input.kind() == Console.Input.Kind.LINE || input.kind() == Console.Input.Kind.LINE_AHEAD;
            if (isLine && !input.line().isBlank()) {
                lines.add(input.line());
            }
        }
        int first = arguments.isEmpty() ? 0 : Math.max(0, lines.size() - Integer.parseInt(arguments));
        StringBuilder text = new StringBuilder();
        for (int i = first; i < lines.size(); i++) {
            String number = Integer.toString(i + 1);
            text.append(" ".repeat(Math.max(0, DIGITS - number.length()))).append(number).append("  ")
                .append(lines.get(i)).append('\n');
        }
        return Report.ofText("history", text.toString()).texts("lines", lines.subList(first, lines.size()));
    }
}
