package ferrite.board.front;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The published forms of our JSON, in JSON Schema 2020-12. Their definitions are one file in the jar,
 * {@code schemas.json}; a schema is one of them, or several.
 */
public enum JsonSchemas {

    RUN("a line of 'ferrite run --json'", "command", "violation"),
    BOOT("a line of 'ferrite boot --json'", "violation", "end"),
    REPORT("the JSON of an inspector, on the debug port and with --json", "report"),
    EVENT("a frame of the WebSocket /api/v1/events", "event", "dropped");

    private static final String DEFINITIONS = "schemas.json";

    private final String title;
    private final List<String> forms;

    JsonSchemas(String title, String... forms) {
        this.title = title;
        this.forms = List.of(forms);
    }

    /** Returns the schema with a name; null if there is none. */
    public static JsonSchemas of(String name) {
        return Arrays.stream(values()).filter(schema -> schema.text().equals(name)).findFirst().orElse(null);
    }

    /** Returns the name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns a line about the JSON that fits the schema. */
    public String title() {
        return title;
    }

    /** Returns the schema, which needs no other file. */
    public String json() {
        String any = forms.stream().map(form -> "{\"$ref\": \"#/$defs/" + form + "\"}")
                .collect(Collectors.joining(", "));
        return "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$id\": \"urn:ferrite:schema:"
                + text() + "\",\n  \"title\": \"" + title + "\",\n  \"anyOf\": [" + any + "],\n  \"$defs\": "
                + definitions().strip() + "\n}\n";
    }

    private static String definitions() {
        try (InputStream file = JsonSchemas.class.getResourceAsStream(DEFINITIONS)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar holds " + DEFINITIONS, e);
        }
    }
}
