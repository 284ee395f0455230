package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.peripherals.console.Console;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextFrontEndTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);

    /** A stream whose reader has gone. */
    private static OutputStream gone() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageIsWrittenAlthoughStandardOutputStillHoldsBytesThatItCannotWrite() throws IOException {
        OutputStream out = new BufferedOutputStream(gone(), 4);
        TextFrontEnd frontEnd = new TextFrontEnd(out, messages);
        frontEnd.output(Console.STANDARD_OUTPUT, bytes("abc"));
        frontEnd.output(Console.STANDARD_ERROR, bytes("cat: write error\n"));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("cat: write error\n");
        assertThatThrownBy(() -> frontEnd.output(Console.STANDARD_OUTPUT, bytes("de"))).isInstanceOf(IOException.class);
        assertThatThrownBy(out::flush).as("the loss is still known at the end").isInstanceOf(IOException.class);
    }

    @Test
    void aCommandThatFailedWithoutAMessageIsNamedAtTheEnd() throws IOException {
        TextFrontEnd frontEnd = new TextFrontEnd(OutputStream.nullOutputStream(), messages);
        frontEnd.begin("exec /bin/true").ended(0);
        frontEnd.begin("sleep 9").ended(130);
        CommandRun said = frontEnd.begin("cat none");
        said.output(Console.STANDARD_ERROR, bytes("cat: none\n"));
        said.ended(1);
        frontEnd.begin(" exec /bin/false ").ended(7);
        frontEnd.begin("exec /bin/false").ended(7);
        frontEnd.finish();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("cat: none\n'exec /bin/false' ended with status 7 "
                + "and no message; so did 1 more" + System.lineSeparator());
    }

    @Test
    void standardOutputIsWrittenBeforeTheMessageThatFollowsIt() throws IOException {
        TextFrontEnd frontEnd = new TextFrontEnd(new BufferedOutputStream(err), messages);
        frontEnd.output(Console.STANDARD_OUTPUT, bytes("one "));
        frontEnd.output(Console.STANDARD_ERROR, bytes("two"));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("one two");
    }
}
