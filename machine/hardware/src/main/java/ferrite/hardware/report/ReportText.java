package ferrite.hardware.report;

/** A report as text: its fixed form if it has one, else names and values in two columns, children indented. */
public final class ReportText {

    private ReportText() { }

    /** The text, every line ended. */
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
        int width = 0;
        for (Report.Field field : report.fields()) {
            width = Math.max(width, field.name().length());
        }
        for (Report.Field field : report.fields()) {
            out.append(indent).append(field.name())
               .append(" ".repeat(width + 2 - field.name().length())).append(field.text()).append('\n');
        }
        for (Report child : report.children()) {
            out.append(indent).append(child.name()).append('\n');
            append(out, child, indent + "  ");
        }
    }
}
