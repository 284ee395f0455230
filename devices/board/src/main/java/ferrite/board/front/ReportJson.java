package ferrite.board.front;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.hardware.report.Report;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A report as JSON: an object with its {@code name}, its fields under their names, and its children, if there are any,
 * in the array {@code children}. Numbers are numbers, addresses are {@code "0x…"} strings. Drawings are left out. A
 * report with only a text has it as {@code text}. {@link JsonSchemas} publishes the form.
 */
public final class ReportJson {

    private ReportJson() { }

    /** Writes a report as a JSON object. */
    public static void write(JsonGenerator json, Report report) throws IOException {
        Set<String> taken = new HashSet<>(List.of("name", "children"));
        json.writeStartObject();
        json.writeStringField("name", report.name());
        writeFields(json, report, taken);
        if (report.fixedText() != null && report.fields().isEmpty() && report.children().isEmpty()) {
            json.writeStringField("text", report.fixedText());
        }
        if (!report.children().isEmpty()) {
            json.writeArrayFieldStart("children");
            for (Report child : report.children()) {
                write(json, child);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /** Returns a tree as one line of JSON, without a line end. */
    public static String line(Report report) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
            write(json, report);
        }
        return line.toString();
    }

    /** Writes only the fields, into an object that has none of their names yet. */
    public static void writeFields(JsonGenerator json, Report report) throws IOException {
        writeFields(json, report, new HashSet<>());
    }

    private static void writeFields(JsonGenerator json, Report report, Set<String> taken) throws IOException {
        for (Report.Field field : report.fields()) {
            if (field.kind() != Report.Kind.DRAWING) {
                json.writeFieldName(free(field.name(), taken));
                value(json, field);
            }
        }
    }

    /**
     * Returns a name that the object does not have yet. Most readers would see only one of two members with the same
     * name.
     */
    private static String free(String name, Set<String> taken) {
        String free = name;
        while (!taken.add(free)) {
            free += "_";
        }
        return free;
    }

    private static void value(JsonGenerator json, Report.Field field) throws IOException {
        switch (field.kind()) {
            case NUMBER -> json.writeNumber(field.number());
            case TEXT, ADDRESS, DRAWING -> json.writeString(field.text());
            case PARTS -> {
                json.writeStartObject();
                writeFields(json, (Report) field.values().get(0));
                json.writeEndObject();
            }
            case TEXTS, NUMBERS -> {
                json.writeStartArray();
                for (Object value : field.values()) {
                    if (value instanceof Long number) {
                        json.writeNumber(number);
                    } else {
                        json.writeString((String) value);
                    }
                }
                json.writeEndArray();
            }
        }
    }
}
