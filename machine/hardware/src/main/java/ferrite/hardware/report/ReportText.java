package ferrite.hardware.report;

import java.util.List;

/**
 * Rendering of a report as text. A report with a fixed text form is printed so. Any other report is printed as names
 * and values in two columns, with its children indented.
 */
public final class ReportText {

    private ReportText() { }

    /** Returns the text. Each line has a line end. */
    public static String of(Report report) {
        StringBuilder out = new StringBuilder();
        append(out, report, "");
        return out.toString();
    }

    private static void append(StringBuilder out, Report report, String indent) {
        if (report.fixedText() != null) {
            out.append(report.fixedText());
            return;
        }
        List<Report.Field> fields = report.fields().stream().filter(field -> field.kind() != Report.Kind.PARTS)
                .toList();
        int width = 0;
        for (Report.Field field : fields) {
            width = Math.max(width, field.name().length());
        }
        for (Report.Field field : fields) {
            out.append(indent).append(field.name())
               .append(" ".repeat(width + 2 - field.name().length())).append(field.text()).append('\n');
        }
        for (Report child : report.children()) {
            out.append(indent).append(child.name()).append('\n');
            append(out, child, indent + "  ");
        }
    }
}
