package ferrite.board.front;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Supplier;

/** Lines of JSON (RFC 8259) for programs, an object each. {@link JsonSchemas} publishes their form. */
public final class JsonLines {

    private final JsonFactory factory = new JsonFactory();
    private final OutputStream out;
    private final Supplier<String> again;
    private IOException broken;

    /** @param again supplies the command line that repeats the run so far */
    public JsonLines(OutputStream out, Supplier<String> again) {
        this.out = out;
        this.again = again;
    }

    /** The members of a line's object. */
    @FunctionalInterface
    interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    /** Returns the reason why lines are lost; null if none is. */
    IOException broken() {
        return broken;
    }

    /** Prints a line. */
    void print(Body body) throws IOException {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            try (JsonGenerator json = factory.createGenerator(line)) {
                json.writeStartObject();
                body.write(json);
                json.writeEndObject();
            }
            line.write('\n');
            line.writeTo(out);
            out.flush();
        } catch (IOException unwritable) {
            broken = unwritable;
            throw unwritable;
        }
    }

    /** Prints a violation: its report, and the command line that repeats it. */
    public void violation(Violation violation) throws IOException {
        print(json -> {
            json.writeObjectFieldStart("violation");
            ReportJson.writeFields(json, violation.report());
            json.writeStringField("again", again.get());
            json.writeEndObject();
        });
    }

    /**
     * Prints the summary of a run.
     *
     * @param status       the exit status
     * @param reason       the reason of the end, as a sentence without its full stop
     * @param instructions the instructions since power-on, over all harts
     */
    public void end(int status, String reason, long instructions, Machine machine) throws IOException {
        Machine.Digest digest = machine.digest();
        print(json -> {
            json.writeObjectFieldStart("end");
            json.writeNumberField("status", status);
            json.writeStringField("reason", reason);
            json.writeNumberField("instructions", instructions);
            json.writeNumberField("tick", machine.clock().now());
            json.writeNumberField("events", digest.events());
            json.writeStringField("memory", digest.memory());
            json.writeStringField("schedule", digest.schedule());
            json.writeStringField("again", again.get());
            json.writeEndObject();
        });
    }
}
