package ferrite.board.matrix;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.board.options.ReplayLine;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The report of a run of cells, as text and as JSON. */
public final class MatrixReport {

    private static final List<Path> PATHS = List.of(Path.NONE, Path.DIRECT, Path.BOUNCED, Path.REFUSED);
    private static final int MAX_PRINTED = 50;

    private final List<Result> results;
    private final List<Result> mismatches;

    public MatrixReport(List<Result> results) {
        this.results = results;
        this.mismatches = results.stream().filter(result -> !result.isAsStated()).toList();
    }

    /** Returns whether every cell is as stated. */
    public boolean isAsStated() {
        return mismatches.isEmpty();
    }

    /** Returns the command line that repeats a cell. */
    public static String replay(Cell cell) {
        return ReplayLine.of("matrix").add(List.of("--cell", cell.toString())).toString();
    }

    private long count(Predicate<Result> which) {
        return results.stream().filter(which).count();
    }

    // ---- text ----

    /** Prints the counts by axis, and each mismatch. */
    public void printAll(PrintStream out) {
        out.printf(Locale.ROOT, "%-28s %8s %8s %8s %8s %8s %8s%n", "", "cells", "no mem", "direct", "bounced",
                "refused", "differ");
        for (Axis axis : Axis.values()) {
            for (Object value : axis.choices()) {
                printRow(out, axis.text() + "=" + value, result -> axis.of(result.cell()).equals(value));
            }
        }
        printRow(out, "all", result -> true);
        mismatches.stream().limit(MAX_PRINTED).forEach(result -> printOne(out, result));
        if (mismatches.size() > MAX_PRINTED) {
            out.println(mismatches.size() - MAX_PRINTED + " more cells are not as stated; --json lists all");
        }
    }

    private void printRow(PrintStream out, String name, Predicate<Result> which) {
        out.printf(Locale.ROOT, "%-28s %8d", name, count(which));
        for (Path path : PATHS) {
            out.printf(Locale.ROOT, " %8d", count(which.and(result -> result.observed().path() == path)));
        }
        out.printf(Locale.ROOT, " %8d%n", count(which.and(result -> !result.isAsStated())));
    }

    /** Prints each cell with its statement and its observation. */
    public void printEach(PrintStream out) {
        results.forEach(result -> printOne(out, result));
    }

    private static void printOne(PrintStream out, Result result) {
        out.println(result.cell());
        out.println("    stated    " + result.stated());
        out.println("    observed  " + result.observed());
        out.println("    differs   " + (result.isAsStated() ? "in nothing" : String.join("; ", result.differences())));
        if (!result.isAsStated()) {
            out.println("    replay    " + replay(result.cell()));
        }
    }

    // ---- JSON ----

    /** Writes one JSON object: the counts by axis, and each mismatch. A single cell is always written. */
    public void writeJson(PrintStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeNumberField("cells", results.size());
            json.writeNumberField("as_stated", results.size() - mismatches.size());
            json.writeObjectFieldStart("axes");
            for (Axis axis : Axis.values()) {
                json.writeObjectFieldStart(axis.text());
                for (Object value : axis.choices()) {
                    json.writeObjectFieldStart(value.toString());
                    writeCounts(json, result -> axis.of(result.cell()).equals(value));
                    json.writeEndObject();
                }
                json.writeEndObject();
            }
            json.writeEndObject();
            json.writeArrayFieldStart(results.size() == 1 ? "results" : "mismatches");
            for (Result result : results.size() == 1 ? results : mismatches) {
                write(json, result);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private void writeCounts(JsonGenerator json, Predicate<Result> which) throws IOException {
        json.writeNumberField("cells", count(which));
        for (Path path : PATHS) {
            json.writeNumberField(path == Path.NONE ? "no_memory" : path.toString(),
                    count(which.and(result -> result.observed().path() == path)));
        }
        json.writeNumberField("differ", count(which.and(result -> !result.isAsStated())));
    }

    private static void write(JsonGenerator json, Result result) throws IOException {
        json.writeStartObject();
        json.writeStringField("cell", result.cell().toString());
        json.writeStringField("stated", result.stated().toString());
        json.writeStringField("observed", result.observed().toString());
        json.writeArrayFieldStart("differences");
        for (String difference : result.differences()) {
            json.writeString(difference);
        }
        json.writeEndArray();
        json.writeStringField("replay", replay(result.cell()));
        json.writeEndObject();
    }
}
