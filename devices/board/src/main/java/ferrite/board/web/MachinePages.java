package ferrite.board.web;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.board.front.ReportJson;
import ferrite.debugport.http.WebPages;
import ferrite.hardware.Machine;
import ferrite.hardware.event.EventListener;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The pages of a machine. Reports have the JSON of {@link ReportJson}, as in every front end. */
public final class MachinePages implements WebPages {

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final JsonFactory factory = new JsonFactory();
    private final MachineEvents events;
    private final List<Page> pages = new ArrayList<>();
    private final List<String> paths;
    private final byte[] description;
    private final List<Follower> followers = new ArrayList<>();

    /** A sink that is told the machine's events. */
    private final class Follower implements EventListener {

        private final EventSink sink;

        Follower(EventSink sink) {
            this.sink = sink;
        }

        @Override
        public void happened(String kind, Violation.Moment when, Supplier<Report> facts) {
            try {
                sink.offer(() -> event(kind, when, facts));
            } catch (RuntimeException unreadable) {
                // The records that the facts are made from are damaged. The run must go on as without a listener.
            }
        }
    }

    /** The content of a JSON text. */
    @FunctionalInterface
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    /** @param monitor the machine's commands, all of them registered */
    public MachinePages(Machine machine, Monitor monitor) {
        events = machine.events();
        pages.add(new Page(PageTable.ROOT, "the list of pages", List.of(), values -> index()));
        pages.addAll(PageTable.of(machine, monitor));
        pages.add(new Page(OpenApi.PATH, "the description of the pages, as OpenAPI", List.of(), null));
        paths = pages.stream().map(Page::path).toList();
        description = json(json -> OpenApi.write(json, pages));
    }

    private Report index() {
        Report index = Report.of("pages");
        for (Page page : pages) {
            index.child(Report.of(page.path()).text("summary", page.summary())
                    .texts("parameters", page.parameters().stream().map(Parameter::name).toList()));
        }
        return index.child(Report.of(EVENTS).text("summary", "the events of the machine, as a WebSocket"));
    }

    @Override
    public List<String> paths() {
        return paths;
    }

    @Override
    public Answer page(String path, Map<String, String> parameters) {
        Page page = pages.get(paths.indexOf(path));
        String mistake = mistake(page, parameters);
        if (mistake != null) {
            return refusal(BAD_REQUEST, mistake);
        }
        if (page.inspector() == null) {
            return new Answer(OK, description);
        }
        try {
            Report report = page.inspector().look(parameters);
            return new Answer(OK, json(json -> ReportJson.write(json, report)));
        } catch (MonitorException nothing) {
            return refusal(page.parameters().isEmpty() ? UNAVAILABLE : BAD_REQUEST, nothing.getMessage());
        }
    }

    /** Returns the sentence about the first wrong parameter, or null. */
    private static String mistake(Page page, Map<String, String> values) {
        List<String> known = page.parameters().stream().map(Parameter::name).toList();
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                return "there is no parameter '" + name + "'; " + (known.isEmpty() ? "this page has none"
                        : "this page has " + String.join(", ", known));
            }
        }
        for (Parameter parameter : page.parameters()) {
            String value = values.get(parameter.name());
            if (value == null ? parameter.required() : parameter.parse(value) < 0) {
                return parameter.mistake();
            }
        }
        return null;
    }

    private Answer refusal(int status, String sentence) {
        return new Answer(status, error(status, sentence));
    }

    @Override
    public byte[] error(int status, String sentence) {
        return json(json -> {
            json.writeStartObject();
            json.writeNumberField("status", status);
            json.writeStringField("error", sentence);
            if (status == NOT_FOUND) {
                json.writeArrayFieldStart("paths");
                for (String path : paths) {
                    json.writeString(path);
                }
                json.writeString(EVENTS);
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    // ---- events ----

    @Override
    public void follow(EventSink sink) {
        Follower follower = new Follower(sink);
        followers.add(follower);
        events.add(follower);
    }

    @Override
    public void unfollow(EventSink sink) {
        for (Follower follower : List.copyOf(followers)) {
            if (follower.sink == sink) {
                followers.remove(follower);
                events.remove(follower);
            }
        }
    }

    private byte[] event(String kind, Violation.Moment when, Supplier<Report> facts) {
        return json(json -> {
            json.writeStartObject();
            json.writeStringField("kind", kind);
            json.writeNumberField("tick", when.ticks());
            json.writeNumberField("event", when.event());
            if (when.hart() != Violation.Moment.NO_HART) {
                json.writeNumberField("hart", when.hart());
            }
            json.writeObjectFieldStart("facts");
            ReportJson.writeFields(json, facts.get());
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    @Override
    public byte[] dropped(long count) {
        return json(json -> {
            json.writeStartObject();
            json.writeStringField("kind", "dropped");
            json.writeNumberField("count", count);
            json.writeEndObject();
        });
    }

    private byte[] json(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = factory.createGenerator(bytes)) {
            body.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array can always be written", e);
        }
        return bytes.toByteArray();
    }
}
