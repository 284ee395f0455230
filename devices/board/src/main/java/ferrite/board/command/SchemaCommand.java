package ferrite.board.command;

import ferrite.board.front.JsonSchemas;
import ferrite.board.stdio.Streams;
import ferrite.hardware.monitor.NearNames;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ferrite schema}: prints the form of our JSON. */
@Command(name = "schema", mixinStandardHelpOptions = true,
        description = "Print the form of our JSON, in JSON Schema 2020-12; without a NAME, list the names.",
        footer = {"", "Examples:", "  ferrite schema",
                "  ferrite schema run > run.schema.json",
                "  ferrite boot program.elf --json | tail -n 1 | check-jsonschema --schemafile "
                        + "<(ferrite schema boot) -"})
final class SchemaCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "the JSON: run, boot, report or event")
    private String name;

    @Override
    public Integer call() throws IOException {
        PrintStream out = new PrintStream(Streams.standardOutput(), false, StandardCharsets.UTF_8);
        if (name == null) {
            for (JsonSchemas schema : JsonSchemas.values()) {
                out.printf(Locale.ROOT, "%-8s%s%n", schema.text(), schema.title());
            }
        } else {
            out.print(schema().json());
        }
        out.flush();
        return 0;
    }

    private JsonSchemas schema() {
        JsonSchemas schema = JsonSchemas.of(name);
        if (schema == null) {
            List<String> names = Stream.of(JsonSchemas.values()).map(JsonSchemas::text).toList();
            List<String> near = NearNames.of(name, names);
            throw new UsageException("there is no schema '" + name + "'; " + (near.isEmpty() ? ""
                    : "did you mean " + String.join(" or ", near) + "? ") + "there are " + String.join(", ", names));
        }
        return schema;
    }
}
