package ferrite.board;

import ferrite.board.front.JsonSchemas;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A validator for the keywords of JSON Schema 2020-12 that our schemas use. Any other keyword is an error, so that no
 * schema says more than is checked.
 */
public final class JsonSchema {

    private static final Set<String> KEYWORDS = new LinkedHashSet<>(List.of("$schema", "$id", "$ref", "$defs", "title",
            "description", "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum",
            "pattern", "minimum", "maximum"));

    private final Map<?, ?> root;
    private final Map<?, ?> definitions;

    private JsonSchema(Map<?, ?> root) {
        this.root = root;
        this.definitions = (Map<?, ?>) root.get("$defs");
    }

    public static JsonSchema of(JsonSchemas schema) {
        return new JsonSchema(Json.object(schema.json()));
    }

    /** Returns the parts of a value, read by {@link Json}, that do not fit; none if it is valid. */
    public List<String> mistakes(Object value) {
        return mistakes("", root, value);
    }

    /** Returns the names in {@code $defs} that nothing refers to. */
    public Set<String> unused() {
        Set<String> unused = new LinkedHashSet<>();
        String text = root.toString();
        definitions.keySet().forEach(name -> unused.add((String) name));
        unused.removeIf(name -> text.contains("$ref=#/$defs/" + name + "}")
                || text.contains("$ref=#/$defs/" + name + ","));
        return unused;
    }

    private List<String> mistakes(String place, Map<?, ?> schema, Object value) {
        List<String> mistakes = new ArrayList<>();
        for (Map.Entry<?, ?> rule : schema.entrySet()) {
            if (!KEYWORDS.contains(rule.getKey())) {
                throw new IllegalArgumentException("the validator does not know " + rule.getKey());
            }
            Object operand = rule.getValue();
            switch ((String) rule.getKey()) {
                case "$ref" -> mistakes.addAll(mistakes(place, definition((String) operand), value));
                case "type" -> check(mistakes, place, (operand instanceof List<?> types ? types : List.of(operand))
                        .stream().anyMatch(type -> isA((String) type, value)), value + " is no " + operand);
                case "enum" -> check(mistakes, place, ((List<?>) operand).contains(value), value + " is none of "
                        + operand);
                case "pattern" -> check(mistakes, place, !(value instanceof String text)
                        || java.util.regex.Pattern.compile((String) operand).matcher(text).find(), value
                        + " does not match " + operand);
                case "minimum" -> check(mistakes, place, !(value instanceof Long number) || number >= (Long) operand,
                        value + " is less than " + operand);
                case "maximum" -> check(mistakes, place, !(value instanceof Long number) || number <= (Long) operand,
                        value + " is more than " + operand);
                case "anyOf" -> anyOf(mistakes, place, (List<?>) operand, value);
                case "items" -> items(mistakes, place, (Map<?, ?>) operand, value);
                case "required" -> ((List<?>) operand).forEach(name -> check(mistakes, place,
                        !(value instanceof Map<?, ?> object) || object.containsKey(name), name + " is missing"));
                case "properties" -> properties(mistakes, place, schema, value);
                case "additionalProperties" -> others(mistakes, place, schema, value);
                default -> { }
            }
        }
        return mistakes;
    }

    private Map<?, ?> definition(String reference) {
        return (Map<?, ?>) definitions.get(reference.substring("#/$defs/".length()));
    }

    private static void check(List<String> mistakes, String place, boolean isRight, String mistake) {
        if (!isRight) {
            mistakes.add(place + ": " + mistake);
        }
    }

    private static boolean isA(String type, Object value) {
        return switch (type) {
            case "null" -> value == null;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Long;
            case "array" -> value instanceof List;
            case "object" -> value instanceof Map;
            default -> throw new IllegalArgumentException("the validator does not know the type " + type);
        };
    }

    private void anyOf(List<String> mistakes, String place, List<?> schemas, Object value) {
        List<String> all = new ArrayList<>();
        for (Object schema : schemas) {
            List<String> those = mistakes(place, (Map<?, ?>) schema, value);
            if (those.isEmpty()) {
                return;
            }
            all.addAll(those);
        }
        mistakes.addAll(all);
    }

    private void items(List<String> mistakes, String place, Map<?, ?> schema, Object value) {
        if (value instanceof List<?> array) {
            for (Object item : array) {
                mistakes.addAll(mistakes(place + "[]", schema, item));
            }
        }
    }

    private void properties(List<String> mistakes, String place, Map<?, ?> schema, Object value) {
        if (value instanceof Map<?, ?> object) {
            ((Map<?, ?>) schema.get("properties")).forEach((name, of) -> {
                if (object.containsKey(name)) {
                    mistakes.addAll(mistakes(place + "." + name, (Map<?, ?>) of, object.get(name)));
                }
            });
        }
    }

    private void others(List<String> mistakes, String place, Map<?, ?> schema, Object value) {
        Map<?, ?> known = schema.get("properties") instanceof Map<?, ?> properties ? properties : Map.of();
        if (value instanceof Map<?, ?> object) {
            object.forEach((name, member) -> {
                if (!known.containsKey(name)) {
                    if (schema.get("additionalProperties") instanceof Map<?, ?> of) {
                        mistakes.addAll(mistakes(place + "." + name, of, member));
                    } else {
                        mistakes.add(place + ": " + name + " is not in the schema");
                    }
                }
            });
        }
    }
}
