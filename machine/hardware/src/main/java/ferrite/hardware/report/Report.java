package ferrite.hardware.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The findings of an inspector, as a tree without a format. A front end renders it as text or as JSON.
 *
 * <p>A report has a name, fields in the order in which they were added, and child reports. Where Linux fixes a text
 * format ({@code /proc/buddyinfo}), the report carries that text too, and a text front end prints it unchanged.
 */
public final class Report {

    /**
     * The format of a value: addresses are written in hexadecimal, all others unchanged. {@code TEXTS} and {@code
     * NUMBERS} are lists. A {@code DRAWING} is for people, and shows other fields. {@code PARTS} are for programs: a
     * report with the details of a text that a person has seen already.
     */
    public enum Kind { TEXT, NUMBER, ADDRESS, TEXTS, NUMBERS, DRAWING, PARTS }

    /**
     * One named value. {@code number} is set for numbers and addresses, {@code values} for lists (of {@code String} or
     * {@code Long}) and for parts (one {@code Report}), and {@code text} for all but parts.
     */
    public record Field(String name, Kind kind, String text, long number, List<?> values) { }

    private final String name;
    private final List<Field> fields = new ArrayList<>();
    private final List<Report> children = new ArrayList<>();
    private String text;

    private Report(String name) {
        this.name = name;
    }

    public static Report of(String name) {
        return new Report(name);
    }

    /** Creates a report with a fixed text form, line ends included. */
    public static Report ofText(String name, String text) {
        Report report = new Report(name);
        report.text = text;
        return report;
    }

    public Report text(String field, String value) {
        fields.add(new Field(field, Kind.TEXT, value, 0, List.of()));
        return this;
    }

    public Report number(String field, long value) {
        fields.add(new Field(field, Kind.NUMBER, Long.toString(value), value, List.of()));
        return this;
    }

    /** Adds a 32-bit address, zero-extended. */
    public Report address(String field, long value) {
        fields.add(new Field(field, Kind.ADDRESS, Hex.address(value), value, List.of()));
        return this;
    }

    public Report texts(String field, List<String> values) {
        fields.add(new Field(field, Kind.TEXTS, String.join(" ", values), 0, List.copyOf(values)));
        return this;
    }

    public Report numbers(String field, List<Long> values) {
        fields.add(new Field(field, Kind.NUMBERS, String.join(" ", values.stream().map(String::valueOf).toList()), 0,
                List.copyOf(values)));
        return this;
    }

    /** Adds a drawing of other fields, which only people get. */
    public Report drawing(String field, String value) {
        fields.add(new Field(field, Kind.DRAWING, value, 0, List.of()));
        return this;
    }

    /** Adds the fields of another report as one value, which only programs get. */
    public Report parts(String field, Report value) {
        fields.add(new Field(field, Kind.PARTS, "", 0, List.of(value)));
        return this;
    }

    /** Adds the fields of another report. */
    public Report fieldsOf(Report other) {
        fields.addAll(other.fields);
        return this;
    }

    public Report child(Report child) {
        children.add(child);
        return this;
    }

    /** Adds child reports. */
    public Report add(List<Report> more) {
        children.addAll(more);
        return this;
    }

    public String name() {
        return name;
    }

    public List<Field> fields() {
        return List.copyOf(fields);
    }

    public List<Report> children() {
        return List.copyOf(children);
    }

    /** Returns the fixed text form, or null if the front end chooses one. */
    public String fixedText() {
        return text;
    }

    /** Returns the text of a field, or null if there is no such field. */
    public String value(String field) {
        for (Field f : fields) {
            if (f.name().equals(field)) {
                return f.text();
            }
        }
        return null;
    }
}
