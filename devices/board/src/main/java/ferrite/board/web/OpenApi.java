package ferrite.board.web;

import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.debugport.http.WebPages;
import ferrite.hardware.event.MachineEvents;
import java.io.IOException;
import java.util.List;

/** The description of the pages in the form of OpenAPI 3.0. */
final class OpenApi {

    static final String PATH = PageTable.ROOT + "/openapi.json";

    private OpenApi() { }

    static void write(JsonGenerator json, List<Page> pages) throws IOException {
        json.writeStartObject();
        json.writeStringField("openapi", "3.0.3");
        json.writeObjectFieldStart("info");
        json.writeStringField("title", "Ferrite: the inspectors of a machine");
        json.writeStringField("version", "1");
        json.writeStringField("description", "Each page is looked at between two accesses of the machine, and changes "
                + "nothing in it. With --token each request needs the header 'Authorization: Bearer T'.");
        json.writeEndObject();
        json.writeObjectFieldStart("paths");
        for (Page page : pages) {
            path(json, page);
        }
        events(json);
        json.writeEndObject();
        components(json);
        json.writeEndObject();
    }

    private static void path(JsonGenerator json, Page page) throws IOException {
        json.writeObjectFieldStart(page.path());
        json.writeObjectFieldStart("get");
        json.writeStringField("summary", page.summary());
        json.writeArrayFieldStart("parameters");
        for (Parameter parameter : page.parameters()) {
            parameter(json, parameter);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("responses");
        boolean isReport = !page.path().equals(OpenApi.PATH);
        response(json, "200", isReport ? "the report" : "this description", isReport ? "Report" : null);
        if (!page.parameters().isEmpty()) {
            response(json, "400", "a parameter is wrong", "Error");
        }
        response(json, "503", "there is nothing to show yet, or the machine has ended", "Error");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void parameter(JsonGenerator json, Parameter parameter) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", parameter.name());
        json.writeStringField("in", "query");
        json.writeBooleanField("required", parameter.required());
        json.writeStringField("description", parameter.summary());
        json.writeObjectFieldStart("schema");
        if (parameter.kind() == Parameter.Kind.ADDRESS) {
            json.writeStringField("type", "string");
            json.writeStringField("pattern", "^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$");
        } else {
            json.writeStringField("type", "integer");
            json.writeNumberField("minimum", 0);
            json.writeNumberField("maximum", parameter.max());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void response(JsonGenerator json, String status, String description, String schema)
            throws IOException {
        json.writeObjectFieldStart(status);
        json.writeStringField("description", description);
        json.writeObjectFieldStart("content");
        json.writeObjectFieldStart("application/json");
        json.writeObjectFieldStart("schema");
        if (schema == null) {
            json.writeStringField("type", "object");
        } else {
            json.writeStringField("$ref", "#/components/schemas/" + schema);
        }
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void events(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(WebPages.EVENTS);
        json.writeObjectFieldStart("get");
        json.writeStringField("summary", "a WebSocket (RFC 6455) with the events, a text frame each");
        json.writeStringField("description", "An event is {\"kind\":K,\"tick\":T,\"event\":N,\"hart\":H,\"facts\":{}}, "
                + "with K one of " + String.join(", ", MachineEvents.KINDS) + ". The kinds "
                + String.join(", ", MachineEvents.TRACES) + " are told only after the monitor's 'trace on', the last "
                + "two only by the mini-kernel. At most 2000 events are sent a second. Of a client that falls behind, "
                + "or of a trace that is faster, events are dropped, and "
                + "{\"kind\":\"dropped\",\"count\":N} says how many.");
        json.writeObjectFieldStart("responses");
        json.writeObjectFieldStart("101");
        json.writeStringField("description", "the WebSocket begins");
        json.writeEndObject();
        response(json, "426", "the request asks for no WebSocket", "Error");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void components(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("components");
        json.writeObjectFieldStart("schemas");
        json.writeObjectFieldStart("Report");
        json.writeStringField("type", "object");
        json.writeStringField("description", "a name, the findings under their names, and reports below it as children;"
                + " addresses are strings such as 0xc0001000");
        json.writeArrayFieldStart("required");
        json.writeString("name");
        json.writeEndArray();
        json.writeObjectFieldStart("properties");
        string(json, "name");
        json.writeObjectFieldStart("children");
        json.writeStringField("type", "array");
        json.writeObjectFieldStart("items");
        json.writeStringField("$ref", "#/components/schemas/Report");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
        json.writeBooleanField("additionalProperties", true);
        json.writeEndObject();
        json.writeObjectFieldStart("Error");
        json.writeStringField("type", "object");
        json.writeObjectFieldStart("properties");
        string(json, "error");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void string(JsonGenerator json, String name) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("type", "string");
        json.writeEndObject();
    }
}
