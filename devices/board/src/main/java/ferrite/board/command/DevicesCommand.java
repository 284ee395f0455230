package ferrite.board.command;

import ferrite.board.devicetree.DeviceList;
import ferrite.board.front.ReportJson;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.plug.JarCode;
import ferrite.board.stdio.Streams;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ferrite devices}: the devices of a board, with their addresses and interrupt numbers. */
@Command(name = "devices", mixinStandardHelpOptions = true,
        description = "List the devices of a board: addresses, interrupt numbers, and the names that drivers match.",
        footer = {"", "Examples:", "  ferrite devices", "  ferrite devices --board virt",
                "  ferrite devices --device dice.jar,irq=9",
                "  ferrite devices --json | jq -r '.children[].name'"})
final class DevicesCommand implements Callable<Integer> {

    @Option(names = "--board", paramLabel = "ferrite|virt", defaultValue = "ferrite", description = "the board")
    private String board;

    @Option(names = "--device", paramLabel = "FILE.jar[,PLACE...]", description = "a device of your own, as in "
            + "'ferrite run'; again for more devices")
    private List<String> devices = List.of();

    @Option(names = "--json", description = "print one JSON object")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        BoardKind kind = Arrays.stream(BoardKind.values()).filter(known -> known.label().equals(board)).findFirst()
                .orElseThrow(() -> new UsageException("--board " + board + ": ferrite or virt would be right"));
        BoardOptions options = new BoardOptions().kind(kind);
        devices.forEach(device -> MachineOptions.set(options, "--device", device));
        Report report = list(options);
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        if (json) {
            out.println(ReportJson.line(report));
        } else {
            report.children().forEach(device -> print(out, device));
        }
        out.flush();
        return 0;
    }

    private static Report list(BoardOptions options) throws IOException {
        try {
            return BuildWatchdog.watch(options, System.err, () -> DeviceList.of(options));
        } catch (JarCode.Unusable e) {
            throw new InputException(e.getMessage());
        }
    }

    private static void print(PrintStream out, Report device) {
        StringBuilder line = new StringBuilder(device.name());
        pad(line, 26);
        for (Report range : rows(device, "registers")) {
            line.append(range.value("start")).append('-').append(range.value("end")).append("  ");
        }
        pad(line, 52);
        line.append(device.value("irq") == null ? "" : "irq " + device.value("irq"));
        pad(line, 60);
        out.println(line.append(device.value("compatible")));
        rows(device, "parameter").forEach(row -> out.println(row(row.value("label") + "=" + row.value("value"))
                .append(row.value("meaning"))));
        rows(device, "register").forEach(row -> out.println(register(row)));
        rows(device, "memory").forEach(row -> out.println(row(row.value("offset") + "  " + row.value("label"))
                .append(row.value("bytes")).append(" bytes of memory")));
    }

    private static StringBuilder register(Report row) {
        StringBuilder line = row(row.value("offset") + "  " + row.value("label"));
        line.append(row.value("bits")).append(" bits, ").append(row.value("access"));
        if (!row.value("fields").isEmpty()) {
            line.append("; ").append(row.value("fields"));
        }
        return line;
    }

    /** Begins a row below a device. */
    private static StringBuilder row(String label) {
        StringBuilder line = new StringBuilder("    ").append(label).append("  ");
        pad(line, 26);
        return line;
    }

    private static List<Report> rows(Report device, String kind) {
        return device.children().stream().filter(child -> child.name().equals(kind)).toList();
    }

    private static void pad(StringBuilder line, int width) {
        line.append(" ".repeat(Math.max(0, width - line.length())));
    }
}
